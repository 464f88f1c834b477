package app

import (
	"context"
	"strconv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// IDs of the dialogs about the selected credentials.
const (
	bulkID       = "bulk"
	bulkDeleteID = "bulk-delete"
)

// bulkAction is what is done to all selected credentials.
type bulkAction string

// The actions.
const (
	bulkVerify   bulkAction = "verify"
	bulkTag      bulkAction = "tag"
	bulkUntag    bulkAction = "untag"
	bulkRotateBy bulkAction = "rotate_by"
	bulkShare    bulkAction = "share"
	bulkDelete   bulkAction = "delete"
	bulkImport   bulkAction = "import" // of the rows of a file
)

// listBulk does the same to all selected credentials: it asks for what it takes, and
// shows progress and results.
type listBulk struct {
	*form.Dialog // asks for tags, a date, or who may use them

	page      *credentialsPage
	selection *listSelection
	deletion  *form.Confirmation
	action    bulkAction // that the dialog is about
	run       *bulkRun   // the last one; nil for none
}

func newListBulk(p *credentialsPage, selection *listSelection) *listBulk {
	b := &listBulk{page: p, selection: selection, action: bulkTag}
	b.Dialog = &form.Dialog{
		Form: form.Form{Context: p.forms, Prefix: bulkID + "-", SummaryID: bulkID + "-summary", Describe: b.describe},
		ID:   bulkID, IDPrefix: bulkID + "-", SubmitID: bulkID + "-submit", Width: "medium", Submit: b.submit,
	}
	b.FirstFocus = func() string { return b.InputID(b.Fields[0]) }
	b.deletion = form.NewConfirmation(p.forms, bulkDeleteID, func() form.Input {
		return form.Input{Label: p.say("bulk.delete-label", p.number(len(selection.chosen))), Hint: p.say("bulk.delete-hint")}
	})
	b.deletion.Accepts = func(typed string) bool { return strings.TrimSpace(typed) == strconv.Itoa(len(selection.chosen)) }
	b.deletion.Mismatch = func() string { return p.say("bulk.delete-mismatch", strconv.Itoa(len(selection.chosen))) }
	b.deletion.Confirm = func() {
		b.deletion.Close()
		b.start(bulkDelete, func(ctx context.Context, c paycor.Credential) (string, error) {
			err := p.service.Delete(ctx, c.ID, "")
			if paycor.KindOf(err) == paycor.KindNotFound {
				err = nil
			}
			return p.say("bulk.result.delete"), err
		})
	}
	return b
}

// fields returns what the dialog asks for.
func (a bulkAction) fields() []fields.Field {
	switch a {
	case bulkRotateBy:
		return []fields.Field{fields.RotateBy}
	case bulkShare:
		return []fields.Field{fields.SharingPeople, fields.SharingGroups}
	}
	return []fields.Field{fields.Tags}
}

func (b *listBulk) describe(field fields.Field) form.Input {
	w := b.page.words
	switch field {
	case fields.RotateBy:
		return form.Input{Label: w.fieldLabel(field), Hint: w.say("bulk.rotate_by-hint"), Kind: "date"}
	case fields.SharingPeople, fields.SharingGroups:
		return describeSharingField(w, field)
	}
	return form.Input{Label: w.fieldLabel(field), Hint: w.say("bulk.tags-hint")}
}

// ask opens the dialog of an action.
func (b *listBulk) ask(action bulkAction) {
	b.action, b.Fields = action, action.fields()
	b.page.setStatus("", nil)
	b.Open(bulkButton(action), b.Clear)
}

// bulkButton returns the ID of the button of an action.
func bulkButton(action bulkAction) string { return "bulk-do-" + string(action) }

// running reports whether a run is under way.
func (b *listBulk) running() bool { return b.run != nil && b.run.running() }

// begin starts an action, or asks for what it takes.
func (b *listBulk) begin(action bulkAction) {
	switch {
	case len(b.selection.chosen) == 0 || b.running():
	case action == bulkDelete:
		b.deletion.Open(bulkButton(action))
	case action == bulkVerify:
		b.start(action, func(ctx context.Context, c paycor.Credential) (string, error) {
			verdict, err := b.page.service.Verify(ctx, c.ID, nil)
			return stateText(b.page.words, c.WithVerdict(verdict)), err
		})
	default:
		b.ask(action)
	}
}

// submit starts the action of the dialog.
func (b *listBulk) submit() {
	if !b.IsOpen() || b.IsBusy() {
		return
	}
	b.ResetResult()
	change, problems := b.change()
	if b.Problems = problems; len(problems) > 0 {
		b.FocusSummary()
		return
	}
	b.Close()
	b.start(b.action, change)
}

// change returns what the dialog's action does to one credential.
func (b *listBulk) change() (change func(context.Context, paycor.Credential) (string, error), problems []fields.Problem) {
	switch b.action {
	case bulkRotateBy:
		day := paycor.Day(b.Value(fields.RotateBy))
		return func(ctx context.Context, c paycor.Credential) (string, error) {
			_, err := b.page.service.Update(ctx, c.ID, paycor.Patch{RotateBy: &day}, paycor.UpdateOptions{SkipVerify: true})
			return b.page.say("bulk.result.saved"), err
		}, nil
	case bulkShare:
		sharing := typedSharing(b.Value)
		return func(ctx context.Context, c paycor.Credential) (string, error) {
			_, err := b.page.service.Share(ctx, c.ID, &sharing, "")
			return b.page.say("sharing.mark"), err
		}, sharing.Check()
	}
	typed := paycor.Draft{Tags: paycor.Tags(b.Value(fields.Tags))}.Clean().Tags
	if typed == "" {
		return nil, []fields.Problem{{Field: fields.Tags, Code: fields.ProblemRequired, Message: message.New("problem.required", fields.Tags.Label())}}
	}
	combine := paycor.Tags.With
	if b.action == bulkUntag {
		combine = paycor.Tags.Without
	}
	return func(ctx context.Context, c paycor.Credential) (string, error) {
		return b.changeTags(ctx, c.ID, func(tags paycor.Tags) paycor.Tags { return combine(tags, typed) })
	}, nil
}

// changeTags changes the tags that a credential has now. It begins again if somebody else
// changes the credential meanwhile.
func (b *listBulk) changeTags(ctx context.Context, id string, to func(paycor.Tags) paycor.Tags) (string, error) {
	for {
		now, err := b.page.service.Credential(ctx, id)
		if err != nil {
			return "", err
		}
		tags := to(now.Tags)
		_, err = b.page.service.Update(ctx, id, paycor.Patch{Tags: &tags}, paycor.UpdateOptions{IfMatch: now.ETag(), SkipVerify: true})
		if paycor.KindOf(err) != paycor.KindStale || ctx.Err() != nil {
			return b.page.say("bulk.result.saved"), err
		}
	}
}

// start starts an action with the selected credentials. Those that fail stay selected.
func (b *listBulk) start(action bulkAction, do func(context.Context, paycor.Credential) (string, error)) {
	b.startWith(action, b.selection.all(), do)
}

// startWith starts an action with credentials.
func (b *listBulk) startWith(action bulkAction, credentials []paycor.Credential, do func(context.Context, paycor.Credential) (string, error)) {
	b.page.setStatus("", nil)
	b.run = &bulkRun{page: b.page, action: action, do: do, ended: func(left []paycor.Credential) {
		if action != bulkImport {
			b.selection.keep(left)
		}
		b.selection.list.refresh()
		b.page.loop.AfterRender(func() {
			if focused := b.page.document.Focused(); focused == "" || focused == "bulk-cancel" {
				b.page.document.Focus("bulk-dismiss")
			}
		})
	}}
	b.page.loop.AfterRender(func() { b.page.document.Focus("bulk-cancel") }) // the buttons are gone
	b.run.start(credentials)
}

// render renders the buttons for the selected credentials.
func (b *listBulk) render() goapp.UI {
	if len(b.selection.chosen) == 0 || b.running() {
		return dom.Slot()
	}
	w := b.page.words
	button := func(action bulkAction, style string) goapp.UI {
		return dom.Button(style, bulkButton(action), w.say("bulk."+string(action)), dom.Click(bulkButton(action), func() { b.begin(action) }))
	}
	parts := []any{dom.Class("bulk-bar"), dom.Attr("role", "group"), dom.Attr("aria-label", w.say("bulk.actions")),
		dom.El("p", dom.Class("bulk-count"), dom.Attr("role", "status"), b.selection.countText()), b.selection.renderAll(),
		dom.Button("quiet", "select-none", w.say("list.select-none"), dom.Click("select-none", b.selection.clear)),
		button(bulkVerify, "small"), button(bulkTag, "small"), button(bulkUntag, "small"), button(bulkRotateBy, "small"), button(bulkShare, "small")}
	if b.page.can(paycor.RightAdmin) {
		parts = append(parts, button(bulkDelete, "small danger-quiet"))
	}
	return dom.Slot(dom.El("div", parts...))
}

// renderRun renders progress and results of the last run.
func (b *listBulk) renderRun() goapp.UI {
	if b.run == nil {
		return dom.Slot()
	}
	return dom.Slot(b.run.render(func() {
		b.run = nil
		b.page.document.Focus("table")
	}))
}

// renderDialogs renders the dialogs, which are always in the document.
func (b *listBulk) renderDialogs() []any {
	w, count := b.page.words, b.page.number(len(b.selection.chosen))
	var inputs []any
	for _, field := range b.action.fields() {
		if field == fields.SharingPeople || field == fields.SharingGroups {
			inputs = append(inputs, b.RenderTextarea(field, "3", ""))
			continue
		}
		inputs = append(inputs, b.RenderInput(field, "", nil))
	}
	var names []any
	all := b.selection.all()
	for _, credential := range all[:min(len(all), 10)] {
		names = append(names, dom.El("li", credential.Name+" ", dom.El("span", dom.Class("muted"), entity(w, credential))))
	}
	if more := len(all) - 10; more > 0 {
		names = append(names, dom.El("li", w.count(more, "tags.more")))
	}
	return []any{
		b.Render(form.View{
			Title: w.say("bulk.title", w.say("bulk."+string(b.action)), count), Submit: w.say("bulk." + string(b.action)),
			Body: append([]any{b.RenderSummary(w.say("summary.failed"), nil), dom.El("p", w.say("bulk.words."+string(b.action)))}, dom.El("div", append([]any{dom.Class("stack")}, inputs...)...)),
		}),
		b.deletion.Render(form.View{
			Title: w.say("bulk.title", w.say("bulk.delete"), count), Submit: w.say("bulk.delete"), Danger: true,
			Body: []any{dom.El("p", w.say("bulk.words.delete")), dom.El("ul", append([]any{dom.Class("covered")}, names...)...), b.deletion.RenderInput()},
		}),
	}
}

package app

import (
	"context"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/application"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

const (
	importID     = "import"
	importButton = "import-open"

	// importText is the field of the text to import.
	importText fields.Field = "text"

	// maxImportRows is how many rows an import takes.
	maxImportRows = 2000
)

// importDialog imports names, descriptions, tags, owners and legal entities from CSV or
// JSON. It first says what would change, and changes that when it is asked again.
type importDialog struct {
	*form.Dialog

	page  *credentialsPage
	bulk  *listBulk
	steps []importStep // of the text as it was checked; nil before
}

func newImportDialog(p *credentialsPage, bulk *listBulk) *importDialog {
	d := &importDialog{page: p, bulk: bulk}
	d.Dialog = &form.Dialog{
		Form: form.Form{
			Context: p.forms, Prefix: importID + "-", SummaryID: importID + "-summary", Fields: []fields.Field{importText},
			Describe: func(fields.Field) form.Input {
				return form.Input{Label: p.say("import.text"), Hint: p.say("import.text-hint", strings.Join(importColumns, ", "))}
			},
		},
		ID: importID, IDPrefix: importID + "-", SubmitID: importID + "-submit", Width: "medium", Submit: d.submit,
		Changed: func(string) { d.steps = nil },
		Closed:  func() { d.steps = nil },
	}
	d.FirstFocus = func() string { return "import-file" }
	return d
}

// ask opens the dialog.
func (d *importDialog) ask() {
	d.steps = nil
	d.page.setStatus("", nil)
	d.Open(importButton, d.Clear)
}

// take puts the text of a chosen file into the form and checks it.
func (d *importDialog) take(file goapp.Value) {
	d.steps = nil
	d.Loop.Async(func() {
		text, err := dom.Await(d.page.ctx, file.Call("text"))
		d.Loop.Update(func() {
			if err != nil {
				d.fail(message.New("import.unreadable"))
				return
			}
			d.SetValue(importText, text.String())
			d.SetDirty()
			d.check()
		})
	})
}

// submit checks the text, and imports it once it was checked.
func (d *importDialog) submit() {
	switch {
	case !d.IsOpen() || d.IsBusy():
	case d.steps == nil:
		d.check()
	case d.acting() > 0:
		d.run()
	}
}

// fail shows why the text cannot be imported.
func (d *importDialog) fail(why message.Message) {
	d.Problems = []fields.Problem{{Field: importText, Message: why}}
	d.FocusSummary()
}

// check reads what the rows are about and says what would change. It changes nothing.
func (d *importDialog) check() {
	d.ResetResult()
	rows, err := parseImport(d.Value(importText))
	switch {
	case err == errImportColumns:
		d.fail(message.New("import.columns"))
		return
	case err != nil:
		d.fail(message.New("import.unreadable"))
		return
	case len(rows) > maxImportRows:
		d.fail(message.New("import.too-many", maxImportRows))
		return
	}
	ctx := d.Start(d.page.ctx, true)
	d.Loop.Async(func() {
		known, err := d.known(ctx, rows)
		d.Loop.Update(func() {
			d.Finish()
			switch {
			case ctx.Err() != nil && err != nil: // it was canceled
			case err != nil:
				d.ShowError(err)
				d.FocusSummary()
			default:
				d.steps = d.page.plan(rows, known)
				d.Loop.AfterRender(func() { d.Document.Focus("import-plan") })
			}
		})
	})
}

// known reads the credentials and applications that rows are about.
func (d *importDialog) known(ctx context.Context, rows []importRow) (importKnown, error) {
	known := importKnown{map[string]paycor.Credential{}, map[string]application.Application{}, d.page.start.Environments}
	var ids, applications []string
	for _, row := range rows {
		if id := row["id"]; id != "" {
			ids = append(ids, id)
		} else if id := row["application_id"]; id != "" && !slices.Contains(applications, id) {
			applications = append(applications, id)
		}
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return !paycor.IsCredentialID(id) })
	for some := range slices.Chunk(ids, api.MaxNames) {
		page, err := d.page.service.Credentials(ctx, paycor.Query{IDs: some, Limit: len(some)})
		if err != nil {
			return known, err
		}
		for _, credential := range page.Credentials {
			known.credentials[credential.ID] = credential
		}
	}
	for _, id := range applications {
		found, err := d.page.service.Application(ctx, id)
		if paycor.KindOf(err) == paycor.KindNotFound {
			continue
		}
		if err != nil {
			return known, err
		}
		known.applications[id] = found
	}
	return known, nil
}

// acting returns how many rows change something.
func (d *importDialog) acting() (n int) {
	for _, step := range d.steps {
		if step.acts() {
			n++
		}
	}
	return n
}

// run does what the plan says, row by row, because several may be about one application.
func (d *importDialog) run() {
	steps := map[string]importStep{}
	var credentials []paycor.Credential
	for _, step := range d.steps {
		if !step.acts() {
			continue
		}
		if step.isNew() {
			step.credential.ID = newKey() // tells the rows apart; it has none before it is saved
			if id, err := step.draft.LegalEntityID.LegalEntityID(); err == nil {
				step.credential.LegalEntityID = id
			}
		}
		steps[step.credential.ID] = step
		credentials = append(credentials, step.credential)
	}
	d.Close()
	d.bulk.startWith(bulkImport, credentials, func(ctx context.Context, c paycor.Credential) (string, error) {
		step := steps[c.ID]
		if step.application != "" {
			_, err := d.page.service.Create(ctx, step.draft, paycor.CreateOptions{SkipVerify: true, ApplicationID: step.application, IdempotencyKey: c.ID})
			return d.page.say("import.added"), err
		}
		patch := step.draft.PatchFrom(step.credential.Draft())
		_, err := d.page.service.Update(ctx, c.ID, patch, paycor.UpdateOptions{SkipVerify: true})
		return d.page.say("bulk.result.saved"), err
	})
}

// renderButton renders the button that opens the dialog.
func (d *importDialog) renderButton() any {
	if !d.page.canAdd() {
		return nil
	}
	return dom.Button("quiet", importButton, d.page.say("import"), dom.Attr("aria-haspopup", "dialog"), dom.Click(importButton, d.ask))
}

func (d *importDialog) render() goapp.UI {
	w := d.page.words
	view := form.View{Title: w.say("import.title"), Submit: w.say("import.check"), Body: []any{
		d.RenderSummary(w.say("summary.failed"), nil),
		dom.El("p", w.say("import.words")),
		dom.El("div", dom.Class("field"), dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", "import-file"), w.say("import.file"))),
			dom.El("input", dom.Attr("type", "file"), dom.Attr("id", "import-file"), dom.Attr("accept", ".csv,.json,text/csv,application/json"),
				dom.On("change", "import-file", func(event goapp.Event) {
					if file := event.Get("target").Get("files").Index(0); file.Truthy() {
						d.take(file)
					}
				}))),
		d.RenderTextarea(importText, "6", ""),
		d.renderPlan(),
	}}
	switch {
	case d.IsBusy():
		view.Status = w.say("import.checking")
	case d.steps != nil && d.acting() > 0:
		view.Submit = w.count(d.acting(), "import.go")
	case d.steps != nil:
		view.Submit = ""
	}
	return d.Render(view)
}

// renderPlan says what the import changes: first how much, then each row that changes
// something or cannot be imported.
func (d *importDialog) renderPlan() goapp.UI {
	if d.steps == nil {
		return dom.Slot()
	}
	w := d.page.words
	var problems, changes []importStep
	for _, step := range d.steps {
		switch {
		case step.problem != "":
			problems = append(problems, step)
		case step.acts():
			changes = append(changes, step)
		}
	}
	stay := len(d.steps) - len(problems) - len(changes)
	items := []any{dom.Class("bulk-results")}
	listed := append(problems, changes...)
	for _, step := range listed[:min(len(listed), shownResults)] {
		items = append(items, dom.El("li", dom.El("strong", w.say("import.row", w.number(step.number), step.credential.Name)), " ", d.stepText(step)))
	}
	if more := len(listed) - shownResults; more > 0 {
		items = append(items, dom.El("li", w.count(more, "tags.more")))
	}
	return dom.Slot(dom.El("section", dom.Attr("id", "import-plan"), dom.Attr("tabindex", "-1"), dom.Class("stack"), dom.Attr("aria-label", w.say("import.plan")),
		dom.El("p", dom.Class("notice-title"), w.say("import.counts", w.number(len(changes)), w.number(stay), w.number(len(problems)))),
		dom.El("ul", items...)))
}

// stepText says what a step does.
func (d *importDialog) stepText(step importStep) goapp.UI {
	switch {
	case step.problem != "":
		return dom.El("span", dom.Class("error"), step.problem)
	case step.isNew():
		return dom.El("span", d.page.say("import.new"))
	}
	labels := make([]string, len(step.changed))
	for i, field := range step.changed {
		labels[i] = d.page.fieldLabel(field)
	}
	return dom.El("span", d.page.say("import.changes", strings.Join(labels, ", ")))
}

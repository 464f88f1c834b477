package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/form"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// replacement is the editor's question whether to replace saved secrets that
// work, or may work, by new ones that Paycor does not accept.
type replacement struct {
	editor   *editor
	checking bool // the server checks the saved ones
	refused  *paycor.Error
	changed  []fields.Field // what was to be replaced
	programs []string       // that used the credential within a day
	kept     bool           // the saved ones were kept, and other changes are not saved yet
}

func (r *replacement) reset() { *r = replacement{editor: r.editor} }

// mayLose reports whether saving the draft after this verdict may lose secrets
// that work.
func (r *replacement) mayLose(draft paycor.Draft, verdict verdicts.Verdict) bool {
	e := r.editor
	saved := e.base.LastConclusive
	return e.operation == opUpdate && len(e.patch(draft).Identifying()) > 0 && !verdict.AcceptsSecrets() &&
		(verdict.Outcome == verdicts.OutcomeRejected || saved != nil && saved.AcceptsSecrets())
}

// check asks the server to replace the saved secrets. The server does so only if no
// working secret is lost, and otherwise answers with the verdicts on both.
func (r *replacement) check(draft paycor.Draft) {
	e := r.editor
	ctx := e.Start(e.page.ctx, true)
	r.checking = true
	patch := e.patch(draft)
	options := paycor.UpdateOptions{IfMatch: cmp.Or(e.ifMatch, e.base.ETag()), AcceptWarnings: e.acceptWarnings}
	e.Loop.Async(func() {
		saved, err := e.page.service.Update(ctx, e.base.ID, patch, options)
		programs := r.recentPrograms(ctx)
		e.Loop.Update(func() {
			if !e.IsOpen() || !e.IsBusy() {
				return
			}
			e.Finish()
			r.checking = false
			if err == nil {
				e.saved(saved, patch)
				return
			}
			e.fail(err)
			r.programs = programs
		})
	})
}

// recentPrograms returns the names of programs that used the credential within
// a day, and none if that cannot be read.
func (r *replacement) recentPrograms(ctx context.Context) []string {
	used, err := r.editor.page.service.Usage(ctx, r.editor.base.ID)
	if err != nil {
		return nil
	}
	var names []string
	for _, user := range used.Users {
		if user.Kind == paycor.CallerConsumer && user.Ended == "" && r.editor.page.now().Sub(user.LastUsedAt) < usage.Hours*time.Hour {
			names = append(names, user.Name)
		}
	}
	return names
}

// ask shows why the saved ones were not replaced, and asks what to do. Where
// they do not work either, it is an ordinary rejection.
func (r *replacement) ask(refused *paycor.Error) {
	e := r.editor
	e.Verdict, e.steps = refused.Verdict, refused.Verdict.Steps
	e.entities.found = refused.Verdict.Entities
	r.refused, r.changed = refused, e.patch(e.draft()).Identifying()
	e.blocker = blockReplace
	if saved := refused.SavedVerdict; saved != nil && saved.Outcome.Conclusive() && !saved.AcceptsSecrets() {
		e.blocker = blockNotVerified
	}
}

// keep keeps the saved ones. Without other changes there is nothing to save.
func (r *replacement) keep() {
	e, secrets := r.editor, r.replacesSecrets()
	for _, field := range r.changed {
		if field.Secret() {
			e.secrets.forget(field)
			continue
		}
		e.SetValue(field, e.base.Draft().Value(field))
	}
	e.environment = e.base.Environment
	e.resetAttempt()
	if len(e.patch(e.draft()).Fields()) == 0 {
		e.Close()
		kept := r.editor.page.say("edit.unchanged", e.base.Name)
		if secrets {
			kept = r.editor.page.say("replace.kept", e.base.Name)
		}
		e.page.setStatus(kept, nil)
		return
	}
	r.kept = true
	e.Loop.AfterRender(func() { e.Document.Focus(e.SubmitID) })
}

// notice asks whether to keep the saved ones.
func (r *replacement) notice() *form.Notice {
	e := r.editor
	body := []any{e.page.renderVerdictHelp("draft", e.page.environment(e.environment), e.base.ID, *e.Verdict), e.renderBlamedFields()}
	if len(r.programs) > 0 {
		programs := strings.Join(r.programs, ", ")
		calls := r.editor.page.say("replace.may-fail", programs)
		if e.Verdict.Outcome.Conclusive() {
			calls = r.editor.page.say("replace.fail", programs)
		}
		body = append(body, dom.El("p", dom.Attr("id", "replace-programs"), calls))
	}
	return &form.Notice{
		Title: r.editor.page.errorText(r.refused), Severe: e.Verdict.Outcome == verdicts.OutcomeRejected,
		Body: append(body, dom.El("p", r.consequence()), r.renderChoice()),
	}
}

// consequence says what happens to the saved secrets.
func (r *replacement) consequence() string {
	switch activated := r.editor.base.HasRefreshToken; {
	case !r.moves() && !r.savedWorks() && r.editor.base.Rotation != nil:
		return r.editor.page.say("replace.keeps-last") // for as long as was chosen in that rotation
	case !r.moves():
		return r.editor.page.say("replace.keeps")
	case r.replacesSecrets() && activated:
		return r.editor.page.say("replace.deletes-all")
	case r.replacesSecrets():
		return r.editor.page.say("replace.deletes")
	case activated:
		return r.editor.page.say("replace.deactivates")
	}
	return r.editor.page.say("replace.reversible")
}

func (r *replacement) replacesSecrets() bool {
	return slices.ContainsFunc(r.changed, fields.Field.Secret)
}

// moves reports whether the new values are for another application, under which
// the saved secrets cannot be kept.
func (r *replacement) moves() bool {
	return slices.ContainsFunc(r.changed, func(field fields.Field) bool { return !field.Secret() })
}

// savedWorks reports whether Paycor accepted the saved ones when it was last asked.
func (r *replacement) savedWorks() bool {
	saved := r.refused.SavedVerdict
	return saved != nil && saved.AcceptsSecrets()
}

func (r *replacement) renderChoice() goapp.UI {
	keep := r.editor.page.say("replace.keep-saved")
	if !r.replacesSecrets() {
		keep = r.editor.page.say("keep")
	} else if r.editor.Verdict.Outcome.Conclusive() && r.savedWorks() {
		keep = r.editor.page.say("replace.keep")
	}
	return dom.El("p", dom.Class("actions"),
		dom.Button("primary", "replace-keep", keep, dom.Click("replace-keep", r.keep)),
		dom.Button("danger-quiet", "replace-anyway", r.editor.page.say("replace.anyway"), dom.Click("replace-anyway", r.editor.saveAnyway)))
}

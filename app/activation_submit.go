package app

import (
	"context"
	"errors"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// submit activates by the chosen method. A press while it works does nothing.
func (a *activationDialog) submit() {
	if !a.IsOpen() || a.IsBusy() {
		return
	}
	a.resetResult()
	switch {
	case a.method == methodPaycor && a.page.embedded():
		a.continueInWindow()
		return
	case a.method == methodPaycor:
		a.continueToPaycor()
		return
	}
	answer := a.answer()
	a.Problems = answer.Check()
	if answer == (paycor.ActivationAnswer{}) { // nothing is typed, so Check cannot know the method
		a.Problems = nil
		for _, field := range a.method.fields() {
			a.Problems = append(a.Problems, fields.Problem{Field: field, Code: fields.ProblemRequired, Message: message.New("activate.enter", field.Label())})
		}
	}
	if len(a.Problems) > 0 {
		a.FocusSummary()
		return
	}
	ctx := a.Start(a.page.ctx, false)
	a.status = a.page.say("activate.running")
	a.page.loop.Async(func() {
		saved, err := a.page.service.Activate(ctx, a.credential.ID, answer, nil)
		a.page.loop.Update(func() {
			if err != nil {
				a.fail(err)
				return
			}
			a.activated(saved.Credential)
		})
	})
}

// continueToPaycor saves a changed Scope ID and opens Paycor's page.
func (a *activationDialog) continueToPaycor() {
	a.withScope(a.page.say("activate.starting"), func(ctx context.Context) {
		begun, err := a.page.service.StartActivation(ctx, a.credential.ID, a.redirectURI())
		a.page.loop.Update(func() {
			if err != nil {
				a.fail(err)
				return
			}
			// The dialog stays usable, because the browser's Back button returns to it.
			a.Finish()
			a.status = a.page.say("activate.opening")
			a.page.document.Open(begun.StartURL)
		})
	}, func() {})
}

// continueInWindow opens Paycor's page in a window of its own: it cannot be framed, and it
// comes back to a browser that is signed in. The window begins with an activation link, of
// which the person of the frame may be no user. Where the browser blocks the window, the
// link is there to copy.
func (a *activationDialog) continueInWindow() {
	window := a.page.document.OpenWindow()
	if window == nil {
		a.links.create(a.page.say("activate.window.blocked"))
		return
	}
	a.withScope(a.page.say("activate.starting"), func(ctx context.Context) {
		link, err := a.page.service.CreateActivationLink(ctx, a.credential.ID)
		a.page.loop.Update(func() {
			if err != nil {
				window.Close()
				a.fail(err)
				return
			}
			a.Finish()
			a.inWindow, a.status = true, a.page.say("activate.window")
			window.Open(link.URL)
		})
	}, window.Close)
}

// follow closes the dialog once its credential was activated in the window and verified: what
// is said then is about the result. Between the two it has no verdict.
func (a *activationDialog) follow(credential paycor.Credential) {
	if !a.inWindow || !a.IsOpen() || !credential.ActivatedAt.After(a.credential.ActivatedAt) || credential.Verdict == nil {
		return
	}
	a.inWindow = false
	a.activated(credential)
}

// withScope saves a changed Scope ID, if the dialog shows it, and then goes on in the
// background. The dialog is busy until then ends. Where it cannot go on, it calls otherwise.
func (a *activationDialog) withScope(status string, then func(context.Context), otherwise func()) {
	draft := a.credential.Draft()
	if a.Visible(fields.Scope) {
		draft.Scope = a.Value(fields.Scope)
		draft = draft.Clean()
		a.Problems = a.scopeProblems(draft)
	}
	if len(a.Problems) > 0 {
		otherwise()
		a.FocusSummary()
		return
	}
	ctx := a.Start(a.page.ctx, false)
	a.status = status
	a.page.loop.Async(func() {
		if a.saveScope(ctx, draft) {
			then(ctx)
		} else {
			a.page.loop.Update(otherwise)
		}
	})
}

// saveScope saves a changed Scope ID and reports whether Paycor did not reject it.
func (a *activationDialog) saveScope(ctx context.Context, draft paycor.Draft) bool {
	if draft.Scope == a.credential.Scope {
		return true
	}
	saved, err := a.page.service.Update(ctx, a.credential.ID, paycor.Patch{Scope: &draft.Scope},
		paycor.UpdateOptions{IfMatch: a.credential.ETag(), AcceptWarnings: true})
	if err != nil {
		a.page.loop.Update(func() { a.fail(err) })
		return false
	}
	a.page.loop.Update(func() { a.scopeSaved(saved.Credential) })
	if verdict := saved.Verdict; verdict != nil && slices.Contains(verdict.Fields, fields.Scope) {
		a.page.loop.Update(func() { a.rejected(*verdict) })
		return false
	}
	return true
}

// scopeSaved shows the credential with its new Scope ID.
func (a *activationDialog) scopeSaved(credential paycor.Credential) {
	a.credential = credential
	a.page.detail.show(credential)
	a.page.changes.broadcast(events.Change{ID: credential.ID, Action: audit.ActionUpdate})
}

// redirectURI returns the address of this server that Paycor sends the browser to.
func (a *activationDialog) redirectURI() string { return a.page.document.Origin() + callbackPath }

func (a *activationDialog) scopeProblems(draft paycor.Draft) []fields.Problem {
	if draft.Scope == "" {
		return []fields.Problem{{Field: fields.Scope, Code: fields.ProblemRequired, Message: message.New("activate.scope")}}
	}
	report := paycor.Check(draft, paycor.Rules{
		Environments: a.page.start.Environments, StoredEnvironment: a.credential.Environment,
		Stored: []fields.Field{fields.ClientSecret, fields.SubscriptionKey},
	})
	return slices.DeleteFunc(report.Problems, func(p fields.Problem) bool { return p.Field != fields.Scope })
}

// activated closes the dialog, and shows the new verdict and which credentials follow.
func (a *activationDialog) activated(credential paycor.Credential) {
	a.Finish()
	a.Close()
	a.page.detail.show(credential)
	status := withUsers(a.page.words, a.page.say("activated."+string(credential.State), credential.Name), a.page.detail.application)
	a.page.setStateStatus(status, credential.State, nil)
	a.page.changes.broadcast(events.Change{ID: credential.ID, Action: audit.ActionActivate})
}

// fail shows why an attempt failed. What was typed stays, unless it works only
// once.
func (a *activationDialog) fail(err error) {
	a.Finish()
	a.status = ""
	var known *paycor.Error
	switch {
	case errors.As(err, &known) && known.Verdict != nil:
		a.rejected(*known.Verdict)
		return
	case paycor.KindOf(err) == paycor.KindStale:
		a.Failure = a.page.say("activate.stale")
		a.reload()
	default:
		a.ShowError(err)
	}
	a.FocusSummary()
}

// rejected shows Paycor's verdict.
func (a *activationDialog) rejected(verdict verdicts.Verdict) {
	if !verdict.Outcome.Conclusive() { // its remedy is to verify again, which does not activate
		verdict.Remedy = message.New("activate.later." + string(a.method))
	}
	a.Finish()
	a.status, a.Verdict = "", &verdict
	switch verdict.Code {
	case verdicts.CodeCodeRefused, verdicts.CodeCodeExpired, verdicts.CodeVerifierMismatch, verdicts.CodeRedirectMismatch, verdicts.CodeNoRefreshToken:
		a.clearSpent(fields.Code, fields.CodeVerifier)
	case verdicts.CodeRefreshUsed, verdicts.CodeRefreshLost:
		a.clearSpent(fields.RefreshToken)
	}
	a.FocusSummary()
}

// clearSpent clears values that Paycor accepts only once, and says so.
func (a *activationDialog) clearSpent(names ...fields.Field) {
	if !slices.Contains(a.method.fields(), names[0]) {
		return
	}
	for _, field := range names {
		a.SetValue(field, "")
		a.Conceal(field)
	}
	a.spent = a.page.say("activate.spent." + string(names[0]))
}

// reload reads the credential again after somebody else changed it.
func (a *activationDialog) reload() {
	a.page.loop.Async(func() {
		credential, err := a.page.service.Credential(a.page.ctx, a.credential.ID)
		a.page.loop.Update(func() {
			if err == nil && a.IsOpen() {
				a.credential = credential
				a.page.detail.show(credential)
			}
		})
	})
}

package app

import (
	"errors"
	"slices"

	"paycorcred/app/client"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// submit goes the chosen way. A press while it works does nothing.
func (a *activationDialog) submit() {
	if !a.open || a.working {
		return
	}
	a.settle()
	if a.method == methodPaycor {
		a.depart()
		return
	}
	answer := a.answer()
	a.problems = answer.Check()
	if answer == (paycor.ActivationAnswer{}) { // nothing is typed, so Check cannot know the way
		a.problems = nil
		for _, field := range a.method.fields() {
			a.problems = append(a.problems, fields.Problem{Field: field, Code: fields.ProblemRequired, Message: say("activate.enter", field.Label())})
		}
	}
	if len(a.problems) > 0 {
		a.point()
		return
	}
	a.working, a.doing = true, say("activate.running")
	a.page.loop.Async(func() {
		credential, err := a.page.service.Activate(a.page.ctx, a.credential.ID, answer, nil)
		a.page.loop.Update(func() {
			if err != nil {
				a.fail(err)
				return
			}
			a.done(credential)
		})
	})
}

// depart saves the Scope ID where it is another one, and leaves for Paycor.
func (a *activationDialog) depart() {
	draft := a.credential.Draft()
	draft.Scope = a.value(fields.Scope)
	draft = draft.Clean()
	a.problems = a.scopeProblems(draft)
	if len(a.problems) > 0 {
		a.point()
		return
	}
	a.working, a.doing = true, say("activate.starting")
	a.page.loop.Async(func() {
		if draft.Scope != a.credential.Scope {
			saved, err := a.page.service.Update(a.page.ctx, a.credential.ID, paycor.Patch{Scope: &draft.Scope},
				paycor.UpdateOptions{IfMatch: a.credential.ETag(), AcceptWarnings: true})
			if err != nil {
				a.page.loop.Update(func() { a.fail(err) })
				return
			}
			blamed := false
			a.page.loop.Update(func() { a.rescoped(saved.Credential) })
			if verdict := saved.Verdict; verdict != nil {
				blamed = slices.Contains(verdict.Fields, fields.Scope)
			}
			if blamed {
				a.page.loop.Update(func() { a.refused(*saved.Verdict) })
				return
			}
		}
		begun, err := a.page.service.StartActivation(a.page.ctx, a.credential.ID, a.redirectURI())
		a.page.loop.Update(func() {
			if err != nil {
				a.fail(err)
				return
			}
			// The person may come back by the browser's own button, to this
			// page as it was left.
			a.working, a.doing = false, say("activate.opening")
			a.page.document.Open(begun.AuthorizeURL)
		})
	})
}

// rescoped takes the credential with its new Scope ID.
func (a *activationDialog) rescoped(credential paycor.Credential) {
	a.credential = credential
	a.page.detail.show(credential)
	a.page.changes.broadcast(events.Change{ID: credential.ID, Action: audit.ActionUpdate})
}

// redirectURI is the address of this server that Paycor sends the browser to.
func (a *activationDialog) redirectURI() string { return a.page.document.Origin() + callbackPath }

func (a *activationDialog) scopeProblems(draft paycor.Draft) []fields.Problem {
	if draft.Scope == "" {
		return []fields.Problem{{Field: fields.Scope, Code: fields.ProblemRequired, Message: say("activate.scope")}}
	}
	report := paycor.Check(draft, paycor.Rules{
		Environments: a.page.start.Environments, StoredEnvironment: a.credential.Environment,
		Stored: []fields.Field{fields.ClientSecret, fields.SubscriptionKey},
	})
	return slices.DeleteFunc(report.Problems, func(p fields.Problem) bool { return p.Field != fields.Scope })
}

// done closes the dialog after an activation and shows what Paycor says now.
func (a *activationDialog) done(credential paycor.Credential) {
	a.working = false
	a.close()
	a.page.detail.show(credential)
	a.page.setStateStatus(say("activated."+string(credential.State), credential.Name), credential.State, nil)
	a.page.changes.broadcast(events.Change{ID: credential.ID, Action: audit.ActionActivate})
}

// fail shows why an attempt came to nothing. What was typed stays, but for
// what cannot work a second time.
func (a *activationDialog) fail(err error) {
	a.working, a.doing = false, ""
	var known *paycor.Error
	switch {
	case errors.As(err, &known) && known.Verdict != nil:
		a.refused(*known.Verdict)
		return
	case errors.As(err, &known) && len(known.Problems) > 0:
		a.problems = known.Problems
	case paycor.KindOf(err) == paycor.KindStale:
		a.failure = say("activate.stale")
		a.reload()
	default:
		a.failure, a.session = client.ErrorText(err), client.IsSignedOut(err)
	}
	a.point()
}

// refused shows a verdict of Paycor's.
func (a *activationDialog) refused(verdict verdicts.Verdict) {
	if !verdict.Outcome.Conclusive() { // its own remedy is to verify again, which does not activate
		verdict.Remedy = say("activate.later." + string(a.method))
	}
	a.working, a.doing, a.verdict = false, "", &verdict
	switch verdict.Code {
	case verdicts.CodeCodeRefused, verdicts.CodeCodeExpired, verdicts.CodeVerifierMismatch, verdicts.CodeRedirectMismatch, verdicts.CodeNoRefreshToken:
		a.spend(fields.Code, fields.CodeVerifier)
	case verdicts.CodeRefreshUsed, verdicts.CodeRefreshLost:
		a.spend(fields.RefreshToken)
	}
	a.point()
}

// spend removes what Paycor takes only once, and says so.
func (a *activationDialog) spend(names ...fields.Field) {
	if !slices.Contains(a.method.fields(), names[0]) {
		return
	}
	for _, field := range names {
		a.page.document.SetValue(activationInput(field), "")
		a.shown[field] = false
	}
	a.spent = say("activate.spent." + string(names[0]))
}

// reload reads the credential again after somebody else has changed it.
func (a *activationDialog) reload() {
	a.page.loop.Async(func() {
		credential, err := a.page.service.Credential(a.page.ctx, a.credential.ID)
		a.page.loop.Update(func() {
			if err == nil && a.open {
				a.credential = credential
				a.page.detail.show(credential)
			}
		})
	})
}

// point moves the focus to what is said at the top of the dialog.
func (a *activationDialog) point() {
	a.page.loop.AfterRender(func() { a.page.document.Focus(activationSummary) })
}

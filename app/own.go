package app

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"paycorcred/paycor"
)

// own is the state of a credential's own page.
type own struct {
	page       *Page
	credential paycor.Credential
	history    []paycor.AuditEntry
	usage      *paycor.Usage  // nil where the caller may not know
	failure    string         // why it cannot be shown, or is not up to date
	gone       bool           // deleted meanwhile
	notice     *paycor.Notice // why the activation this page comes from was not finished

	sharing *sharing

	verifying bool
	cancel    context.CancelFunc
	steps     []paycor.Step
	slow      bool // Paycor takes long to answer
	other     *counterpart
}

func newOwn(p *Page) *own {
	o := &own{page: p, history: p.start.History, usage: p.start.Usage, failure: p.start.Failure}
	o.sharing = &sharing{own: o}
	o.other = o.newCounterpart()
	if p.start.Credential != nil {
		o.credential = *p.start.Credential
	} else {
		o.gone = true
	}
	if notice := p.start.Activation; notice != nil && notice.Done {
		p.status = notice.Message
	} else {
		o.notice = notice
	}
	return o
}

func pathOf(id string) string { return "/credentials/" + url.PathEscape(id) }

// looking reports whether the server may just be looking at what can be read.
func (o *own) looking() bool {
	c := o.credential
	return c.State == paycor.StateVerified && c.Verdict != nil && c.Verdict.DataAccess == nil
}

// take shows the credential as it is now and reads its history again.
func (o *own) take(credential paycor.Credential) {
	o.credential, o.failure, o.gone = credential, "", false
	o.remember()
	o.reckon()
}

// remember reads the history again; the old one stays where that fails.
func (o *own) remember() {
	o.page.async(func() {
		history, err := o.page.service.History(o.page.ctx, o.credential.ID)
		o.page.do(func() {
			if err == nil {
				o.history = history
			}
		})
	})
}

// refresh reads the credential again.
func (o *own) refresh() {
	o.page.async(func() {
		credential, err := o.page.service.Credential(o.page.ctx, o.credential.ID)
		o.page.do(func() {
			switch {
			case err == nil:
				if credential.State != o.credential.State && !o.verifying && o.page.rotation.doing == "" && o.page.undo == nil {
					o.page.status = "" // it was about the state before
				}
				o.take(credential)
			case paycor.KindOf(err) == paycor.KindNotFound:
				o.gone = true
			case o.page.failure.words != words(err): // else it is told already
				o.failure = say("own.stale", words(err))
			}
		})
	})
}

// verify is "Verify again".
func (o *own) verify() {
	if o.verifying {
		return
	}
	ctx, cancel := context.WithCancel(o.page.ctx)
	o.verifying, o.cancel, o.steps, o.slow = true, cancel, nil, false
	o.other.forget()
	o.page.whenSlow(ctx, func() { o.slow = true })
	o.page.tell(say("verify.running"), nil)
	o.page.async(func() {
		defer cancel()
		verdict, err := o.page.service.Verify(ctx, o.credential.ID, func(step paycor.Step) {
			o.page.do(func() { o.steps = put(o.steps, step) })
		})
		o.page.do(func() {
			o.verifying, o.cancel, o.steps = false, nil, nil
			switch {
			case errors.Is(err, context.Canceled): // that was asked for
				o.page.tell(words(err), nil)
				o.page.after(func() { o.page.document.Focus("verify") }) // what stopped it is gone
				return
			case err != nil:
				o.page.fail(atVerification, words(err))
				return
			}
			o.credential = o.credential.Judge(verdict)
			o.page.tellState(say("verified."+string(o.credential.State), o.credential.Name), o.credential.State, nil)
			o.page.live.announce(paycor.Change{ID: o.credential.ID, Action: paycor.ActionVerify})
			o.page.report(paycor.ActionVerify, o.credential)
			o.refresh()
		})
	})
}

// stop takes a running verification back.
func (o *own) stop() {
	if o.cancel != nil {
		o.cancel()
	}
}

// undo returns what takes a change back, or nil where a secret was replaced:
// the old one is nowhere to be had.
func (o *own) undo(before paycor.Credential, made change) func() {
	if slices.ContainsFunc(made.changed, paycor.Field.Secret) {
		return nil
	}
	old, after := before.Draft(), o.credential.ETag()
	patch := paycor.Patch{}
	restore(&patch.Name, made.Name, old.Name)
	restore(&patch.Description, made.Description, old.Description)
	restore(&patch.Environment, made.Environment, old.Environment)
	restore(&patch.Grant, made.Grant, old.Grant)
	restore(&patch.ClientID, made.ClientID, old.ClientID)
	restore(&patch.LegalEntityID, made.LegalEntityID, old.LegalEntityID)
	restore(&patch.Scope, made.Scope, old.Scope)
	restore(&patch.RotateBy, made.RotateBy, old.RotateBy)
	return func() {
		o.page.async(func() {
			saved, err := o.page.service.Update(o.page.ctx, before.ID, patch, paycor.UpdateOptions{IfMatch: after, AcceptWarnings: true})
			o.page.do(func() {
				if err != nil {
					o.page.fail(atTop, say("undo.failed", words(err)))
					return
				}
				o.take(saved.Credential)
				o.page.tell(say("undo.done"), nil)
				o.page.live.announce(paycor.Change{ID: before.ID, Action: paycor.ActionUpdate})
			})
		})
	}
}

// restore puts the old value into a patch where the change made a new one.
func restore[T any](into **T, made *T, old T) {
	if made != nil {
		*into = &old
	}
}

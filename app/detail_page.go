package app

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/application"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// detailPage is the page of one credential: its state, what can be done with it,
// how it is used, and its history.
type detailPage struct {
	page       *credentialsPage
	credential paycor.Credential
	history    audit.History
	usage      *usage.Usage // nil if the caller may not see it
	failure    string       // why the page is missing or not up to date
	deleted    bool         // by somebody else
	leaving    bool         // the person deletes it here, so that its changes do not matter

	application *application.Application // nil if it is not known
	notice      *api.Notice              // why the activation did not finish

	reading        bool // refresh waits for a response
	readAgain      bool // that response may be out of date
	historyRequest int  // the latest; earlier responses are out of date

	chart   *usageChart
	test    *testCall
	saved   *savedSecrets
	sharing *sharing

	verifying bool
	cancel    context.CancelFunc
	steps     []verdicts.Step
	slow      bool // Paycor takes long to answer
	peer      *peerCheck
}

func newDetailPage(p *credentialsPage) *detailPage {
	o := &detailPage{page: p, history: p.start.History, usage: p.start.Usage, application: p.start.Application, failure: p.start.Failure}
	o.chart = &usageChart{page: p, usage: func() *usage.Usage { return o.usage }}
	o.test = &testCall{detail: o}
	o.saved = &savedSecrets{page: p}
	o.sharing = newSharing(o)
	o.peer = o.newPeerCheck()
	if p.start.Credential != nil {
		o.credential = *p.start.Credential
	} else {
		o.deleted = true
	}
	if notice := p.start.Activation; notice != nil && notice.Done {
		p.status.text = withUsers(p.words, p.sentence(notice.Message), o.application)
	} else {
		o.notice = notice
	}
	return o
}

// credentialsPath is what the addresses of credentials begin with.
const credentialsPath = "/credentials/"

func pathOf(id string) string { return credentialsPath + url.PathEscape(id) }

// awaitsDataAccess reports whether the server may be checking right now what a
// credential can read.
func awaitsDataAccess(c paycor.Credential) bool {
	return c.State == paycor.StateVerified && c.Verdict != nil && c.Verdict.DataAccess == nil
}

// show shows the credential in its current state, and reads its history and
// usage again.
func (o *detailPage) show(credential paycor.Credential) {
	o.credential, o.failure, o.deleted = credential, "", false
	o.readAgain = o.reading
	o.refreshHistory()
	o.refreshUsage()
	o.refreshApplication()
	if o.page.activation != nil {
		o.page.activation.follow(credential)
	}
}

// refreshHistory reads the history again. The shown one stays if that fails.
func (o *detailPage) refreshHistory() {
	o.historyRequest++
	request := o.historyRequest
	o.page.loop.Async(func() {
		history, err := o.page.service.History(o.page.ctx, o.credential.ID)
		o.page.loop.Update(func() {
			if err == nil && request == o.historyRequest {
				o.history = history
			}
		})
	})
}

// refresh reads the credential again. Only one read is under way at a time: with
// two, the older response could arrive last and stay. If something changes before
// the response arrives, refresh discards the response and reads again.
func (o *detailPage) refresh() {
	if o.reading {
		o.readAgain = true
		return
	}
	o.reading = true
	o.page.loop.Async(func() {
		credential, err := o.page.service.Credential(o.page.ctx, o.credential.ID)
		o.page.loop.Update(func() {
			again := o.readAgain
			o.reading, o.readAgain = false, false
			switch {
			case again:
				o.refresh()
			case err == nil:
				if credential.State != o.credential.State && !o.verifying && o.saved.running == "" && o.page.status.undo == nil {
					o.page.status.text = "" // it was about the previous state
				}
				o.show(credential)
			case paycor.KindOf(err) == paycor.KindNotFound:
				o.deleted = true
			case o.page.lastError.text != o.page.errorText(err): // otherwise it is shown already
				o.failure = o.page.say("detail.stale", o.page.errorText(err))
			}
		})
	})
}

// apply reads the credential again if it changed. There is nothing to read of one that was
// deleted: the browser would report the response as an error in its console.
func (o *detailPage) apply(changes []events.Change) {
	ours := func(change events.Change) bool { return change.ID == o.credential.ID && !o.leaving }
	switch {
	case slices.ContainsFunc(changes, func(change events.Change) bool { return ours(change) && change.Action == audit.ActionDelete }):
		o.deleted = true
	case slices.ContainsFunc(changes, func(change events.Change) bool { return change.Missed || ours(change) }):
		o.refresh()
	}
}

// verify is the button "Verify again".
func (o *detailPage) verify() {
	if o.verifying {
		return
	}
	ctx, cancel := context.WithCancel(o.page.ctx)
	o.verifying, o.cancel, o.steps, o.slow = true, cancel, nil, false
	o.peer.reset()
	o.page.onSlow(ctx, func() { o.slow = true })
	o.page.setStatus(o.page.say("verify.running"), nil)
	o.page.loop.Async(func() {
		defer cancel()
		verdict, err := o.page.service.Verify(ctx, o.credential.ID, func(step verdicts.Step) {
			o.page.loop.Update(func() { o.steps = mergeStep(o.steps, step) })
		})
		o.page.loop.Update(func() {
			o.verifying, o.cancel, o.steps = false, nil, nil
			switch {
			case errors.Is(err, context.Canceled): // the person canceled it
				o.page.setStatus(o.page.errorText(err), nil)
				o.page.loop.AfterRender(func() { o.page.document.Focus("verify") }) // the Cancel button is gone
				return
			case err != nil:
				o.page.showError(errorAtVerification, o.page.errorText(err))
				return
			}
			o.credential = o.credential.WithVerdict(verdict)
			o.page.setStateStatus(o.page.say("verified."+string(o.credential.State), o.credential.Name), o.credential.State, nil)
			o.page.changes.broadcast(events.Change{ID: o.credential.ID, Action: audit.ActionVerify})
			o.page.host.reportChange(audit.ActionVerify, o.credential)
			o.refresh()
		})
	})
}

// stop cancels a running verification.
func (o *detailPage) stop() {
	if o.cancel != nil {
		o.cancel()
	}
}

// undo returns a function that undoes a change. It returns nil if a secret was
// replaced that is not kept.
func (o *detailPage) undo(before paycor.Credential, made paycor.Patch) func() {
	old, after := before.Draft(), o.credential.ETag()
	if slices.ContainsFunc(made.Fields(), fields.Field.Secret) {
		if kept := o.credential.Rotation; kept == nil || kept.State != paycor.RotationPrevious {
			return nil
		}
		made.ClientSecret, made.SubscriptionKey = nil, nil
		return func() { o.saved.undo(made.Undo(old)) }
	}
	patch := made.Undo(old)
	return func() {
		o.page.loop.Async(func() {
			saved, err := o.page.service.Update(o.page.ctx, before.ID, patch, paycor.UpdateOptions{IfMatch: after, AcceptWarnings: true, Force: true})
			o.page.loop.Update(func() {
				if err != nil {
					o.page.showError(errorAtTop, o.page.say("undo.failed", o.page.errorText(err)))
					return
				}
				o.show(saved.Credential)
				o.page.setStatus(o.page.say("undo.done"), nil)
				o.page.changes.broadcast(events.Change{ID: before.ID, Action: audit.ActionUpdate})
			})
		})
	}
}

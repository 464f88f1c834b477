package app

import (
	"context"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// peerCheck finds out whether rejected values belong to the other environment. It
// asks Paycor only when the person selects it.
type peerCheck struct {
	page    *credentialsPage
	scope   string                              // of its IDs: "draft" or "detail"
	request func() (paycor.VerifyRequest, bool) // false if the values cannot be sent
	choose  func(environment string)            // chooses the other environment

	running bool
	cancel  context.CancelFunc
	answer  *paycor.PeerAnswer
	failure string
}

// reset drops the result, which was about other values.
func (c *peerCheck) reset() {
	if c.cancel != nil {
		c.cancel()
	}
	c.running, c.cancel, c.answer, c.failure = false, nil, nil, ""
}

func (c *peerCheck) id() string { return "peer-" + c.scope }

// start asks Paycor about the peer environment.
func (c *peerCheck) start() {
	if c.running {
		return
	}
	request, ok := c.request()
	if !ok {
		return
	}
	ctx, cancel := context.WithCancel(c.page.ctx)
	c.running, c.cancel, c.answer, c.failure = true, cancel, nil, ""
	c.page.loop.Async(func() {
		answer, err := c.page.service.TryPeerEnvironment(ctx, request)
		c.page.loop.Update(func() {
			if ctx.Err() != nil {
				return // reset meanwhile
			}
			cancel() // not earlier: the check above would drop the result
			c.running, c.cancel = false, nil
			if err != nil {
				c.failure = c.page.errorText(err)
			} else {
				c.answer = &answer
			}
			c.page.loop.AfterRender(func() { c.page.document.Focus(c.id()) })
		})
	})
}

// render offers the check below a verdict that it may explain, and shows the
// result.
func (c *peerCheck) render(environment string, verdict verdicts.Verdict) any {
	other, found := paycor.PeerOf(c.page.start.Environments, environment)
	if !found || !verdict.MayBelongToPeer() || !c.page.can(paycor.RightEdit) {
		return nil
	}
	parts := []any{dom.Class("peer"), dom.Attr("role", "status"), dom.Attr("id", c.id()), dom.Attr("tabindex", "-1")}
	switch {
	case c.running:
		return dom.El("div", append(parts, dom.El("p", c.page.say("peer.running", c.page.sentence(other.Title()))))...)
	case c.failure != "":
		parts = append(parts, dom.El("p", dom.Class("error"), c.failure))
	case c.answer != nil:
		return dom.El("div", append(parts, c.renderAnswer(other)...)...)
	default:
		parts = append(parts, dom.El("p", c.page.say("peer.question")))
	}
	return dom.El("div", append(parts, dom.El("p", dom.Button("small", "peer-try-"+c.scope, c.page.say("peer.try", c.page.sentence(other.Title())), dom.Click("peer-"+c.scope, c.start))))...)
}

func (c *peerCheck) renderAnswer(other paycor.Environment) []any {
	verdict := c.answer.Verdict
	choose := dom.El("p", dom.Button("primary", "peer-choose-"+c.scope, c.page.say("peer.move", c.page.sentence(other.Title())),
		dom.Click("peer-choose-"+c.scope+"/"+other.Name, func() { c.choose(other.Name) })))
	switch {
	case verdict.Outcome == verdicts.OutcomeVerified:
		return []any{dom.El("p", dom.Class("peer-yes"), dom.Icon("verified"), dom.El("span", c.page.say("peer.yes", c.page.sentence(other.Title())))), choose}
	case c.answer.Works:
		return []any{dom.El("p", dom.Class("peer-yes"), dom.Icon("verified"), dom.El("span", c.page.say("peer.partly", c.page.sentence(other.Title())))), dom.El("p", c.page.say("peer.then", c.page.sentence(verdict.Message))), choose}
	case !verdict.Outcome.Conclusive():
		return []any{dom.El("p", c.page.say("peer.unreachable", c.page.sentence(other.Title()))), dom.El("p", c.page.sentence(verdict.Message))}
	}
	return []any{dom.El("p", c.page.say("peer.no", c.page.sentence(other.Title())))}
}

// newPeerCheck returns the check of the overlay.
func (e *editor) newPeerCheck() *peerCheck {
	return &peerCheck{page: e.page, scope: "draft",
		request: func() (paycor.VerifyRequest, bool) {
			draft, rules := e.draft(), e.rules()
			rules.Verification = true
			if report := paycor.Check(draft, rules); len(report.Problems) > 0 {
				e.Problems, e.Verdict, e.blocker = report.Problems, nil, blockNone
				e.FocusSummary()
				return paycor.VerifyRequest{}, false
			}
			return e.verifyRequest(draft), true
		},
		choose: func(environment string) {
			e.SetValue(fields.Environment, environment)
			e.changed(inputID(fields.Environment))
			e.Verdict, e.steps, e.blocker, e.entities.note = nil, nil, blockNone, ""
			e.page.setStatus(e.page.say("peer.moved", e.page.sentence(e.page.environment(environment).Title())), nil)
			e.FocusField(fields.Environment)
		},
	}
}

// newPeerCheck returns the check of a detail page.
func (o *detailPage) newPeerCheck() *peerCheck {
	return &peerCheck{page: o.page, scope: "detail",
		request: func() (paycor.VerifyRequest, bool) { return paycor.VerifyRequest{ID: o.credential.ID}, true },
		choose: func(environment string) {
			editor := o.page.editor
			editor.openFor(opUpdate, o.credential, "edit")
			editor.environment = environment
			o.page.loop.AfterRender(func() {
				editor.SetValue(fields.Environment, environment)
				editor.changed(inputID(fields.Environment))
			})
		},
	}
}

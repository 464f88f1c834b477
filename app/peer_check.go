package app

import (
	"context"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// peerCheck is the question whether values that were refused belong to the
// other environment. It is asked only when the person presses for it.
type peerCheck struct {
	page    *Page
	scope   string                              // "draft" or "own": where it stands
	request func() (paycor.VerifyRequest, bool) // what to ask about; false where it cannot be asked
	choose  func(environment string)            // chooses the other environment

	running bool
	cancel  context.CancelFunc
	answer  *paycor.PeerAnswer
	failure string
}

// reset drops the answer: it was about other values.
func (c *peerCheck) reset() {
	if c.cancel != nil {
		c.cancel()
	}
	c.running, c.cancel, c.answer, c.failure = false, nil, nil, ""
}

func (c *peerCheck) id() string { return "counterpart-" + c.scope }

// start asks.
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
				return // forgotten meanwhile
			}
			cancel() // only here: ended earlier, it would look forgotten
			c.running, c.cancel = false, nil
			if err != nil {
				c.failure = client.ErrorText(err)
			} else {
				c.answer = &answer
			}
			c.page.loop.AfterRender(func() { c.page.document.Focus(c.id()) })
		})
	})
}

// render offers the question beneath a verdict that it may explain, and says
// what came of it.
func (c *peerCheck) render(environment string, verdict verdicts.Verdict) any {
	other, found := paycor.PeerOf(c.page.start.Environments, environment)
	if !found || !verdict.Misplaced() || !c.page.can(paycor.RightEdit) {
		return nil
	}
	parts := []any{dom.Class("counterpart"), dom.Attr("role", "status"), dom.Attr("id", c.id()), dom.Attr("tabindex", "-1")}
	switch {
	case c.running:
		return dom.El("div", append(parts, dom.El("p", say("peer.running", other.Title)))...)
	case c.failure != "":
		parts = append(parts, dom.El("p", dom.Class("error"), c.failure))
	case c.answer != nil:
		return dom.El("div", append(parts, c.renderAnswer(other)...)...)
	default:
		parts = append(parts, dom.El("p", say("peer.question")))
	}
	return dom.El("div", append(parts, dom.El("p", dom.Button("small", "counterpart-try-"+c.scope, say("peer.try", other.Title), dom.Click("counterpart-"+c.scope, c.start))))...)
}

func (c *peerCheck) renderAnswer(other paycor.Environment) []any {
	said := c.answer.Verdict
	move := dom.El("p", dom.Button("primary", "counterpart-move-"+c.scope, say("peer.move", other.Title),
		dom.Click("counterpart-move-"+c.scope+"/"+other.Name, func() { c.choose(other.Name) })))
	switch {
	case said.Outcome == verdicts.OutcomeVerified:
		return []any{dom.El("p", dom.Class("counterpart-yes"), dom.Icon("verified"), dom.El("span", say("peer.yes", other.Title))), move}
	case c.answer.Works:
		return []any{dom.El("p", dom.Class("counterpart-yes"), dom.Icon("verified"), dom.El("span", say("peer.partly", other.Title))), dom.El("p", say("peer.then", sentence(said.Message))), move}
	case !said.Outcome.Conclusive():
		return []any{dom.El("p", say("peer.unreachable", other.Title)), dom.El("p", sentence(said.Message))}
	}
	return []any{dom.El("p", say("peer.no", other.Title))}
}

// newPeerCheck is the question of the overlay.
func (e *editor) newPeerCheck() *peerCheck {
	return &peerCheck{page: e.page, scope: "draft",
		request: func() (paycor.VerifyRequest, bool) {
			draft := e.read()
			rules := e.rules()
			rules.Verification = true
			if report := paycor.Check(draft, rules); len(report.Problems) > 0 {
				e.problems, e.verdict, e.stopped = report.Problems, nil, nothing
				e.point()
				return paycor.VerifyRequest{}, false
			}
			request := paycor.VerifyRequest{AcceptWarnings: e.accepted, Draft: draft}
			if e.mode == editing {
				request.ID = e.base.ID
			}
			return request, true
		},
		choose: func(environment string) {
			e.page.document.SetValue(inputID(fields.Environment), environment)
			e.changed(inputID(fields.Environment))
			e.verdict, e.steps, e.stopped = nil, nil, nothing
			e.findNote = ""
			e.page.setStatus(say("peer.moved", e.page.environment(environment).Title), nil)
			e.page.loop.AfterRender(func() { e.page.document.Focus(inputID(fields.Environment)) })
		},
	}
}

// newPeerCheck is the question of a credential's own page.
func (o *detailPage) newPeerCheck() *peerCheck {
	return &peerCheck{page: o.page, scope: "own",
		request: func() (paycor.VerifyRequest, bool) { return paycor.VerifyRequest{ID: o.credential.ID}, true },
		choose: func(environment string) {
			editor := o.page.editor
			editor.begin(editing, o.credential, "edit")
			editor.environment = environment
			o.page.loop.AfterRender(func() {
				o.page.document.SetValue(inputID(fields.Environment), environment)
				editor.changed(inputID(fields.Environment))
			})
		},
	}
}

package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
)

// statusBar shows the result of the last action: at the top of the page, or next
// to what changed.
type statusBar struct {
	page   *Page
	target string // ID of the element that shows it; empty for the top
	text   string
	state  paycor.State // of the credential it is about; empty for everything else
	undo   func()       // undoes the action; nil if it cannot be undone
}

// setStatus shows the result of an action, or clears it. It also clears the
// last error, so an action sets or clears the status when it starts.
func (p *Page) setStatus(text string, undo func()) {
	*p.status = statusBar{page: p, text: text, undo: undo}
	p.lastError = errorMessage{}
}

// setStatusAt is setStatus in an element next to what changed, because the top may
// be out of sight.
func (p *Page) setStatusAt(target, text string) {
	p.setStatus(text, nil)
	p.status.target = target
}

// renderStatus renders such an element. It is always in the document, so that
// changes are announced.
func (p *Page) renderStatus(target string) goapp.UI {
	parts := []any{dom.Attr("id", target), dom.Class("done"), dom.Attr("role", "status")}
	if p.status.target == target {
		parts = append(parts, dom.Icon("verified"), dom.El("span", p.status.text))
	}
	return dom.El("p", parts...)
}

// setStateStatus is setStatus about a credential, in the colors of its state.
func (p *Page) setStateStatus(text string, state paycor.State, undo func()) {
	p.setStatus(text, undo)
	p.status.state = state
}

// runUndo is the Undo button.
func (s *statusBar) runUndo() {
	undo := s.undo
	s.page.setStatus(s.page.say("undo.running"), nil)
	undo()
}

func (s *statusBar) render() goapp.UI {
	style, text := "toast", s.text
	if s.target != "" {
		text = ""
	}
	switch {
	case text == "":
		style = "toast empty"
	case s.state != "":
		style = "toast is-" + string(s.state)
	}
	return dom.El("div", dom.Class(style),
		dom.El("p", dom.Attr("id", "status"), dom.Attr("role", "status"), dom.Class("toast-words"), text),
		dom.Slot(s.renderUndo()),
	)
}

func (s *statusBar) renderUndo() any {
	if s.undo == nil {
		return nil
	}
	return dom.Button("quiet", "undo", s.page.say("undo"), dom.Click("undo", s.runUndo))
}

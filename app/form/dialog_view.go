package form

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
)

// View is the content of a dialog.
type View struct {
	Title     string
	BodyClass string
	Body      []any  // the error summary and the fields
	Status    string // progress, above the buttons
	Steps     any    // of a verification
	Buttons   []any  // between Cancel and the button that submits
	Cancel    string // label; empty means "Cancel"
	Submit    string // label; empty means that there is nothing to submit
	Busy      string // label while the submission works; empty means Submit
	Danger    bool   // submitting cannot be undone
	Quiet     bool   // another button is the primary one

	// Question replaces the question about unsaved changes.
	Question *Question
}

// Question asks whether to close a dialog although something is lost.
type Question struct{ Text, Stay, Discard string }

// Render renders the dialog.
func (d *Dialog) Render(view View) goapp.UI {
	title := d.ID + "-title"
	return dom.El("dialog", dom.Attr("id", d.ID), dom.Class("dialog", d.Width), dom.Attr("aria-labelledby", title),
		dom.OnCancel(d.ID, d.RequestClose),
		dom.On("close", d.ID, func(event goapp.Event) { d.HandleClose(event.Get("target").Get("open").Bool()) }),
		dom.El("form", dom.Attr("id", d.ID+"-form"), dom.Class("dialog-form"), dom.Attr("method", "dialog"), dom.Flag("novalidate", true), dom.Attr("autocomplete", "off"),
			dom.On("submit", d.ID, func(event goapp.Event) {
				event.PreventDefault()
				d.Submit()
			}),
			dom.On("input", d.ID, func(event goapp.Event) { d.input(dom.String(event.Get("target").Get("id"))) }),
			dom.El("div", dom.Class("dialog-head"), dom.El("h2", dom.Attr("id", title), view.Title), d.renderClose(), d.SessionNotice(d.ID)),
			dom.El("div", append([]any{dom.Class("dialog-body", view.BodyClass), dom.Attr("id", d.ID+"-body"), dom.Attr("tabindex", "-1")}, view.Body...)...),
			d.renderFoot(view),
		),
	)
}

// renderClose renders the button in the corner, which does what Cancel does.
func (d *Dialog) renderClose() goapp.UI {
	id := d.buttonID("close")
	return dom.El("button", dom.Attr("type", "button"), dom.Attr("id", id), dom.Class("button", "quiet", "dialog-close"), dom.Click(id, d.RequestClose),
		dom.Icon("close"), dom.VisuallyHidden(d.say("dialog.close")))
}

// renderFoot renders the bar at the bottom: progress and buttons.
func (d *Dialog) renderFoot(view View) goapp.UI {
	question, buttons := any(nil), d.renderButtons(view)
	if d.confirming {
		question, buttons = d.renderQuestion(view.Question)
	}
	return dom.El("div", dom.Class("dialog-foot"),
		dom.El("div", dom.Class("foot-status"),
			dom.El("p", dom.Attr("id", d.SubmitID+"-status"), dom.Class("foot-words"), dom.Attr("role", "status"), view.Status),
			dom.Slot(view.Steps),
			dom.Slot(question), // not between the buttons, which a long question would push apart
		),
		dom.El("div", buttons...),
	)
}

func (d *Dialog) renderButtons(view View) []any {
	cancel := view.Cancel
	if cancel == "" {
		cancel = d.say("cancel")
	}
	buttons := []any{dom.Class("buttons"), dom.Button("", d.buttonID("cancel"), cancel, dom.Click(d.buttonID("cancel"), d.RequestClose))}
	buttons = append(buttons, view.Buttons...)
	if view.Submit == "" {
		return buttons
	}
	style := "primary"
	switch {
	case view.Danger:
		style = "danger"
	case view.Quiet:
		style = ""
	}
	label, working := view.Submit, d.busy && view.Busy != ""
	if working {
		label = view.Busy
	}
	return append(buttons, dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", d.SubmitID), dom.Class("button", style), dom.Attr("aria-busy", dom.AriaBool(working)), dom.El("span", label)))
}

func (d *Dialog) renderQuestion(question *Question) (text any, buttons []any) {
	if question == nil {
		question = &Question{Text: d.say("discard"), Stay: d.say("discard.no"), Discard: d.say("discard.yes")}
	}
	return dom.El("p", dom.Class("question"), dom.Attr("role", "alert"), question.Text), []any{dom.Class("buttons"),
		dom.Button("", d.buttonID("stay"), question.Stay, dom.Click(d.buttonID("stay"), d.keepEditing)),
		dom.Button("danger", d.buttonID("discard"), question.Discard, dom.Click(d.buttonID("discard"), d.Close)),
	}
}

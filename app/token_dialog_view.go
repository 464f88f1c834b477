package app

import (
	"slices"
	"strconv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// fewCredentials are so many that nobody searches among them.
const fewCredentials = 8

// render is the dialog. Its form and the place of the token are both always in
// the document, so that nothing that was typed is lost to a new element.
func (h *tokenDialog) render() goapp.UI {
	title := say("token-dialog.title")
	if h.renewing() {
		title = say("renew.title", h.like.Name)
	}
	if h.made != "" {
		title = say("token-dialog.made", h.made)
	}
	return dom.El("dialog", dom.Attr("id", hiringID), dom.Class("dialog", "medium"), dom.Attr("aria-labelledby", "hiring-title"),
		dom.OnCancel("hiring", h.leave),
		dom.On("close", "hiring", func(event goapp.Event) { h.closed(event.Get("target").Get("open").Bool()) }),
		dom.El("form", dom.Class("dialog-form"), dom.Attr("method", "dialog"), dom.Flag("novalidate", true), dom.Attr("autocomplete", "off"),
			dom.On("submit", "hiring", func(event goapp.Event) {
				event.PreventDefault()
				h.submit()
			}),
			dom.El("div", dom.Class("dialog-head"), dom.El("h2", dom.Attr("id", "hiring-title"), title)),
			dom.El("div", dom.Class("dialog-body"), dom.Attr("id", "hiring-body"), dom.Attr("tabindex", "-1"),
				h.renderSummary(), h.renderForm(), h.renderToken()),
			h.renderFoot(),
		),
	)
}

func (h *tokenDialog) fault(field fields.Field) string {
	for _, problem := range h.problems {
		if problem.Field == field {
			return problem.Message
		}
	}
	return ""
}

// hiringPlace is where the focus goes to mend a field.
func hiringPlace(field fields.Field) string { return "hiring-" + string(field) }

func (h *tokenDialog) renderSummary() goapp.UI {
	parts := []any{dom.Attr("id", hiringSummary), dom.Attr("tabindex", "-1"), dom.Attr("role", "alert")}
	look := "summary"
	switch {
	case len(h.problems) > 0:
		look = "summary shown bad"
		items := []any{}
		for _, problem := range h.problems {
			items = append(items, dom.El("li", h.page().pointer(hiringPlace(problem.Field), problem.Message)))
		}
		parts = append(parts, dom.El("h3", say("summary.problems")), dom.El("ul", items...))
	case h.failure != "":
		look = "summary shown bad"
		parts = append(parts, dom.El("h3", say("token-dialog.failed")), dom.El("p", h.failure))
		if h.session {
			parts = append(parts, dom.El("p", h.page().newTabLink("/sign-in", say("session.link")), dom.El("span", say("activate.session-then"))))
		}
	}
	return dom.El("div", append(parts, dom.Class(look))...)
}

// renderFault says what is wrong with a field or group.
func (h *tokenDialog) renderFault(field fields.Field) goapp.UI {
	parts := []any{dom.Attr("id", hiringPlace(field)+"-error"), dom.Class("fault")}
	if fault := h.fault(field); fault != "" {
		parts = append(parts, dom.El("p", dom.Class("error"), dom.VisuallyHidden(say("error")), dom.El("span", fault)))
	}
	return dom.El("div", parts...)
}

func (h *tokenDialog) renderForm() goapp.UI {
	name := fields.ConsumerName
	described := hiringName + "-hint"
	if h.fault(name) != "" {
		described += " " + hiringName + "-error"
	}
	intro := say("token-dialog.intro")
	if h.renewing() {
		intro = say("renew.intro")
	}
	return dom.El("div", dom.Class("stack"), dom.Flag("hidden", h.made != ""),
		dom.El("p", dom.Class("intro"), intro),
		dom.El("div", dom.Class("field", faulty(h.fault(name) != "")),
			dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", hiringName), say("token-dialog.name"))),
			dom.El("p", dom.Attr("id", hiringName+"-hint"), dom.Class("hint"), say("token-dialog.name-hint")),
			h.renderFault(name),
			dom.El("div", dom.Class("control"), dom.El("input", dom.Attr("type", "text"), dom.Attr("id", hiringName), dom.Class("input"), dom.Attr("autocomplete", "off"),
				dom.Attr("aria-describedby", described), dom.Attr("aria-required", "true"), dom.Attr("aria-invalid", dom.AriaBool(h.fault(name) != "")))),
		),
		h.renderRights(),
		h.renderReach(),
		h.renderLifetime(),
	)
}

func (h *tokenDialog) renderRights() goapp.UI {
	field := fields.ConsumerRights
	parts := []any{dom.Class("ways", faulty(h.fault(field) != "")), dom.El("legend", say("consumer.may")), h.renderFault(field)}
	first := true
	for _, right := range []paycor.Right{paycor.RightRead, paycor.RightUse, paycor.RightView, paycor.RightEdit, paycor.RightAdmin} {
		if !h.mayGive(right) {
			continue
		}
		id := "hiring-right-" + string(right)
		if first { // the summary leads here
			id, first = hiringPlace(field), false
		}
		parts = append(parts, dom.El("label", dom.Class("choice"),
			dom.El("input", dom.Attr("type", "checkbox"), dom.Attr("id", id), dom.Attr("value", string(right)), dom.Property("checked", h.rights.Has(right)),
				dom.On("change", "right/"+string(right), func(goapp.Event) { h.allow(right) })),
			dom.El("span", dom.Class("choice-text"), dom.El("span", dom.Class("choice-name"), renderRight(right)), dom.El("span", dom.Class("hint"), say("right.words."+string(right))))))
	}
	return dom.El("fieldset", parts...)
}

func (h *tokenDialog) renderReach() goapp.UI {
	field := fields.ConsumerCredentials
	option := func(id, label string, narrow bool) goapp.UI {
		return dom.El("label", dom.Class("choice"),
			dom.El("input", dom.Attr("type", "radio"), dom.Attr("name", "hiring-reach"), dom.Attr("id", id), dom.Property("checked", h.narrow == narrow),
				dom.On("change", id, func(goapp.Event) { h.narrow = narrow })),
			dom.El("span", dom.Class("choice-text"), dom.El("span", dom.Class("choice-name"), label)))
	}
	names := h.page().start.Names
	list := []any{dom.Class("picks")}
	for _, credential := range names {
		id, beside := credential.ID, h.screen.qualifiers[credential.ID]
		if !strings.Contains(strings.ToLower(credential.Name+" "+beside), h.sought) {
			continue
		}
		list = append(list, dom.El("label", dom.Class("pick"),
			dom.El("input", dom.Attr("type", "checkbox"), dom.Attr("id", "hiring-credential-"+id), dom.Property("checked", slices.Contains(h.chosen, id)),
				dom.On("change", "credential/"+id, func(goapp.Event) { h.choose(id) })),
			dom.El("span", dom.El("span", credential.Name), " ", dom.El("span", dom.Class("muted", "small"), beside))))
	}
	if len(list) == 1 && len(names) > 0 {
		list = append(list, dom.El("p", dom.Class("hint"), say("token-dialog.no-hit")))
	}
	return dom.El("fieldset", dom.Class("ways", faulty(h.fault(field) != "")), dom.El("legend", say("consumer.reach")), h.renderFault(field),
		option("hiring-all", say("consumer.all"), false), option(hiringPlace(field), say("token-dialog.some"), true),
		dom.El("div", dom.Class("stack"), dom.Flag("hidden", !h.narrow), h.renderSearch(len(names)), dom.El("div", list...)))
}

// renderSearch finds a credential among many.
func (h *tokenDialog) renderSearch(many int) goapp.UI {
	return dom.El("div", dom.Class("field"), dom.Flag("hidden", many <= fewCredentials),
		dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", hiringSearch), say("search"))),
		dom.El("div", dom.Class("control"), dom.El("input", dom.Attr("type", "search"), dom.Attr("id", hiringSearch), dom.Class("input"), dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"),
			dom.On("keydown", "hiring-search", func(event goapp.Event) {
				if event.Get("key").String() == "Enter" {
					event.PreventDefault() // it would make the consumer
				}
			}),
			dom.On("input", "hiring-search", func(event goapp.Event) {
				h.sought = strings.ToLower(foldSpaces(dom.String(event.Get("target").Get("value"))))
			}))),
		dom.El("p", dom.Class("hint"), dom.Attr("role", "status"), say("token-dialog.chosen", len(h.chosen), many)))
}

func (h *tokenDialog) renderLifetime() goapp.UI {
	id := hiringPlace(fields.ConsumerExpires)
	parts := []any{dom.Class("input"), dom.Attr("id", id), dom.Attr("aria-describedby", id+"-hint"), dom.On("change", "lifetime", func(event goapp.Event) {
		if days, err := strconv.Atoi(dom.String(event.Get("target").Get("value"))); err == nil {
			h.days = days
		}
	})}
	for _, days := range lifetimes {
		parts = append(parts, dom.El("option", dom.Attr("value", strconv.Itoa(days)), dom.InitiallySelected(days == lifetimes[1]), say("token-dialog.days."+strconv.Itoa(days))))
	}
	return dom.El("div", dom.Class("field", faulty(h.fault(fields.ConsumerExpires) != "")),
		dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", id), say("token-dialog.lifetime"))),
		dom.El("p", dom.Attr("id", id+"-hint"), dom.Class("hint"), say("token-dialog.lifetime-hint")),
		h.renderFault(fields.ConsumerExpires),
		dom.El("div", dom.Class("control"), dom.El("select", parts...)))
}

// renderToken shows the token, once.
func (h *tokenDialog) renderToken() goapp.UI {
	label := say("copy")
	if h.copied {
		label = say("copied")
	}
	return dom.El("div", dom.Class("stack"), dom.Flag("hidden", h.made == ""),
		dom.El("div", dom.Class("notice", "odd"), dom.Icon("warned"), dom.El("p", say("token-dialog.once"))),
		dom.El("div", dom.Class("field"),
			dom.El("div", dom.Class("label"), dom.El("label", dom.Attr("for", hiringToken), say("token-dialog.token"))),
			dom.El("div", dom.Class("control"), dom.El("div", dom.Class("secret"),
				dom.El("input", dom.Attr("type", "text"), dom.Attr("id", hiringToken), dom.Class("input", "code"), dom.Flag("readonly", true),
					dom.Attr("autocomplete", "off"), dom.Attr("spellcheck", "false"), dom.Attr("aria-describedby", "hiring-use")),
				dom.Button("primary", "copy-token", label, dom.Click("copy-token", h.copyToken)))),
		),
		dom.El("p", dom.Attr("id", "hiring-use"), say("token-dialog.use")),
	)
}

func (h *tokenDialog) renderFoot() goapp.UI {
	buttons := []any{dom.Class("buttons")}
	status := ""
	var question any // beside the buttons, which it would drive apart
	switch {
	case h.asking:
		question = dom.El("p", dom.Class("question"), dom.Attr("role", "alert"), say("token-dialog.lost"))
		buttons = append(buttons,
			dom.Button("", "hiring-stay", say("token-dialog.back"), dom.Click("hiring-stay", h.stay)),
			dom.Button("danger", "hiring-drop", say("token-dialog.drop"), dom.Click("hiring-drop", h.close)))
	case h.made != "":
		if h.copied {
			status = say("copy.done")
		}
		buttons = append(buttons, dom.Button("", "hiring-close", say("close"), dom.Click("hiring-close", h.leave)))
	default:
		if h.working {
			status = say("token-dialog.running")
		}
		buttons = append(buttons, dom.Button("", "hiring-cancel", say("cancel"), dom.Click("hiring-cancel", h.leave)),
			dom.El("button", dom.Attr("type", "submit"), dom.Attr("id", "hiring-go"), dom.Class("button", "primary"), dom.El("span", say("token-dialog.create"))))
	}
	return dom.El("div", dom.Class("dialog-foot"),
		dom.El("div", dom.Class("foot-status"), dom.El("p", dom.Attr("id", "hiring-status"), dom.Class("foot-words"), dom.Attr("role", "status"), status), dom.Slot(question)),
		dom.El("div", buttons...))
}

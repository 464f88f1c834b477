package app

import (
	"slices"
	"strconv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// fewCredentials are so many that nobody searches among them.
const fewCredentials = 8

// render is the dialog. Its form and the place of the token are both always in
// the document, so that nothing that was typed is lost to a new element.
func (h *hiring) render() goapp.UI {
	title := say("hiring.title")
	if h.renewing() {
		title = say("renew.title", h.like.Name)
	}
	if h.made != "" {
		title = say("hiring.made", h.made)
	}
	return el("dialog", at("id", hiringID), class("dialog", "medium"), at("aria-labelledby", "hiring-title"),
		escape("hiring", h.leave),
		on("close", "hiring", func(event goapp.Event) { h.closed(event.Get("target").Get("open").Bool()) }),
		el("form", class("dialog-form"), at("method", "dialog"), flag("novalidate", true), at("autocomplete", "off"),
			on("submit", "hiring", func(event goapp.Event) {
				event.PreventDefault()
				h.submit()
			}),
			el("div", class("dialog-head"), el("h2", at("id", "hiring-title"), title)),
			el("div", class("dialog-body"), at("id", "hiring-body"), at("tabindex", "-1"),
				h.renderSummary(), h.renderForm(), h.renderToken()),
			h.renderFoot(),
		),
	)
}

func (h *hiring) fault(field paycor.Field) string {
	for _, problem := range h.problems {
		if problem.Field == field {
			return problem.Message
		}
	}
	return ""
}

// hiringPlace is where the focus goes to mend a field.
func hiringPlace(field paycor.Field) string { return "hiring-" + string(field) }

func (h *hiring) renderSummary() goapp.UI {
	parts := []any{at("id", hiringSummary), at("tabindex", "-1"), at("role", "alert")}
	look := "summary"
	switch {
	case len(h.problems) > 0:
		look = "summary shown bad"
		items := []any{}
		for _, problem := range h.problems {
			items = append(items, el("li", h.page().pointer(hiringPlace(problem.Field), problem.Message)))
		}
		parts = append(parts, el("h3", say("summary.problems")), el("ul", items...))
	case h.failure != "":
		look = "summary shown bad"
		parts = append(parts, el("h3", say("hiring.failed")), el("p", h.failure))
		if h.session {
			parts = append(parts, el("p", h.page().outside("/sign-in", say("session.link")), el("span", say("activate.session-then"))))
		}
	}
	return el("div", append(parts, class(look))...)
}

// renderFault says what is wrong with a field or group.
func (h *hiring) renderFault(field paycor.Field) goapp.UI {
	parts := []any{at("id", hiringPlace(field)+"-error"), class("fault")}
	if fault := h.fault(field); fault != "" {
		parts = append(parts, el("p", class("error"), unseen(say("error")), el("span", fault)))
	}
	return el("div", parts...)
}

func (h *hiring) renderForm() goapp.UI {
	name := paycor.FieldConsumerName
	described := hiringName + "-hint"
	if h.fault(name) != "" {
		described += " " + hiringName + "-error"
	}
	intro := say("hiring.intro")
	if h.renewing() {
		intro = say("renew.intro")
	}
	return el("div", class("stack"), flag("hidden", h.made != ""),
		el("p", class("intro"), intro),
		el("div", class("field", faulty(h.fault(name) != "")),
			el("div", class("label"), el("label", at("for", hiringName), say("hiring.name"))),
			el("p", at("id", hiringName+"-hint"), class("hint"), say("hiring.name-hint")),
			h.renderFault(name),
			el("div", class("control"), el("input", at("type", "text"), at("id", hiringName), class("input"), at("autocomplete", "off"),
				at("aria-describedby", described), at("aria-required", "true"), at("aria-invalid", yes(h.fault(name) != "")))),
		),
		h.renderRights(),
		h.renderReach(),
		h.renderLifetime(),
	)
}

func (h *hiring) renderRights() goapp.UI {
	field := paycor.FieldConsumerRights
	parts := []any{class("ways", faulty(h.fault(field) != "")), el("legend", say("consumer.may")), h.renderFault(field)}
	first := true
	for _, right := range []paycor.Right{paycor.RightRead, paycor.RightUse, paycor.RightView, paycor.RightEdit, paycor.RightAdmin} {
		if !h.mayGive(right) {
			continue
		}
		id := "hiring-right-" + string(right)
		if first { // the summary leads here
			id, first = hiringPlace(field), false
		}
		parts = append(parts, el("label", class("choice"),
			el("input", at("type", "checkbox"), at("id", id), at("value", string(right)), state("checked", h.rights.Has(right)),
				on("change", "right/"+string(right), func(goapp.Event) { h.allow(right) })),
			el("span", class("choice-text"), el("span", class("choice-name"), renderRight(right)), el("span", class("hint"), say("right.words."+string(right))))))
	}
	return el("fieldset", parts...)
}

func (h *hiring) renderReach() goapp.UI {
	field := paycor.FieldConsumerCredentials
	option := func(id, label string, narrow bool) goapp.UI {
		return el("label", class("choice"),
			el("input", at("type", "radio"), at("name", "hiring-reach"), at("id", id), state("checked", h.narrow == narrow),
				on("change", id, func(goapp.Event) { h.narrow = narrow })),
			el("span", class("choice-text"), el("span", class("choice-name"), label)))
	}
	names := h.page().start.Names
	list := []any{class("picks")}
	for _, credential := range names {
		id, beside := credential.ID, h.screen.beside[credential.ID]
		if !strings.Contains(strings.ToLower(credential.Name+" "+beside), h.sought) {
			continue
		}
		list = append(list, el("label", class("pick"),
			el("input", at("type", "checkbox"), at("id", "hiring-credential-"+id), state("checked", slices.Contains(h.chosen, id)),
				on("change", "credential/"+id, func(goapp.Event) { h.choose(id) })),
			el("span", el("span", credential.Name), " ", el("span", class("muted", "small"), beside))))
	}
	if len(list) == 1 && len(names) > 0 {
		list = append(list, el("p", class("hint"), say("hiring.no-hit")))
	}
	return el("fieldset", class("ways", faulty(h.fault(field) != "")), el("legend", say("consumer.reach")), h.renderFault(field),
		option("hiring-all", say("consumer.all"), false), option(hiringPlace(field), say("hiring.some"), true),
		el("div", class("stack"), flag("hidden", !h.narrow), h.renderSearch(len(names)), el("div", list...)))
}

// renderSearch finds a credential among many.
func (h *hiring) renderSearch(many int) goapp.UI {
	return el("div", class("field"), flag("hidden", many <= fewCredentials),
		el("div", class("label"), el("label", at("for", hiringSearch), say("search"))),
		el("div", class("control"), el("input", at("type", "search"), at("id", hiringSearch), class("input"), at("autocomplete", "off"), at("spellcheck", "false"),
			on("keydown", "hiring-search", func(event goapp.Event) {
				if event.Get("key").String() == "Enter" {
					event.PreventDefault() // it would make the consumer
				}
			}),
			on("input", "hiring-search", func(event goapp.Event) { h.sought = strings.ToLower(fold(text(event.Get("target").Get("value")))) }))),
		el("p", class("hint"), at("role", "status"), say("hiring.chosen", len(h.chosen), many)))
}

func (h *hiring) renderLifetime() goapp.UI {
	id := hiringPlace(paycor.FieldConsumerExpires)
	parts := []any{class("input"), at("id", id), at("aria-describedby", id+"-hint"), on("change", "lifetime", func(event goapp.Event) {
		if days, err := strconv.Atoi(text(event.Get("target").Get("value"))); err == nil {
			h.days = days
		}
	})}
	for _, days := range lifetimes {
		parts = append(parts, el("option", at("value", strconv.Itoa(days)), preselected(days == lifetimes[1]), say("hiring.days."+strconv.Itoa(days))))
	}
	return el("div", class("field", faulty(h.fault(paycor.FieldConsumerExpires) != "")),
		el("div", class("label"), el("label", at("for", id), say("hiring.lifetime"))),
		el("p", at("id", id+"-hint"), class("hint"), say("hiring.lifetime-hint")),
		h.renderFault(paycor.FieldConsumerExpires),
		el("div", class("control"), el("select", parts...)))
}

// renderToken shows the token, once.
func (h *hiring) renderToken() goapp.UI {
	label := say("copy")
	if h.copied {
		label = say("copied")
	}
	return el("div", class("stack"), flag("hidden", h.made == ""),
		el("div", class("notice", "odd"), icon("warned"), el("p", say("hiring.once"))),
		el("div", class("field"),
			el("div", class("label"), el("label", at("for", hiringToken), say("hiring.token"))),
			el("div", class("control"), el("div", class("secret"),
				el("input", at("type", "text"), at("id", hiringToken), class("input", "code"), flag("readonly", true),
					at("autocomplete", "off"), at("spellcheck", "false"), at("aria-describedby", "hiring-use")),
				button("primary", "copy-token", label, click("copy-token", h.copyToken)))),
		),
		el("p", at("id", "hiring-use"), say("hiring.use")),
	)
}

func (h *hiring) renderFoot() goapp.UI {
	buttons := []any{class("buttons")}
	status := ""
	var question any // beside the buttons, which it would drive apart
	switch {
	case h.asking:
		question = el("p", class("question"), at("role", "alert"), say("hiring.lost"))
		buttons = append(buttons,
			button("", "hiring-stay", say("hiring.back"), click("hiring-stay", h.stay)),
			button("danger", "hiring-drop", say("hiring.drop"), click("hiring-drop", h.close)))
	case h.made != "":
		if h.copied {
			status = say("copy.done")
		}
		buttons = append(buttons, button("", "hiring-close", say("close"), click("hiring-close", h.leave)))
	default:
		if h.working {
			status = say("hiring.running")
		}
		buttons = append(buttons, button("", "hiring-cancel", say("cancel"), click("hiring-cancel", h.leave)),
			el("button", at("type", "submit"), at("id", "hiring-go"), class("button", "primary"), el("span", say("hiring.go"))))
	}
	return el("div", class("dialog-foot"),
		el("div", class("foot-status"), el("p", at("id", "hiring-status"), class("foot-words"), at("role", "status"), status), slot(question)),
		el("div", buttons...))
}

package app

import (
	"errors"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// hosts is the state of the screen on which sites are registered that may
// embed the page.
type hosts struct {
	page  *Page
	items []paycor.Host

	rights   paycor.Rights // chosen in the form
	problems []paycor.Problem
	failure  string
	working  bool
	removing string // id of the host whose removal is asked about
}

func newHosts(p *Page) *hosts {
	return &hosts{page: p, items: p.start.Hosts, rights: paycor.Rights{paycor.RightView}}
}

// hostFields are the form's, in its order.
func hostFields() []paycor.Field {
	return []paycor.Field{paycor.FieldHostName, paycor.FieldHostID, paycor.FieldHostOrigins, paycor.FieldHostKeys, paycor.FieldHostKeysURL}
}

// hostInput is the id of a field's element; the overlay has a name, too.
func hostInput(field paycor.Field) string {
	return "host-" + strings.ReplaceAll(string(field), "_", "-")
}

// refresh reads the hosts again.
func (h *hosts) refresh() {
	h.page.async(func() {
		items, err := h.page.service.Hosts(h.page.ctx)
		h.page.do(func() {
			if err == nil {
				h.items = items
			}
		})
	})
}

// choose takes a right into the form, or out of it.
func (h *hosts) choose(right paycor.Right) {
	if h.rights.Has(right) {
		h.rights = slices.DeleteFunc(slices.Clone(h.rights), func(r paycor.Right) bool { return r == right })
	} else {
		h.rights = append(slices.Clone(h.rights), right)
	}
}

// add registers what is typed.
func (h *hosts) add() {
	if h.working {
		return
	}
	value := func(field paycor.Field) string { return h.page.surface.Value(hostInput(field)) }
	draft := paycor.HostDraft{
		ID: value(paycor.FieldHostID), Name: value(paycor.FieldHostName), Origins: []string{value(paycor.FieldHostOrigins)},
		Rights: h.rights, Keys: value(paycor.FieldHostKeys), KeysURL: value(paycor.FieldHostKeysURL),
	}.Clean()
	h.failure, h.problems = "", paycor.CheckHost(draft)
	if len(h.problems) > 0 {
		h.point()
		return
	}
	h.working = true
	h.page.async(func() {
		host, err := h.page.service.AddHost(h.page.ctx, draft)
		h.page.do(func() {
			h.working = false
			var known *paycor.Error
			switch {
			case errors.As(err, &known) && len(known.Problems) > 0:
				h.problems = known.Problems
				h.point()
			case err != nil:
				h.failure = words(err)
				h.point()
			default:
				h.items = append(slices.Clone(h.items), host)
				for _, field := range hostFields() {
					h.page.surface.SetValue(hostInput(field), "")
				}
				h.page.tell(say("hosts.added", host.Name, host.ID), nil)
				h.page.after(func() { h.page.surface.Focus("host-" + host.ID + "-remove") })
				h.refresh()
			}
		})
	})
}

// point moves the focus to what is wrong.
func (h *hosts) point() {
	h.page.after(func() { h.page.surface.Focus("host-summary") })
}

// remove asks first, and removes at the second press.
func (h *hosts) remove(host paycor.Host) {
	if h.removing != host.ID {
		h.removing = host.ID
		h.page.after(func() { h.page.surface.Focus("host-" + host.ID + "-keep") })
		return
	}
	h.page.async(func() {
		err := h.page.service.RemoveHost(h.page.ctx, host.ID)
		h.page.do(func() {
			h.removing = ""
			if err != nil && paycor.KindOf(err) != paycor.KindNotFound {
				h.page.tell(words(err), nil)
				return
			}
			h.items = slices.DeleteFunc(slices.Clone(h.items), func(one paycor.Host) bool { return one.ID == host.ID })
			h.page.tell(say("hosts.removed", host.Name), nil)
			h.page.after(func() { h.page.surface.Focus(hostInput(paycor.FieldHostName)) })
		})
	})
}

func (h *hosts) keep(id string) {
	h.removing = ""
	h.page.after(func() { h.page.surface.Focus("host-" + id + "-remove") })
}

// render is the screen.
func (h *hosts) render() goapp.UI {
	return el("div", class("screen"),
		el("div", class("lead"), el("h1", say("hosts")), el("p", class("lead-words"), say("hosts.lead"))),
		el("div", class("columns"),
			el("section", class("card", "column"), at("aria-labelledby", "hosts-registered"),
				el("h2", at("id", "hosts-registered"), say("hosts.registered")), h.renderList()),
			el("section", class("card", "column"), at("aria-labelledby", "hosts-add"),
				el("h2", at("id", "hosts-add"), say("hosts.add")), h.renderForm()),
		),
	)
}

func (h *hosts) renderList() goapp.UI {
	if len(h.items) == 0 {
		return el("p", class("muted"), say("hosts.none"))
	}
	rows := []any{class("host-list")}
	for _, host := range h.items {
		rows = append(rows, h.renderHost(host))
	}
	return el("ul", rows...)
}

func (h *hosts) renderHost(host paycor.Host) goapp.UI {
	keys := any(say("hosts.pasted"))
	if host.KeysURL != "" {
		keys = el("code", host.KeysURL)
	}
	origins := []goapp.UI{}
	for _, origin := range host.Origins {
		origins = append(origins, el("code", class("host-origin"), origin))
	}
	act := slot(button("danger-quiet", "host-"+host.ID+"-remove", say("hosts.remove"), unseen(host.Name), click("host-remove/"+host.ID, func() { h.remove(host) })))
	if h.removing == host.ID {
		act = slot(el("p", class("question"), at("role", "alert"), say("hosts.sure", host.Name)),
			el("div", class("buttons"),
				button("", "host-"+host.ID+"-keep", say("cancel"), click("host-keep/"+host.ID, func() { h.keep(host.ID) })),
				button("danger", "host-"+host.ID+"-sure", say("hosts.remove"), click("host-sure/"+host.ID, func() { h.remove(host) }))))
	}
	return el("li", class("host"),
		el("h3", host.Name),
		el("dl", class("facts", "small"),
			fact(say("hosts.id"), el("code", host.ID)),
			fact(say("hosts.origins"), el("span", class("host-origins"), origins)),
			fact(say("hosts.rights"), host.Rights.String()),
			fact(say("hosts.keys"), keys),
		),
		act,
	)
}

func (h *hosts) renderForm() goapp.UI {
	return el("form", at("id", "host-form"), at("method", "dialog"), flag("novalidate", true), at("autocomplete", "off"), class("host-form"),
		on("submit", "host-form", func(event goapp.Event) {
			event.PreventDefault()
			h.add()
		}),
		slot(h.renderSummary()),
		h.renderField(paycor.FieldHostName, false, ""),
		h.renderField(paycor.FieldHostID, false, say("optional")),
		h.renderField(paycor.FieldHostOrigins, true, ""),
		h.renderField(paycor.FieldHostKeys, true, ""),
		h.renderField(paycor.FieldHostKeysURL, false, say("optional")),
		h.renderRights(),
		el("p", el("button", at("type", "submit"), at("id", "host-save"), class("button", "primary"), el("span", say("hosts.save")))),
	)
}

func (h *hosts) renderSummary() any {
	if len(h.problems) == 0 && h.failure == "" {
		return nil
	}
	items := []any{}
	for _, problem := range h.problems {
		to := hostInput(problem.Field)
		items = append(items, el("li", el("a", at("href", "#"+to), problem.Message, on("click", "host-point/"+to, func(event goapp.Event) {
			event.PreventDefault()
			h.page.after(func() { h.page.surface.Focus(to) })
		}))))
	}
	return el("div", at("id", "host-summary"), class("summary", "shown"), at("tabindex", "-1"), at("role", "alert"),
		el("h3", say("summary.problems")), el("p", h.failure), el("ul", items...))
}

// fault is what is wrong with a field, or nothing.
func (h *hosts) fault(field paycor.Field) string {
	for _, problem := range h.problems {
		if problem.Field == field {
			return problem.Message
		}
	}
	return ""
}

func (h *hosts) renderField(field paycor.Field, long bool, optional string) goapp.UI {
	id, fault := hostInput(field), h.fault(field)
	described := id + "-hint"
	if fault != "" {
		described += " " + id + "-problem"
	}
	input := []any{at("id", id), class("input"), at("autocomplete", "off"), at("spellcheck", "false"),
		at("aria-describedby", described), at("aria-invalid", yes(fault != ""))}
	control := el("input", append(input, at("type", "text"))...)
	if long {
		control = el("textarea", append(input, at("rows", "3"))...)
	}
	return el("div", class("field", faulty(fault != "")),
		el("label", at("for", id), say("hosts.field."+string(field)), " ", el("span", class("optional"), optional)),
		el("p", at("id", id+"-hint"), class("hint"), say("hosts.hint."+string(field))),
		el("p", at("id", id+"-problem"), class("error"), fault),
		control,
	)
}

func (h *hosts) renderRights() goapp.UI {
	parts := []any{class("field", "host-rights"), at("id", hostInput(paycor.FieldHostRights)), at("tabindex", "-1"),
		el("legend", say("hosts.field.rights")), el("p", class("hint"), say("hosts.hint.rights")),
		el("p", class("error"), h.fault(paycor.FieldHostRights))}
	for _, right := range paycor.AllRights() {
		id := "host-right-" + string(right)
		parts = append(parts, el("label", class("host-right"), at("for", id),
			el("input", at("type", "checkbox"), at("id", id), at("value", string(right)), state("checked", h.rights.Has(right)),
				on("change", id, func(goapp.Event) { h.choose(right) })),
			el("span", say("hosts.right."+string(right)))))
	}
	return el("fieldset", parts...)
}

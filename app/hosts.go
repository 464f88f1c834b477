package app

import (
	"net/url"
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// hosts is the state of the screen on which sites are registered that may
// embed the page.
type hosts struct {
	page     *Page
	items    []paycor.Host
	adding   *hostForm
	changing *hostForm // in its place while a host is changed
	removing string    // id of the host whose removal is asked about
}

func newHosts(p *Page) *hosts {
	h := &hosts{page: p, items: p.start.Hosts}
	h.adding = &hostForm{hosts: h, prefix: "host", rights: paycor.Rights{paycor.RightView}}
	h.changing = &hostForm{hosts: h, prefix: "changed-host"}
	return h
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

// remove asks first, and removes at the second press.
func (h *hosts) remove(host paycor.Host) {
	if h.removing != host.ID {
		h.removing = host.ID
		h.page.after(func() { h.page.surface.Focus("host-" + host.ID + "-keep") })
		return
	}
	h.page.tell("", nil)
	h.page.async(func() {
		err := h.page.service.RemoveHost(h.page.ctx, host.ID)
		h.page.do(func() {
			h.removing = ""
			if err != nil && paycor.KindOf(err) != paycor.KindNotFound {
				h.page.fail(hostFailure(host.ID), say("hosts.not-removed", host.Name, words(err)))
				h.page.after(func() { h.page.surface.Focus("host-" + host.ID + "-remove") })
				return
			}
			h.items = slices.DeleteFunc(slices.Clone(h.items), func(one paycor.Host) bool { return one.ID == host.ID })
			if h.changing.base != nil && h.changing.base.ID == host.ID {
				h.changing.base = nil
			}
			h.page.tell(say("hosts.removed", host.Name), nil)
			h.page.after(func() { h.page.surface.Focus(h.adding.input(paycor.FieldHostName)) })
		})
	})
}

// edit takes a host as it is now into the form.
func (h *hosts) edit(id string) {
	for _, host := range h.items {
		if host.ID == id {
			h.removing = ""
			h.changing.begin(host)
		}
	}
}

// hostFailure is the place of what failed with a host.
func hostFailure(id string) string { return "host-" + id + "-failure" }

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
			el("div", class("column"),
				el("section", class("card"), at("aria-labelledby", "hosts-add"), flag("hidden", h.changing.base != nil),
					el("h2", at("id", "hosts-add"), say("hosts.add")), h.adding.render()),
				slot(h.renderChange())),
		),
	)
}

// renderChange stands where the form for a new host stands otherwise, which
// keeps what is typed in it.
func (h *hosts) renderChange() any {
	if h.changing.base == nil {
		return nil
	}
	return el("section", class("card"), at("aria-labelledby", "hosts-change"),
		el("h2", at("id", "hosts-change"), say("hosts.change", h.changing.base.Name)), h.changing.render())
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
	act := slot(el("div", class("buttons"),
		button("", "host-"+host.ID+"-edit", say("hosts.edit"), unseen(host.Name), click("host-edit/"+host.ID, func() { h.edit(host.ID) })),
		button("danger-quiet", "host-"+host.ID+"-remove", say("hosts.remove"), unseen(host.Name), click("host-remove/"+host.ID, func() { h.remove(host) }))))
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
			fact(say("hosts.rights"), renderRights(host.Rights)),
			fact(say("hosts.keys"), keys),
			fact(say("hosts.next"), el("a", at("href", "/embed/doctor?host="+url.QueryEscape(host.ID)), say("hosts.doctor"))),
		),
		h.page.renderFailure(hostFailure(host.ID)),
		act,
	)
}

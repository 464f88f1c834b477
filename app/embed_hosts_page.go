package app

import (
	"net/url"
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/client"
	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
)

// embedHostsPage lists the sites that may embed the page.
type embedHostsPage struct {
	page     *Page
	items    []embed.Host
	adding   *embedHostForm
	changing *embedHostForm // shown instead while a site is changed
	removing string         // ID of the site whose removal is being confirmed
}

func newEmbedHostsPage(p *Page) *embedHostsPage {
	h := &embedHostsPage{page: p, items: p.start.Hosts}
	h.adding = newEmbedHostForm(h, "host-", fields.HostName, fields.HostID, fields.HostOrigins, fields.HostKeys, fields.HostKeysURL)
	h.adding.rights = paycor.Rights{paycor.RightView}
	h.changing = newEmbedHostForm(h, "changed-host-", fields.HostName, fields.HostOrigins, fields.HostKeys, fields.HostKeysURL)
	return h
}

// refresh reads the list again.
func (h *embedHostsPage) refresh() {
	h.page.loop.Async(func() {
		items, err := h.page.service.Hosts(h.page.ctx)
		h.page.loop.Update(func() {
			if err == nil {
				h.items = items
			}
		})
	})
}

// remove asks for confirmation on the first click, and removes the site on the
// second.
func (h *embedHostsPage) remove(host embed.Host) {
	if h.removing != host.ID {
		h.removing = host.ID
		h.page.loop.AfterRender(func() { h.page.document.Focus("host-" + host.ID + "-keep") })
		return
	}
	h.page.setStatus("", nil)
	h.page.loop.Async(func() {
		err := h.page.service.RemoveHost(h.page.ctx, host.ID)
		h.page.loop.Update(func() {
			h.removing = ""
			if err != nil && paycor.KindOf(err) != paycor.KindNotFound {
				h.page.showError(embedHostErrorID(host.ID), say("embed-hosts.not-removed", host.Name, client.ErrorText(err)))
				h.page.loop.AfterRender(func() { h.page.document.Focus("host-" + host.ID + "-remove") })
				return
			}
			h.items = slices.DeleteFunc(slices.Clone(h.items), func(one embed.Host) bool { return one.ID == host.ID })
			if h.changing.base != nil && h.changing.base.ID == host.ID {
				h.changing.base = nil
			}
			h.page.setStatus(say("embed-hosts.removed", host.Name), nil)
			h.page.loop.AfterRender(func() { h.page.document.Focus(h.adding.InputID(fields.HostName)) })
		})
	})
}

// edit opens the form for a site.
func (h *embedHostsPage) edit(id string) {
	for _, host := range h.items {
		if host.ID == id {
			h.removing = ""
			h.changing.edit(host)
		}
	}
}

// embedHostErrorID returns the ID of the element for an error about a site.
func embedHostErrorID(id string) string { return "host-" + id + "-failure" }

func (h *embedHostsPage) cancelRemove(id string) {
	h.removing = ""
	h.page.loop.AfterRender(func() { h.page.document.Focus("host-" + id + "-remove") })
}

// render renders the embedding sites page.
func (h *embedHostsPage) render() goapp.UI {
	return dom.El("div", dom.Class("screen"),
		dom.El("div", dom.Class("lead"), dom.El("h1", say("embed-hosts")), dom.El("p", dom.Class("lead-words"), say("embed-hosts.lead"))),
		dom.El("div", dom.Class("columns"),
			dom.El("section", dom.Class("card", "column"), dom.Attr("aria-labelledby", "hosts-registered"),
				dom.El("h2", dom.Attr("id", "hosts-registered"), say("embed-hosts.registered")), h.renderList()),
			dom.El("div", dom.Class("column"),
				dom.El("section", dom.Class("card"), dom.Attr("aria-labelledby", "hosts-add"), dom.Flag("hidden", h.changing.base != nil),
					dom.El("h2", dom.Attr("id", "hosts-add"), say("embed-hosts.add")), h.adding.render()),
				dom.Slot(h.renderChange())),
		),
	)
}

// renderChange renders the form for a change. The form for a new site stays in
// the document, hidden, so that it keeps typed text.
func (h *embedHostsPage) renderChange() any {
	if h.changing.base == nil {
		return nil
	}
	return dom.El("section", dom.Class("card"), dom.Attr("aria-labelledby", "hosts-change"),
		dom.El("h2", dom.Attr("id", "hosts-change"), say("embed-hosts.change", h.changing.base.Name)), h.changing.render())
}

func (h *embedHostsPage) renderList() goapp.UI {
	if len(h.items) == 0 {
		return dom.El("p", dom.Class("muted"), say("embed-hosts.none"))
	}
	rows := []any{dom.Class("host-list")}
	for _, host := range h.items {
		rows = append(rows, h.renderHost(host))
	}
	return dom.El("ul", rows...)
}

func (h *embedHostsPage) renderHost(host embed.Host) goapp.UI {
	keys := any(say("embed-hosts.pasted"))
	if host.KeysURL != "" {
		keys = dom.El("code", host.KeysURL)
	}
	origins := []goapp.UI{}
	for _, origin := range host.Origins {
		origins = append(origins, dom.El("code", dom.Class("host-origin"), origin))
	}
	act := dom.Slot(dom.El("div", dom.Class("buttons"),
		dom.Button("", "host-"+host.ID+"-edit", say("embed-hosts.edit"), dom.VisuallyHidden(host.Name), dom.Click("host-edit/"+host.ID, func() { h.edit(host.ID) })),
		dom.Button("danger-quiet", "host-"+host.ID+"-remove", say("embed-hosts.remove"), dom.VisuallyHidden(host.Name), dom.Click("host-remove/"+host.ID, func() { h.remove(host) }))))
	if h.removing == host.ID {
		act = dom.Slot(dom.El("p", dom.Class("question"), dom.Attr("role", "alert"), say("embed-hosts.confirm", host.Name)),
			dom.El("div", dom.Class("buttons"),
				dom.Button("", "host-"+host.ID+"-keep", say("cancel"), dom.Click("host-keep/"+host.ID, func() { h.cancelRemove(host.ID) })),
				dom.Button("danger", "host-"+host.ID+"-sure", say("embed-hosts.remove"), dom.Click("host-sure/"+host.ID, func() { h.remove(host) }))))
	}
	return dom.El("li", dom.Class("host"),
		dom.El("h3", host.Name),
		dom.El("dl", dom.Class("facts", "small"),
			fact(say("embed-hosts.id"), dom.El("code", host.ID)),
			fact(say("embed-hosts.origins"), dom.El("span", dom.Class("host-origins"), origins)),
			fact(say("embed-hosts.rights"), renderRights(host.Rights)),
			fact(say("embed-hosts.keys"), keys),
			fact(say("embed-hosts.next"), dom.El("a", dom.Attr("href", "/embed/doctor?host="+url.QueryEscape(host.ID)), say("embed-hosts.doctor"))),
		),
		h.page.renderError(embedHostErrorID(host.ID)),
		act,
	)
}

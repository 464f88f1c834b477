package app

import (
	"net/url"
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/events"
)

const addHostID = "add-host"

// embedHostsPage lists the sites that may embed the page.
type embedHostsPage struct {
	page     *Page
	list     embed.HostList
	dialog   *embedHostDialog
	removing string // ID of the site whose removal is being confirmed
}

func newEmbedHostsPage(p *Page) *embedHostsPage {
	h := &embedHostsPage{page: p, list: p.start.Hosts}
	h.dialog = newEmbedHostDialog(h)
	return h
}

// apply reads the list again if it may have changed. No event says so.
func (h *embedHostsPage) apply(changes []events.Change) {
	if concern(changes) {
		h.refresh()
	}
}

// refresh reads the list again.
func (h *embedHostsPage) refresh() {
	h.page.loop.Async(func() {
		list, err := h.page.service.Hosts(h.page.ctx)
		h.page.loop.Update(func() {
			if err == nil {
				h.list = list
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
				h.page.showError(embedHostErrorID(host.ID), h.page.say("embed-hosts.not-removed", host.Name, h.page.errorText(err)))
				h.page.loop.AfterRender(func() { h.page.document.Focus("host-" + host.ID + "-remove") })
				return
			}
			h.list.Hosts = slices.DeleteFunc(slices.Clone(h.list.Hosts), func(one embed.Host) bool { return one.ID == host.ID })
			h.page.setStatus(h.page.say("embed-hosts.removed", host.Name), nil)
			h.page.loop.AfterRender(func() { h.page.document.Focus(addHostID) })
		})
	})
}

// edit opens the dialog for a site.
func (h *embedHostsPage) edit(host embed.Host) {
	h.removing = ""
	h.dialog.openFor(host)
}

// embedHostErrorID returns the ID of the element for an error about a site.
func embedHostErrorID(id string) string { return "host-" + id + "-failure" }

// embedHostStatusID returns the ID of the element for a result about a site.
func embedHostStatusID(id string) string { return "host-" + id + "-status" }

// embedHostEditID returns the ID of the button that edits a site.
func embedHostEditID(id string) string { return "host-" + id + "-edit" }

func (h *embedHostsPage) cancelRemove(id string) {
	h.removing = ""
	h.page.loop.AfterRender(func() { h.page.document.Focus("host-" + id + "-remove") })
}

// render renders the embedding sites page.
func (h *embedHostsPage) render() goapp.UI {
	return dom.El("div", dom.Class("screen"),
		dom.El("div", dom.Class("lead", "lead-detail"),
			dom.El("div", dom.Class("lead-text"),
				dom.El("h1", h.page.say("embed-hosts")),
				dom.El("p", dom.Class("lead-words"), h.page.say("embed-hosts.lead")),
			),
			dom.Button("primary", addHostID, h.page.say("embed-hosts.add"), dom.Attr("aria-haspopup", "dialog"), dom.Click(addHostID, h.dialog.openNew)),
		),
		renderUnreadable(h.list.Unreadable, h.page.count(h.list.Unreadable, "embed-hosts.unreadable")),
		h.renderList(),
		h.dialog.render(),
	)
}

func (h *embedHostsPage) renderList() goapp.UI {
	if len(h.list.Hosts) == 0 && h.list.Unreadable > 0 {
		return nil // what is said above
	}
	if len(h.list.Hosts) == 0 {
		return dom.El("div", dom.Class("notice"), dom.Icon("key"), dom.El("div",
			dom.El("p", dom.Class("notice-title"), h.page.say("embed-hosts.none")), dom.El("p", h.page.say("embed-hosts.none-help"))))
	}
	cards := []any{dom.Class("consumers"), dom.Attr("aria-label", h.page.say("embed-hosts"))}
	for _, host := range h.list.Hosts {
		cards = append(cards, h.renderHost(host))
	}
	return dom.El("ul", cards...)
}

func (h *embedHostsPage) renderHost(host embed.Host) goapp.UI {
	keys := any(h.page.say("embed-hosts.pasted"))
	switch {
	case host.KeysURL != "":
		keys = dom.El("code", host.KeysURL)
	case len(host.Keys) == 0:
		keys = h.page.say("embed-hosts.keys-none")
	}
	origins := []goapp.UI{}
	for _, origin := range host.Origins {
		origins = append(origins, dom.El("code", dom.Class("host-origin"), origin))
	}
	act := dom.Slot(dom.El("div", dom.Class("buttons"),
		dom.Button("", embedHostEditID(host.ID), h.page.say("embed-hosts.edit"), dom.VisuallyHidden(host.Name), dom.Click("host-edit/"+host.ID+host.ETag(), func() { h.edit(host) })),
		dom.Button("danger-quiet", "host-"+host.ID+"-remove", h.page.say("embed-hosts.remove"), dom.VisuallyHidden(host.Name), dom.Click("host-remove/"+host.ID+host.ETag(), func() { h.remove(host) }))))
	if h.removing == host.ID {
		act = dom.Slot(dom.El("p", dom.Class("question"), dom.Attr("role", "alert"), h.page.say("embed-hosts.confirm", host.Name)),
			dom.El("div", dom.Class("buttons"),
				dom.Button("", "host-"+host.ID+"-keep", h.page.say("cancel"), dom.Click("host-keep/"+host.ID, func() { h.cancelRemove(host.ID) })),
				dom.Button("danger", "host-"+host.ID+"-sure", h.page.say("embed-hosts.remove"), dom.Click("host-sure/"+host.ID+host.ETag(), func() { h.remove(host) }))))
	}
	name := "host-" + host.ID + "-heading"
	return dom.El("li", dom.Class("card", "host"), dom.Attr("aria-labelledby", name),
		dom.El("h2", dom.Attr("id", name), host.Name),
		renderAltered(host.Altered, h.page.say("embed-hosts.altered")),
		dom.El("dl", dom.Class("facts", "small"),
			fact(h.page.say("embed-hosts.id"), dom.El("code", host.ID)),
			fact(h.page.say("embed-hosts.origins"), dom.El("span", dom.Class("host-origins"), origins)),
			fact(h.page.say("embed-hosts.rights"), renderRights(h.page.words, host.Rights)),
			fact(h.page.say("embed-hosts.keys"), keys),
			h.renderTenants(h.list.Tenants[host.ID]),
			fact(h.page.say("embed-hosts.next"), dom.El("a", dom.Attr("href", "/embed/doctor?host="+url.QueryEscape(host.ID)), h.page.say("embed-hosts.doctor"))),
		),
		h.page.renderError(embedHostErrorID(host.ID)),
		h.page.renderStatus(embedHostStatusID(host.ID)),
		act,
	)
}

// renderTenants renders the tenants of a site, if it has some. Only a command changes them,
// because that takes authority over two workspaces.
func (h *embedHostsPage) renderTenants(tenants []embed.Tenant) goapp.UI {
	if len(tenants) == 0 {
		return nil
	}
	list := []any{dom.Class("host-tenants")}
	for _, tenant := range tenants {
		text := h.page.say("embed-hosts.tenant", tenant.ID, tenant.Workspace, tenant.Rights)
		if tenant.Altered {
			text = h.page.say("embed-hosts.tenant-altered", tenant.ID)
		}
		list = append(list, dom.El("li", text))
	}
	return fact(h.page.say("embed-hosts.tenants"), dom.El("details",
		dom.El("summary", h.page.count(len(tenants), "embed-hosts.tenants")), dom.El("ul", list...), dom.El("p", h.page.say("embed-hosts.tenants-how"))))
}

package app

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
)

// screen is what one address shows between the header and the foot of a page.
type screen interface {
	render() goapp.UI
	refresh() // reads again what is shown, without taking it away meanwhile
}

// navItem is a screen that the header leads to.
type navItem struct {
	path      string
	name      string       // "nav." before it is its key in the catalogue
	right     paycor.Right // who may go there; empty is everybody
	newScreen func(*Page) screen
}

// navItems are the screens of the header, in its order.
var navItems = []navItem{
	{"/", "credentials", paycor.RightView, func(p *Page) screen { p.list = newCredentialList(p); return p.list }},
	{"/audit", "audit", paycor.RightAdmin, func(p *Page) screen { return newAuditPage(p) }},
	{consumersPath, "consumers", paycor.RightAdmin, func(p *Page) screen { return newConsumersPage(p) }},
	{"/hosts", "hosts", paycor.RightAdmin, func(p *Page) screen { return newEmbedHostsPage(p) }},
	{"/sign-ins", "sign-ins", "", func(p *Page) screen { return newSessionsPage(p) }},
}

// screenOf makes the screen of the page's address: one of the places, or a
// credential's own page, which lies beneath the first of them.
func screenOf(p *Page) screen {
	for _, place := range navItems {
		if p.start.Path == place.path || p.start.Path == "" {
			return place.newScreen(p)
		}
	}
	p.detail = newDetailPage(p)
	p.activation = newActivationDialog(p)
	p.rotation = newRotationDialog(p)
	return p.detail
}

// renderNav is the way to the other places, where the caller may go to more
// than one.
func (p *Page) renderNav() any {
	var links []any
	for _, place := range navItems {
		if place.right != "" && !p.can(place.right) {
			continue
		}
		current := ""
		if p.start.Path == place.path || place.path == "/" && strings.HasPrefix(p.start.Path, "/credentials/") {
			current = "page"
		}
		links = append(links, dom.El("li", dom.El("a", dom.Class("place"), dom.Attr("href", place.path), dom.Attr("aria-current", current), say("nav."+place.name))))
	}
	if len(links) < 2 {
		return nil
	}
	return dom.El("nav", dom.Attr("aria-label", say("nav")), dom.El("ul", append([]any{dom.Class("places")}, links...)...))
}

package app

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/events"
)

// screen is what one address shows below the header.
type screen interface {
	render() goapp.UI
	refresh()              // reads the shown data again and keeps it until then
	apply([]events.Change) // shows changes that others made
}

// navItem is a screen the header links to.
type navItem struct {
	path      string
	name      string       // after "nav." its key in the catalogue
	right     paycor.Right // needed to open it; empty for everybody
	newScreen func(*Page) screen
	server    bool // about the server as a whole: for the default workspace only
}

// navItems are the screens in the order of the header.
var navItems = []navItem{
	{"/", "credentials", paycor.RightView, func(p *Page) screen { p.list = newCredentialList(p); return p.list }, false},
	{"/audit", "audit", paycor.RightAdmin, func(p *Page) screen { return newAuditPage(p) }, false},
	{consumersPath, "consumers", paycor.RightAdmin, func(p *Page) screen { return newConsumersPage(p) }, false},
	{"/hosts", "hosts", paycor.RightAdmin, func(p *Page) screen { return newEmbedHostsPage(p) }, false},
	{"/notifications", "channels", paycor.RightAdmin, func(p *Page) screen { return newChannelsPage(p) }, false},
	{"/sign-ins", "sign-ins", "", func(p *Page) screen { return newSessionsPage(p) }, false},
	{systemPath, "system", paycor.RightAdmin, func(p *Page) screen { return newSystemPage(p) }, true},
}

// screenOf returns the screen of the page's address: one of navItems, or the page of an
// application or a credential.
func screenOf(p *Page) screen {
	for _, item := range navItems {
		if p.start.Path == item.path || p.start.Path == "" {
			return item.newScreen(p)
		}
	}
	if strings.HasPrefix(p.start.Path, applicationsPath) {
		if p.start.Credential != nil {
			p.openDetail()
		}
		return newApplicationPage(p)
	}
	p.openDetail()
	return p.detail
}

// openDetail makes the detail page of the page's credential, with its dialogs.
func (p *Page) openDetail() {
	p.detail = newDetailPage(p)
	p.activation = newActivationDialog(p)
	p.rotation = newRotationDialog(p)
}

// renderNav links to the screens the caller may open, if there are several.
func (p *Page) renderNav() any {
	var links []any
	for _, item := range navItems {
		if item.right != "" && !p.can(item.right) || item.server && p.start.Caller.Workspace != paycor.DefaultWorkspace {
			continue
		}
		current := ""
		if p.start.Path == item.path || item.path == "/" && (strings.HasPrefix(p.start.Path, "/credentials/") || strings.HasPrefix(p.start.Path, applicationsPath)) {
			current = "page"
		}
		links = append(links, dom.El("li", dom.El("a", dom.Class("nav-item"), dom.Attr("href", item.path), dom.Attr("aria-current", current), p.say("nav."+item.name))))
	}
	if len(links) < 2 {
		return nil
	}
	return dom.El("nav", dom.Attr("aria-label", p.say("nav")), dom.El("ul", append([]any{dom.Class("nav-items")}, links...)...))
}

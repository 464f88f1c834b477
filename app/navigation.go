package app

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
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
	path   string
	name   string       // after "nav." its key in the catalogue
	right  paycor.Right // needed to open it; empty for everybody
	server bool         // about the server as a whole: for the default workspace only
}

// navItems are the screens in the order of the header.
var navItems = []navItem{
	{"/", "credentials", paycor.RightView, false},
	{api.PathAudit, "audit", paycor.RightAdmin, false},
	{api.PathConsumers, "consumers", paycor.RightAdmin, false},
	{api.PathHosts, "hosts", paycor.RightAdmin, false},
	{api.PathChannels, "channels", paycor.RightAdmin, false},
	{api.PathSessions, "sign-ins", "", false},
	{api.PathSystem, "system", paycor.RightAdmin, true},
}

// renderNav links to the screens the caller may open, if there are several. Where the
// header is too narrow for them, a button opens them.
func (p *Page) renderNav() any {
	var links []any
	for _, item := range navItems {
		if item.right != "" && !p.can(item.right) || item.server && p.start.Caller.Workspace != paycor.DefaultWorkspace {
			continue
		}
		current := ""
		if p.start.Path == item.path || item.path == "/" && (strings.HasPrefix(p.start.Path, credentialsPath) || strings.HasPrefix(p.start.Path, applicationsPath)) {
			current = "page"
		}
		links = append(links, dom.El("li", dom.El("a", dom.Attr("id", "nav-"+item.name), dom.Class("nav-item"), dom.Attr("href", item.path), dom.Attr("aria-current", current), p.say("nav."+item.name))))
	}
	if len(links) < 2 {
		return nil
	}
	return []goapp.UI{
		dom.El("button", dom.Attr("type", "button"), dom.Attr("id", "open-"+navID), dom.Class("button", "quiet", "nav-button"), dom.Attr("popovertarget", navID), dom.Icon("menu"), dom.El("span", p.say("menu"))),
		dom.El("nav", dom.Attr("id", navID), dom.Class("popover", "nav"), dom.Attr("popover", "auto"), dom.Attr("aria-label", p.say("nav")), dom.El("ul", append([]any{dom.Class("nav-items")}, links...)...)),
	}
}

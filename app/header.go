package app

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor/api"
)

// helpPath is the address of the manual.
const helpPath = "/docs"

// IDs of what the header opens. They are popovers, so that they work before the program
// runs.
const (
	navID     = "nav"
	accountID = "account"
)

func (p *Page) renderHeader() goapp.UI {
	return dom.El("header", dom.Class("top"),
		dom.El("a", dom.Class("brand"), dom.Attr("href", "/"), dom.El("span", dom.Class("mark"), dom.Attr("aria-hidden", "true")), dom.El("span", dom.Class("brand-name"), p.say("brand"))),
		dom.Slot(p.renderNav()),
		dom.El("div", dom.Class("who"),
			dom.El("a", dom.Class("top-link"), dom.Attr("href", helpPath), p.say("help")),
			dom.El("button", dom.Attr("type", "button"), dom.Attr("id", "open-"+accountID), dom.Class("button", "quiet"), dom.Attr("popovertarget", accountID),
				dom.Icon("person"), dom.VisuallyHidden(p.say("account")), dom.El("span", dom.Class("who-name"), p.nameText(p.start.Caller.Name))),
			p.renderAccount()),
	)
}

// renderAccount renders what concerns the caller alone: language, theme and the way out.
func (p *Page) renderAccount() goapp.UI {
	parts := []any{dom.Attr("id", accountID), dom.Class("popover", "account"), dom.Attr("popover", "auto"),
		dom.El("p", dom.El("span", dom.Class("muted", "small"), p.say("account.signed-in")), " ", dom.El("strong", p.nameText(p.start.Caller.Name)))}
	if len(p.start.Languages) > 0 {
		parts = append(parts, dom.El("ul", append([]any{dom.Class("menu-items")}, renderLanguages(p.start.Languages)...)...))
	}
	return dom.El("div", append(parts, p.renderThemes(),
		dom.El("form", dom.Attr("method", "post"), dom.Attr("action", "/sign-out"),
			dom.El("button", dom.Attr("type", "submit"), dom.Class("button"), dom.El("span", p.say("sign-out")))))...)
}

// renderLanguages links to this page in the other languages. The server remembers
// the choice.
func renderLanguages(languages []api.Language) []any {
	var links []any
	for _, language := range languages {
		links = append(links, dom.El("li", dom.El("a", dom.Class("top-link"), dom.Attr("href", "?lang="+language.Tag), dom.Attr("lang", language.Tag), dom.Attr("hreflang", language.Tag), language.Name)))
	}
	return links
}

// renderThemes links to this page in the themes. The server remembers the choice.
func (p *Page) renderThemes() goapp.UI {
	items := []any{dom.Class("views"), dom.Attr("aria-labelledby", "themes")}
	for _, theme := range api.Themes() {
		items = append(items, dom.El("li", dom.El("a", dom.Attr("id", "theme-"+string(theme)), dom.Class("view-link"), dom.Attr("href", "?theme="+string(theme)), dom.Attr("aria-current", dom.AriaBool(theme == p.start.Theme)), p.say("theme."+string(theme)))))
	}
	return dom.El("div", dom.El("p", dom.Attr("id", "themes"), dom.Class("muted", "small"), p.say("theme")), dom.El("ul", items...))
}

package app

import (
	"strconv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// Steps of the guide, and what its links lead to.
const (
	guideSteps     = 10
	linkPortal     = "portal"
	linkActivation = "activate"
)

// guideFields are the fields that steps of the guide are about.
var guideFields = map[int]fields.Field{
	1: fields.Environment, 5: fields.Scope, 6: fields.ClientID, 7: fields.ClientSecret, 8: fields.SubscriptionKey, 9: fields.LegalEntityID, 10: fields.Grant,
}

// renderGuide renders the guide to the values: a drawing of where Paycor shows them, ten
// steps, then the Data Access rights to choose. boot.js folds it on narrow screens, and
// marks what is about the field that has the focus.
func renderGuide(e *editor) goapp.UI {
	p, environment := e.page, e.page.environment(e.environment)
	items := []any{dom.Class("guide-steps")}
	for step := 1; step <= guideSteps; step++ {
		key := "guide." + strconv.Itoa(step)
		parts := []any{dom.El("p", dom.Class("guide-title"), p.say(key)), dom.El("p", dom.Class("guide-words"), p.say(key+".words"))}
		if field := guideFields[step]; field != "" {
			parts = append(parts, dom.Attr("data-for", e.InputID(field)))
		}
		if step == guideSteps {
			parts = append(parts, renderGuideLink(p, environment, linkActivation))
		}
		items = append(items, dom.El("li", parts...))
	}
	groups := []any{dom.Class("groups")}
	for _, group := range []string{"employees", "organisation", "payroll", "time"} {
		groups = append(groups, fact(p.say("access."+group), p.say("access."+group+".rights")))
	}
	return dom.El("aside", dom.Class("guide"), dom.Attr("aria-labelledby", "guide-title"),
		dom.El("details", dom.Attr("id", "guide"), dom.Flag("open", true),
			dom.El("summary", dom.El("h3", dom.Attr("id", "guide-title"), p.say("guide"))),
			dom.El("div", dom.Class("guide-body"),
				dom.El("p", dom.Class("hint"), p.say("guide.for", p.sentence(environment.Title()))),
				renderGuideLink(p, environment, linkPortal),
				renderPortal(e),
				dom.El("ol", items...),
				dom.El("h4", p.say("access")),
				dom.El("p", dom.Class("hint"), p.say("access.words")),
				dom.El("dl", groups...),
			),
		),
	)
}

// renderPortal draws the screens of Paycor that show the values, so that people recognize
// them. The steps say the same in words.
func renderPortal(e *editor) goapp.UI {
	p := e.page
	drawing := []any{dom.Class("portal"), dom.Attr("aria-hidden", "true")}
	for _, screen := range []struct {
		place  string
		fields []fields.Field
	}{
		{p.say("guide.portal.connections"), []fields.Field{fields.ClientID, fields.ClientSecret, fields.SubscriptionKey}},
		{p.say("guide.portal.company"), []fields.Field{fields.LegalEntityID}},
	} {
		drawing = append(drawing, dom.El("p", dom.Class("portal-place"), screen.place))
		for _, field := range screen.fields {
			drawing = append(drawing, dom.El("p", dom.Class("portal-value"), dom.Attr("data-for", e.InputID(field)), dom.El("span", p.fieldLabel(field)), dom.El("span", dom.Class("portal-box"))))
		}
	}
	return dom.El("div", drawing...)
}

// renderGuideLink links to a page of an environment, if it has that page.
func renderGuideLink(p *credentialsPage, environment paycor.Environment, target string) any {
	href, text := environmentLink(p.words, environment, target)
	if href == "" {
		return dom.Slot()
	}
	return dom.Slot(dom.El("p", p.newTabLink(href, text)))
}

// environmentLink returns a link in an environment, or "" if it has no such page.
func environmentLink(w words, environment paycor.Environment, target string) (href, text string) {
	switch target {
	case linkPortal:
		return environment.PortalURL, w.say("guide.portal")
	case linkActivation:
		// Paycor's own activation form is next to its authorize page.
		if base, ok := strings.CutSuffix(environment.AuthorizeURL, "/Authorize"); ok {
			return base + "/ClientActivation", w.say("guide.activate")
		}
	}
	return "", ""
}

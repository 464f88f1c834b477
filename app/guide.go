package app

import (
	"strconv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
)

// Steps of the guide, and what their links lead to.
const (
	guideSteps     = 10
	linkPortal     = "portal"
	linkActivation = "activate"
)

// stepLink returns the target of a step's link. Steps that are done on this
// page have none.
func stepLink(step int) string {
	switch step {
	case 10:
		return linkActivation
	case 9:
		return ""
	}
	return linkPortal
}

// renderGuide renders the guide to the values: ten steps, then the Data Access
// rights to choose. boot.js folds it on narrow screens.
func renderGuide(p *credentialsPage, environment paycor.Environment) goapp.UI {
	items := []any{dom.Class("guide-steps")}
	for step := 1; step <= guideSteps; step++ {
		key := "guide." + strconv.Itoa(step)
		parts := []any{dom.El("p", dom.Class("guide-title"), p.say(key)), dom.El("p", dom.Class("guide-words"), p.say(key+".words"))}
		if href, text := environmentLink(p.words, environment, stepLink(step)); href != "" {
			parts = append(parts, dom.El("p", p.newTabLink(href, text)))
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
				dom.El("ol", items...),
				dom.El("h4", p.say("access")),
				dom.El("p", dom.Class("hint"), p.say("access.words")),
				dom.El("dl", groups...),
			),
		),
	)
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

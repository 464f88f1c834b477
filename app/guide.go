package app

import (
	"strconv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
)

// steps of the guide, and where each of them leads.
const (
	guideSteps     = 10
	linkPortal     = "portal"
	linkActivation = "activate"
)

// stepLink says where each step's link goes; steps without one are done here.
func stepLink(step int) string {
	switch step {
	case 10:
		return linkActivation
	case 9:
		return ""
	}
	return linkPortal
}

// renderGuide is the way to the values, beside the form: ten steps, then the
// Data Access rights to choose. It folds away where the screen is narrow.
func renderGuide(p *Page, environment paycor.Environment) goapp.UI {
	items := []any{dom.Class("guide-steps")}
	for step := 1; step <= guideSteps; step++ {
		key := "guide." + strconv.Itoa(step)
		parts := []any{dom.El("p", dom.Class("guide-title"), say(key)), dom.El("p", dom.Class("guide-words"), say(key+".words"))}
		if href, words := environmentLink(environment, stepLink(step)); href != "" {
			parts = append(parts, dom.El("p", p.newTabLink(href, words)))
		}
		items = append(items, dom.El("li", parts...))
	}
	groups := []any{dom.Class("groups")}
	for _, group := range []string{"employees", "organisation", "payroll", "time"} {
		groups = append(groups, fact(say("access."+group), say("access."+group+".rights")))
	}
	return dom.El("aside", dom.Class("guide"), dom.Attr("aria-labelledby", "guide-title"),
		dom.El("details", dom.Attr("id", "guide"), dom.Flag("open", true),
			dom.El("summary", dom.El("h3", dom.Attr("id", "guide-title"), say("guide"))),
			dom.El("div", dom.Class("guide-body"),
				dom.El("p", dom.Class("hint"), say("guide.for", environment.Title)),
				dom.El("ol", items...),
				dom.El("h4", say("access")),
				dom.El("p", dom.Class("hint"), say("access.words")),
				dom.El("dl", groups...),
			),
		),
	)
}

// environmentLink returns a step's link in an environment, or "" where that
// environment has no such place.
func environmentLink(environment paycor.Environment, lead string) (href, words string) {
	switch lead {
	case linkPortal:
		return environment.PortalURL, say("guide.portal")
	case linkActivation:
		// Paycor's own activation form stands beside its authorize page.
		if base, ok := strings.CutSuffix(environment.AuthorizeURL, "/Authorize"); ok {
			return base + "/ClientActivation", say("guide.activate")
		}
	}
	return "", ""
}

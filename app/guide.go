package app

import (
	"strconv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/paycor"
)

// steps of the guide, and where each of them leads.
const (
	guideSteps = 10
	toPortal   = "portal"
	toActivate = "activate"
)

// leads says where each step's link goes; steps without one are done here.
func leads(step int) string {
	switch step {
	case 10:
		return toActivate
	case 9:
		return ""
	}
	return toPortal
}

// renderGuide is the way to the values, beside the form: ten steps, then the
// Data Access rights to choose. It folds away where the screen is narrow.
func (e *editor) renderGuide() goapp.UI {
	environment := e.page.environment(e.environment)
	items := []any{class("guide-steps")}
	for step := 1; step <= guideSteps; step++ {
		key := "guide." + strconv.Itoa(step)
		parts := []any{el("p", class("guide-title"), say(key)), el("p", class("guide-words"), say(key+".words"))}
		if href, words := destination(environment, leads(step)); href != "" {
			parts = append(parts, el("p", e.page.outside(href, words)))
		}
		items = append(items, el("li", parts...))
	}
	groups := []any{class("groups")}
	for _, group := range []string{"employees", "organisation", "payroll", "time"} {
		groups = append(groups, fact(say("access."+group), say("access."+group+".rights")))
	}
	return el("aside", class("guide"), at("aria-labelledby", "guide-title"),
		el("details", at("id", "guide"), flag("open", true),
			el("summary", el("h3", at("id", "guide-title"), say("guide"))),
			el("div", class("guide-body"),
				el("p", class("hint"), say("guide.for", environment.Title)),
				el("ol", items...),
				el("h4", say("access")),
				el("p", class("hint"), say("access.words")),
				el("dl", groups...),
			),
		),
	)
}

// destination returns a step's link in an environment, or "" where that
// environment has no such place.
func destination(environment paycor.Environment, lead string) (href, words string) {
	switch lead {
	case toPortal:
		return environment.PortalURL, say("guide.portal")
	case toActivate:
		// Paycor's own activation form stands beside its authorize page.
		if base, ok := strings.CutSuffix(environment.AuthorizeURL, "/Authorize"); ok {
			return base + "/ClientActivation", say("guide.activate")
		}
	}
	return "", ""
}

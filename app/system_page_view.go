package app

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor/health"
)

const systemStatus = "system-status" // the element for the result of "Check again"

// statusStyles are the icons and the styles of what has a status.
var statusStyles = map[health.Status]struct{ icon, notice, finding string }{
	health.OK:      {"verified", "good", "is-good"},
	health.Warning: {"warned", "odd", "is-odd"},
	health.Problem: {"rejected", "bad", "is-bad"},
}

// render renders the page, the worst first.
func (s *systemPage) render() goapp.UI {
	label := s.page.say("system.check")
	if s.checking {
		label = s.page.say("system.checking")
	}
	return dom.El("div", dom.Class("screen"),
		dom.El("div", dom.Class("lead"),
			dom.El("h1", s.page.say("system")),
			dom.El("p", dom.Class("lead-words"), s.page.say("system.lead")),
		),
		renderStaleNotice(s.page.words, s.failureText(), s.refresh),
		s.renderSummary(),
		dom.El("div", dom.Class("system-check"),
			dom.Button("", "check-system", label, dom.Attr("aria-describedby", "check-system-hint"), dom.Click("check-system", s.check)),
			dom.El("p", dom.Class("hint"), dom.Attr("id", "check-system-hint"), s.page.say("system.hint")),
			s.page.renderStatus(systemStatus),
		),
		s.renderFindings(health.Problem),
		s.renderFindings(health.Warning),
		s.renderFindings(health.OK),
	)
}

func (s *systemPage) failureText() string {
	if s.failure == "" {
		return ""
	}
	return s.page.say("system.stale", s.failure)
}

// renderSummary says what the worst finding means.
func (s *systemPage) renderSummary() goapp.UI {
	style, text := statusStyles[s.report.Status], s.page.say("system.means."+string(s.report.Status))
	if s.report.Status == health.OK && (s.report.Running || len(s.report.Findings) == 0) { // that is not known yet
		style.icon, style.notice, text = "not_verified", "", ""
	}
	running := ""
	if s.report.Running && s.failure == "" {
		running = s.page.say("system.running")
	}
	return dom.El("div", dom.Class("notice", style.notice), dom.Attr("id", "system-summary"), dom.Icon(style.icon), dom.El("div",
		dom.El("p", dom.Class("notice-title"), s.summary()), dom.El("p", text), dom.El("p", running)))
}

// renderFindings renders the findings of a status, if there are any.
func (s *systemPage) renderFindings(status health.Status) goapp.UI {
	findings := s.with(status)
	if len(findings) == 0 {
		return dom.Slot()
	}
	id := "system-" + string(status)
	items := []any{dom.Class("findings"), dom.Attr("aria-labelledby", id)}
	for _, finding := range findings {
		items = append(items, s.renderFinding(finding))
	}
	return dom.El("section", dom.El("h2", dom.Attr("id", id), s.page.say("system."+string(status), len(findings))), dom.El("ul", items...))
}

// renderFinding renders what is so, what to do, and when it was checked.
func (s *systemPage) renderFinding(finding health.Finding) goapp.UI {
	style, now := statusStyles[finding.Status], s.page.now()
	parts := []any{dom.Class("finding", style.finding),
		dom.El("h3", dom.Icon(style.icon), s.page.sayOrKey("system.check.", finding.Check)),
		dom.El("p", s.page.localTimes(s.page.sentence(finding.Message))),
	}
	if !finding.Remedy.IsZero() {
		parts = append(parts, dom.El("p", dom.El("strong", s.page.say("system.remedy")), " ", dom.El("span", s.page.localTimes(s.page.sentence(finding.Remedy)))))
	}
	if !finding.CheckedAt.IsZero() {
		parts = append(parts, dom.El("p", dom.Class("muted", "small"), s.page.say("system.at"), " ", s.page.pastTime(finding.CheckedAt, now)))
	}
	return dom.El("li", parts...)
}

// localTimes returns a sentence of the server with its times as the reader's locale
// writes them. The server does not know the reader's time zone, so it writes UTC.
func (w words) localTimes(text string) (parts []goapp.UI) {
	const layout = "2006-01-02T15:04:05Z"
	begin := 0
	for i := 0; i+len(layout) <= len(text); i++ {
		if text[i+4] != '-' || text[i+10] != 'T' {
			continue
		}
		at, err := time.Parse(layout, text[i:i+len(layout)])
		if err != nil {
			continue
		}
		parts = append(parts, goapp.Text(text[begin:i]), w.exactTime(at, locale.DateTime))
		begin = i + len(layout)
		i = begin - 1
	}
	return append(parts, goapp.Text(text[begin:]))
}

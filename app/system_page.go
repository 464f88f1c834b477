package app

import (
	"time"

	"paycorcred/paycor/events"
	"paycorcred/paycor/health"
)

// followInterval is how often the page reads the findings while checks run.
const followInterval = 2 * time.Second

// systemPage shows what the checks of the server found.
type systemPage struct {
	page     *Page
	report   health.Report
	failure  string // why the findings could not be read
	checking bool   // the person has asked for a check
	reading  bool   // the findings are being read, again and again while checks run
}

func newSystemPage(p *Page) *systemPage {
	s := &systemPage{page: p}
	if p.start.Health != nil {
		s.report = *p.start.Health
	}
	return s
}

// apply reads the findings again after events were missed. No event is about them.
func (s *systemPage) apply(changes []events.Change) {
	if concern(changes) {
		s.refresh()
	}
}

// refresh reads the findings, which starts the checks whose findings are old, until no
// check runs.
func (s *systemPage) refresh() {
	if s.reading {
		return
	}
	s.reading = true
	s.page.loop.Async(func() {
		for again := true; again && s.page.ctx.Err() == nil; {
			report, err := s.page.service.Health(s.page.ctx)
			again = err == nil && report.Running
			s.page.loop.Update(func() { s.take(report, err) })
			if again {
				select {
				case <-time.After(followInterval):
				case <-s.page.ctx.Done():
				}
			}
		}
	})
}

// take shows findings that were read. What was shown before stays after an error.
func (s *systemPage) take(report health.Report, err error) {
	if err != nil {
		s.failure, s.checking, s.reading = s.page.errorText(err), false, false
		return
	}
	s.failure, s.report = "", report
	if report.Running {
		return
	}
	if s.checking {
		s.page.setStatusAt(systemStatus, s.page.say("system.checked", s.summary()))
	}
	s.checking, s.reading = false, false
}

// check is the button "Check again".
func (s *systemPage) check() {
	if s.checking {
		return
	}
	s.checking = true
	s.page.setStatus("", nil)
	s.refresh()
}

// follow reads the findings of checks that were running when the page was rendered.
func (s *systemPage) follow() {
	if s.report.Running {
		s.refresh()
	}
}

// with returns the findings of a status.
func (s *systemPage) with(status health.Status) (findings []health.Finding) {
	for _, finding := range s.report.Findings {
		if finding.Status == status {
			findings = append(findings, finding)
		}
	}
	return findings
}

// summary says in a few words how many problems and warnings there are.
func (s *systemPage) summary() string {
	var counts []string
	if n := len(s.with(health.Problem)); n > 0 {
		counts = append(counts, s.page.count(n, "system.problems"))
	}
	if n := len(s.with(health.Warning)); n > 0 {
		counts = append(counts, s.page.count(n, "system.warnings"))
	}
	switch {
	case len(counts) > 0:
		return s.page.words.list(counts)
	case len(s.report.Findings) == 0 && s.report.Running:
		return s.page.say("system.checking")
	case len(s.report.Findings) == 0:
		return s.page.say("system.unchecked")
	case s.report.Running:
		return s.page.say("system.none-yet")
	}
	return s.page.say("system.none")
}

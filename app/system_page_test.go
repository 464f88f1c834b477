package app

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
)

// finding returns a finding as the API sends it, with sentences as text.
func finding(check string, status health.Status, text, remedy string) health.Finding {
	return health.Finding{Check: check, Status: status, Message: message.Text(text), Remedy: message.Text(remedy), CheckedAt: noon.Add(-2 * time.Minute)}
}

func startSystem(findings ...health.Finding) api.Start {
	start := startList()
	report := health.NewReport(findings)
	start.Path, start.Caller.Workspace, start.Health = api.PathSystem, paycor.DefaultWorkspace, &report
	return start
}

func TestSystemShowsTheWorstFirst(t *testing.T) {
	p, _, _ := newAnyTestPage(startSystem(
		finding("integrity", health.OK, "The database file is intact.", ""),
		finding("space", health.Warning, "The disk has only 7 MB left.", "Free some space."),
		finding("backup", health.Problem, "The newest verified backup is from 2026-11-29T01:02:03Z, at /b/x.", "Check the disk."),
		finding("new check", health.OK, "2026-13-99T99:99:99Z is no time, <b>.", ""),
	))
	page := render(t, p)
	text := page.ID(t, "main").Text()
	for _, words := range []string{
		"1 problem and 1 warning", say("system.means.problem"), say("system.problem", 1), say("system.warning", 1), say("system.ok", 2),
		"Free disk space The disk has only 7 MB left. " + say("system.remedy") + " Free some space. " + say("system.at") + " Mar 3, 11:58 AM UTC (2 minutes ago)",
		"is from Nov 29, 2026, 1:02 AM UTC , at /b/x.", "new check 2026-13-99T99:99:99Z is no time, <b>.",
	} {
		assert.Contains(t, text, words)
	}
	assert.NotContains(t, text, say("system.running"))
	var checks []string
	for _, head := range page.Tags("h3") {
		checks = append(checks, head.Text())
	}
	assert.Equal(t, []string{"Backups", "Free disk space", "Database file", "new check"}, checks[:4])
	assert.Equal(t, "2026-11-29T01:02:03Z", page.Tags("time")[0].Attribute("datetime"))
	assert.Equal(t, "2026-11-29 01:02:03 UTC", page.Tags("time")[0].Attribute("title"))
}

func TestSystemSummary(t *testing.T) {
	ok, warning := finding("space", health.OK, "Enough.", ""), finding("space", health.Warning, "Little.", "")
	for name, test := range map[string]struct {
		running  bool
		findings []health.Finding
		title    string
		text     string
	}{
		"nothing checked":       {false, nil, say("system.unchecked"), ""},
		"the first check":       {true, nil, say("system.checking"), say("system.running")},
		"good as far as known":  {true, []health.Finding{ok}, say("system.none-yet"), say("system.running")},
		"good":                  {false, []health.Finding{ok}, say("system.none"), say("system.means.ok")},
		"warnings":              {false, []health.Finding{warning, ok, warning}, "2 warnings", say("system.means.warning")},
		"warnings, more to see": {true, []health.Finding{warning}, "1 warning", say("system.means.warning") + " " + say("system.running")},
	} {
		t.Run(name, func(t *testing.T) {
			start := startSystem(test.findings...)
			start.Health.Running = test.running
			p, _, _ := newAnyTestPage(start)
			want := test.title
			if test.text != "" {
				want += " " + test.text
			}
			assert.Equal(t, want, render(t, p).ID(t, "system-summary").Text())
		})
	}
}

// A page follows running checks to their end, and "Check again" says when it is reached.
func TestSystemFollowsRunningChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := startSystem(finding("space", health.OK, "Enough.", ""))
		p, service, _ := newAnyTestPage(start)
		screen := p.screen.(*systemPage)
		reads := 0
		service.during = func() {
			reads++
			if reads%3 == 0 {
				service.health = health.NewReport([]health.Finding{finding("space", health.Problem, "The disk is full.", "Free some space.")})
			} else {
				service.health.Running = true
				assert.Contains(t, render(t, p).ID(t, "check-system").Text(), say(map[bool]string{true: "system.checking", false: "system.check"}[screen.checking]))
			}
		}
		screen.follow()
		assert.Zero(t, reads, "the checks had ended when the page was made")
		screen.report.Running = true
		began := time.Now()
		screen.follow()
		assert.Equal(t, 3, reads)
		assert.Equal(t, 2*followInterval, time.Since(began))
		assert.Empty(t, render(t, p).ID(t, systemStatus).Text(), "nobody asked for them")

		screen.check()
		assert.Equal(t, 6, reads)
		assert.Equal(t, say("system.checked", "1 problem"), render(t, p).ID(t, systemStatus).Text())
		assert.False(t, screen.checking)
	})
}

func TestSystemKeepsFindingsAfterAnError(t *testing.T) {
	start := startSystem(finding("space", health.OK, "Enough.", ""))
	start.Health.Running = true
	p, service, _ := newAnyTestPage(start)
	service.err = paycor.Errorf(paycor.KindUnavailable, "Later.")
	screen := p.screen.(*systemPage)
	screen.check()
	page := render(t, p)
	assert.Contains(t, page.ID(t, "main").Text(), say("system.stale", "Later.")+" "+say("retry"))
	assert.Contains(t, page.ID(t, "main").Text(), "Enough.")
	assert.Equal(t, say("system.check"), page.ID(t, "check-system").Text())
	assert.Empty(t, page.ID(t, systemStatus).Text())
	assert.Equal(t, say("system.none-yet"), page.ID(t, "system-summary").Text(), "the other checks may have found something")
	service.err, service.health = nil, *start.Health
	service.health.Running = false
	screen.refresh()
	assert.NotContains(t, render(t, p).ID(t, "main").Text(), "Later.")
}

func TestSystemIsForAdministratorsOfTheServer(t *testing.T) {
	for name, test := range map[string]struct {
		caller paycor.Caller
		linked bool
	}{
		"administrator":           {paycor.Caller{Workspace: paycor.DefaultWorkspace, Rights: paycor.AllRights()}, true},
		"of another workspace":    {paycor.Caller{Workspace: "other", Rights: paycor.AllRights()}, false},
		"without the right admin": {paycor.Caller{Workspace: paycor.DefaultWorkspace, Rights: paycor.Rights{paycor.RightView, paycor.RightEdit}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			start := startList()
			start.Caller = test.caller
			p, _, _ := newAnyTestPage(start)
			links := 0
			for _, link := range render(t, p).Tags("a") {
				if link.Attribute("href") == api.PathSystem {
					links++
				}
			}
			require.Equal(t, test.linked, links == 1)
		})
	}
}

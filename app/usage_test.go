package app

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

func usageOfTwo() *usage.Usage {
	hours := usage.LastHours(noon)
	hours[3].Counts = usage.Counts{Done: 1}
	hours[22].Counts, hours[22].P95 = usage.Counts{Done: 100, Refused: 20, Throttled: 30, Failed: 50}, 1234
	week := usage.LastWeek(noon)
	week[2].Counts, week[27].Counts = usage.Counts{Done: 3, Failed: 1}, hours[22].Counts
	return &usage.Usage{
		Hours: hours, Week: week,
		Users: []usage.User{
			{Kind: paycor.CallerConsumer, ID: "a", Name: "Nightly <b>", LastUsedAt: noon.Add(-2 * time.Minute), Day: hours[22].Counts},
			{Kind: paycor.CallerConsumer, ID: "b", Name: "Old", LastUsedAt: noon.AddDate(0, 0, -40)},
		},
		Failures: []usage.Failure{
			{At: noon.Add(-time.Minute), FirstAt: noon.Add(-90 * time.Minute), Count: 12, UserName: "Nightly <b>", Method: "GET", Status: 503, Code: "call_unwell", Path: "/v1/legalentity/{…}", RequestID: "REQ8"},
			{At: noon.Add(-90 * time.Minute), FirstAt: noon.Add(-90 * time.Minute), Count: 1, UserName: "Nightly <b>", Method: "GET", Status: 500, CorrelationID: "corr-7", RequestID: "REQ7"},
			{At: noon.Add(-26 * time.Hour), FirstAt: noon.Add(-50 * time.Hour), Count: 2, UserName: "Old", Method: "POST", Status: 504, Code: "call_timeout"},
		},
	}
}

func TestUsersWhoseTokenEndedAreMarked(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	start.Usage = usageOfTwo()
	start.Usage.Users = append(start.Usage.Users,
		usage.User{Kind: paycor.CallerConsumer, ID: "token_c", Name: "Driver", LastUsedAt: noon, Ended: consumer.Revoked},
		usage.User{Kind: paycor.CallerConsumer, ID: "token_d", Name: "Driver", LastUsedAt: noon, Ended: consumer.Expired},
		usage.User{Kind: paycor.CallerConsumer, ID: "token_e", Name: "Driver", LastUsedAt: noon})
	p, _, _ := newTestPage(start)
	text := render(t, p).Text()
	for _, words := range []string{"Driver Revoked token_c Last used", "Driver Expired token_d Last used", "Driver token_e Last used", "Old Last used"} {
		assert.Contains(t, text, words)
	}
}

func TestHowACredentialIsUsed(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	start.Usage = usageOfTwo()
	p, service, _ := newTestPage(start)
	page := render(t, p)
	text := page.Text()
	for _, words := range []string{
		say("usage.day", "201 calls", "100 errors"), "Nightly <b>", say("usage.day", "200 calls", "100 errors"), "Jan 22, 2026", "0 calls, 0 errors",
	} {
		assert.Contains(t, text, words)
	}
	assert.Empty(t, page.Tags("b"))

	assert.Equal(t, say("usage.day", "201 calls", "100 errors"), page.ID(t, "usage-chart").Attribute("aria-valuetext"))
	heights, count := map[string]int{}, map[string]int{}
	for _, bar := range page.Tags("rect") {
		style := bar.Attribute("class")
		if style != "bar" && style != "bar-errors" {
			continue
		}
		height, err := strconv.Atoi(bar.Attribute("height"))
		require.NoError(t, err)
		top, err := strconv.Atoi(bar.Attribute("y"))
		require.NoError(t, err)
		assert.Equal(t, barHeight, top+height, "every bar starts at the bottom")
		assert.Empty(t, bar.Attribute("style"))
		heights[style+strconv.Itoa(count[style])] = height
		count[style]++
	}
	assert.Equal(t, map[string]int{"bar": 24, "bar-errors": 24}, count)
	assert.Equal(t, barHeight, heights["bar22"])
	assert.Equal(t, barHeight/2, heights["bar-errors22"])
	assert.Equal(t, 2, heights["bar3"], "one call can be seen beside two hundred")
	assert.Zero(t, heights["bar-errors3"])
	assert.Contains(t, text, "200 100 0", "the axis")
	assert.Contains(t, text, "1:00 PM UTC 7:00 PM UTC 1:00 AM UTC 7:00 AM UTC now")
	assert.Len(t, page.ID(t, "usage-table").Tags("tr"), 3, "the head, and the hours in which there was something")
	assert.Contains(t, page.ID(t, "usage-table").Text(), "1 0 11:00 AM UTC 200 100 1,234", "nothing is said of a latency that is not known")

	// It disappears with the times.
	service.one, service.uses = sample("id1", "One"), usageOfTwo()
	service.uses.Users = service.uses.Users[:1]
	p.detail.refresh()
	assert.NotContains(t, render(t, p).Text(), "Jan 22, 2026")
}

func TestFailuresSayHowToFixThem(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	start.Usage = usageOfTwo()
	p, _, _ := newTestPage(start)
	page := render(t, p)
	var rows []string
	for _, item := range page.Tags("li") {
		if item.Attribute("class") == "usage-failure" {
			rows = append(rows, item.Text())
		}
	}
	assert.Equal(t, []string{
		say("failure.call_unwell") + " " +
			say("fix.call_unwell") + " " +
			"Nightly <b>, GET /v1/legalentity/{…} · 12 times since Mar 3, 2026, 10:30 AM UTC , last Mar 3, 2026, 11:59:00 AM UTC (1 minute ago) 503 call_unwell Request ID REQ8",
		say("failure.5xx") + " " + say("fix.5xx") + " " + say("usage.name-id") + " " +
			"Nightly <b>, GET · Mar 3, 2026, 10:30:00 AM UTC (1 hour ago) 500 Correlation ID corr-7 Request ID REQ7",
		say("failure.call_timeout") + " " +
			say("usage.may-be-done") + " " + say("fix.call_timeout") + " " +
			"Old, POST · 2 times since Mar 1, 2026, 10:00 AM UTC , last Mar 2, 2026, 10:00:00 AM UTC (yesterday) 504 call_timeout",
	}, rows)
	assert.Empty(t, page.Tags("b"))
}

// Each failure that can be recorded has a sentence of its own and a fix.
func TestEveryFailureHasSentences(t *testing.T) {
	seen := map[string]string{}
	look := func(name string, failure usage.Failure) {
		what, fix := failureText(english, failure)
		for _, words := range []string{what, fix} {
			assert.Regexp(t, `^[A-Z].*\.$`, words, name)
		}
		assert.Empty(t, seen[what], "%s is said as another", name)
		seen[what] = name
	}
	for _, code := range usage.CallCodes() {
		look(string(code), usage.Failure{Method: "GET", Status: 502, Code: code})
	}
	for _, code := range verdicts.Codes()[1:] { // all but "verified"
		look(string(code), usage.Failure{Method: "GET", Status: 502, Code: code})
	}
	for _, note := range []usage.Note{usage.NoteToken, usage.NoteKey, usage.NoteQuota, usage.NotePage} {
		look(string(note), usage.Failure{Method: "GET", Status: 403, Note: note})
	}
	assert.Equal(t, "401", failureKey(english, usage.Failure{Status: 401, Note: usage.NoteUnauthorized}), "either of the two")
	assert.Equal(t, "4xx", failureKey(english, usage.Failure{Status: 418, Note: "upstream_of_tomorrow"}))
	for _, status := range []int{400, 401, 403, 404, 429, 418, 500} {
		look(strconv.Itoa(status), usage.Failure{Method: "GET", Status: status})
	}
	_, fix := failureText(english, usage.Failure{Method: "GET", Status: 502, Code: verdicts.CodeTimeout})
	assert.Equal(t, english.sentence(verdicts.CodeTimeout.Verdict().Remedy), fix)
	look("a code of a newer version", usage.Failure{Method: "GET", Status: 503, Code: "call_of_tomorrow"})

	for _, gateway := range []int{502, 503, 504} {
		assert.Equal(t, "5xx", failureKey(english, usage.Failure{Status: gateway}))
	}
}

func TestOnlyWritesMayHaveBeenDone(t *testing.T) {
	for method, writes := range map[string]bool{"GET": false, "HEAD": false, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "other": true} {
		for code, may := range map[verdicts.Code]bool{"": true, usage.CodeCallTimeout: true, usage.CodeCallUnknown: true, usage.CodeCallNotSent: false, usage.CodeCallBreakerOpen: false, verdicts.CodeTimeout: false} {
			_, fix := failureText(english, usage.Failure{Method: method, Status: 504, Code: code})
			assert.Equal(t, writes && may, strings.HasPrefix(fix, say("usage.may-be-done")), "%s %s", method, code)
		}
		_, fix := failureText(english, usage.Failure{Method: method, Status: 404})
		assert.NotContains(t, fix, say("usage.may-be-done"))
	}
}

func TestACutReadWasSentTwice(t *testing.T) {
	for method, twice := range map[string]bool{"GET": true, "HEAD": true, "POST": false, "DELETE": false} {
		_, fix := failureText(english, usage.Failure{Method: method, Status: 502, Code: usage.CodeCallUnknown})
		assert.Equal(t, twice, strings.HasPrefix(fix, say("usage.sent-twice")), method)
	}
}

// A proxy's web page is described as in a verification, even with a status that
// usually means an internal error of Paycor.
func TestAnHTMLPageDoesNotBlamePaycor(t *testing.T) {
	what, fix := failureText(english, usage.Failure{Method: "GET", Status: 502, Note: usage.NotePage, CorrelationID: "corr"})
	assert.Equal(t, say("failure.upstream_page"), what)
	assert.Contains(t, fix, "proxy or firewall")
	assert.NotContains(t, fix, "support")
}

func TestEarlierErrorsAreFolded(t *testing.T) {
	for count, apart := range map[int]int{1: 0, 5: 0, 6: 1, 20: 15} {
		start := startOwn(sample("id1", "One"))
		start.Usage = usageOfTwo()
		one := start.Usage.Failures[0]
		start.Usage.Failures = nil
		for n := range count {
			one.Path = "/v1/" + strings.Repeat("a", n+1)
			start.Usage.Failures = append(start.Usage.Failures, one)
		}
		p, _, _ := newTestPage(start)
		page := render(t, p)
		assert.Equal(t, apart > 0, page.Has("earlier-failures"))
		if apart == 0 {
			continue
		}
		earlier := page.ID(t, "earlier-failures")
		assert.Equal(t, "Earlier errors ("+strconv.Itoa(apart)+")", earlier.Tags("summary")[0].Text())
		items := earlier.Tags("li")
		require.Len(t, items, apart)
		assert.Contains(t, items[0].Text(), "GET /v1/aaaaaa ·", "the newest are open")
		assert.Empty(t, earlier.Attribute("open"))
	}
}

// The keys move over the hours of the chart, and what happened in one is said.
func TestTheChartSaysWhatHappenedInAnHour(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	start.Usage = usageOfTwo()
	p, _, _ := newTestPage(start)
	chart, hours := p.detail.chart, start.Usage.Hours
	assert.Equal(t, say("usage.choose"), render(t, p).ID(t, "usage-hour").Text())
	for _, step := range []struct {
		key string
		to  int
	}{{"ArrowLeft", 23}, {"ArrowLeft", 22}, {"ArrowRight", 23}, {"ArrowRight", 23}, {"Tab", -1}, {"Home", 0}, {"ArrowDown", 0}, {"ArrowUp", 1}, {"End", 23}, {"ArrowLeft", 22}} {
		to := chart.after(step.key)
		require.Equal(t, step.to, to, step.key)
		if to >= 0 {
			chart.chosen = hours[to].Begins
		}
	}
	said := say("usage.in-hour", "Mar 3, 11:00 AM UTC", "200 calls", "100 errors") + " " + say("usage.p95", "1,234")
	page := render(t, p)
	assert.Equal(t, said, page.ID(t, "usage-hour").Text())
	plot := page.ID(t, "usage-chart")
	assert.Equal(t, []string{said, "22", "23"}, []string{plot.Attribute("aria-valuetext"), plot.Attribute("aria-valuenow"), plot.Attribute("aria-valuemax")})

	p.detail.usage.Hours = usage.LastHours(noon.Add(30 * time.Hour)) // the hour is not shown any longer
	assert.Equal(t, -1, chart.index())
}

func TestTheChartShowsAWeek(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	start.Usage = usageOfTwo()
	p, _, _ := newTestPage(start)
	chart := p.detail.chart
	chart.chosen = start.Usage.Hours[22].Begins
	assert.Equal(t, "true", render(t, p).ID(t, "usage-of-day").Attribute("aria-pressed"))
	chart.show(true)
	page := render(t, p)
	assert.Equal(t, "true", page.ID(t, "usage-of-week").Attribute("aria-pressed"))
	assert.Equal(t, say("usage.choose"), page.ID(t, "usage-hour").Text(), "nothing is chosen in it")
	assert.Equal(t, say("usage.week", "204 calls", "101 errors"), page.ID(t, "usage-chart").Attribute("aria-valuetext"))
	assert.Contains(t, page.Text(), "Feb 24 Feb 25 Feb 26 Feb 27 Feb 28 Mar 1 Mar 2")
	assert.Contains(t, page.ID(t, "usage-table").Text(), "Feb 25, 6:00 AM UTC 4 1")
	chart.chosen = chart.hours()[chart.after("Home")].Begins
	chart.chosen = chart.hours()[chart.after("ArrowRight")].Begins
	chart.chosen = chart.hours()[chart.after("ArrowRight")].Begins
	assert.Equal(t, say("usage.in-part", "Feb 25, 6:00 AM UTC", "4 calls", "1 error"), render(t, p).ID(t, "usage-hour").Text())
}

func TestTheAxisOfTheChartIsRound(t *testing.T) {
	for most, top := range map[int64]int64{0: 2, 1: 2, 3: 4, 5: 6, 7: 10, 10: 10, 11: 20, 61: 100, 176: 200, 401: 600, 2001: 4000} {
		assert.Equal(t, top, axisTop(most), most)
	}
}

func TestAnUnusedCredentialSaysSo(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	start.Usage = &usage.Usage{Hours: usage.LastHours(noon)}
	p, _, _ := newTestPage(start)
	page := render(t, p)
	assert.Contains(t, page.Text(), say("usage.none"))
	assert.Empty(t, page.Tags("svg"))
	start.Usage = nil
	p, _, _ = newTestPage(start)
	assert.False(t, render(t, p).Has("usage"), "it is only for those who may see it")
}

func TestDeletingSaysWhoUsesIt(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	start.Usage = usageOfTwo()
	p, _, _ := newTestPage(start)
	p.deletion.openFor(p.detail.credential, "delete")
	assert.Contains(t, render(t, p).ID(t, deletionID).Text(), say("delete.user", "Mar 3, 11:58 AM UTC (2 minutes ago)", "Nightly <b>", "201 calls", "2 users"))
}

func TestHowAProgramCallsPaycor(t *testing.T) {
	p, _, _ := newTestPage(startOwn(sample("id1", "One")))
	page := render(t, p)
	assert.Contains(t, page.Text(), say("detail.call-rights"))
	commands := page.Tags("pre")
	require.Len(t, commands, 5)
	const address = "https://credentials.example/api/v1/credentials/id1/paycor"
	assert.Equal(t, `curl -i -H "Authorization: Bearer $TOKEN" \ `+address+"/v1/legalentities/654321", commands[0].Text())
	assert.Contains(t, commands[2].Text(), `PAYCOR = "`+address+`"`)
	assert.Contains(t, commands[3].Text(), `const paycor = "`+address+`"`)
	assert.Contains(t, commands[4].Text(), `Connection.get("paycor").password`)
	for _, command := range commands {
		assert.NotRegexp(t, "ADDRESS|ENTITY", command.Text())
	}
	assert.NotContains(t, page.Text(), "legal entities")

	several := sample("id1", "One").WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeVerified, CheckedAt: noon, Entities: []verdicts.LegalEntity{{ID: 654321}, {ID: 654322}}})
	p, _, _ = newTestPage(startOwn(several))
	assert.Contains(t, render(t, p).Text(), say("detail.call-reach", 2, 654321))
}

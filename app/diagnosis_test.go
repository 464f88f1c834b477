package app

import (
	"testing"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

func TestHistoryHidesBegunEntriesThatEnded(t *testing.T) {
	entry := func(action audit.Action, outcome, request string) audit.Entry {
		return audit.Entry{Action: action, Outcome: outcome, RequestID: request, CallerName: "Ann"}
	}
	verify, begun := audit.ActionVerify, audit.OutcomeStarted
	shown := withoutBegun([]audit.Entry{
		entry(verify, "verified", "r3"), entry(verify, begun, "r3"),
		entry(verify, begun, "r2"), // the server was stopped
		entry(verify, "rejected", "r1"), entry(verify, begun, "r1"), entry(audit.ActionCreate, "done", "r1"),
	})
	require.Len(t, shown, 4)
	assert.Equal(t, "r2", shown[1].RequestID)
	assert.Equal(t, say("history.begun", say("history.credential.verify", "Ann")), activityText(english, shown[1]))
	assert.Empty(t, withoutBegun([]audit.Entry{entry(verify, begun, "r1")}), "it may be going on still")
}

// Older servers recorded two starts of each rotation.
func TestHistoryOfARotationHasOneLine(t *testing.T) {
	rotate, begun := audit.ActionRotate, audit.OutcomeStarted
	entry := func(outcome string, names ...fields.Field) audit.Entry {
		return audit.Entry{Action: rotate, Outcome: outcome, RequestID: "r1", CallerName: "Ann", Fields: names}
	}
	p, _, _ := newTestPage(startOwn(sample("a", "Nightly export")))
	p.detail.history.Entries = []audit.Entry{entry("done", fields.ClientSecret), entry(begun), entry(begun, fields.ClientSecret)}
	text := render(t, p).ID(t, "main").Text()
	assert.Contains(t, text, say("history.credential.rotate", "Ann"))
	assert.NotContains(t, text, "stopped before it finished")
}

func TestATileShowsTheStartOfAnOutage(t *testing.T) {
	settled, latest := verdicts.CodeVerified.Verdict(), verdicts.CodeTimeout.Verdict()
	settled.CheckedAt, latest.CheckedAt = noon.Add(-3*time.Hour), noon
	credential := paycor.Credential{ID: "a", State: paycor.StateNotReachable, Verdict: &latest, LastConclusive: &settled}
	html := goapp.HTMLString(checked(english, credential, noon))
	assert.Contains(t, html, say("since.verified"))
	assert.Contains(t, html, say("ago.hours.other", "3"))
	settled.CheckedAt = noon
	html = goapp.HTMLString(checked(english, credential, noon))
	assert.NotContains(t, html, "checked since")
	assert.Contains(t, html, say("ago.now"))
}

func TestDataAccessIsAnAccessibleTable(t *testing.T) {
	settled := verdicts.CodeVerified.Verdict()
	settled.DataAccess = verdicts.NewDataAccess(map[string]verdicts.Readable{"employees": verdicts.ReadableYes, "pay_data": verdicts.ReadableNo}, noon)
	html := goapp.HTMLString(renderDataAccess(english, paycor.Credential{LastConclusive: &settled}, noon).(goapp.UI))
	for _, words := range []string{"<caption>", `scope="rowgroup"`, "Employees", "Yes", "Pay Data", "No", say("data-access.unknown"), "To read more"} {
		assert.Contains(t, html, words)
	}
	assert.Nil(t, renderDataAccess(english, paycor.Credential{}, noon))
}

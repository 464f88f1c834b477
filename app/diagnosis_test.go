package app

import (
	"testing"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

func TestHistoryHidesABeginningWhoseEndIsOnRecord(t *testing.T) {
	entry := func(action paycor.Action, outcome, request string) paycor.AuditEntry {
		return paycor.AuditEntry{Action: action, Outcome: outcome, RequestID: request, CallerName: "Ann"}
	}
	verify, begun := paycor.ActionVerify, paycor.OutcomeBegun
	shown := withoutBegun([]paycor.AuditEntry{
		entry(verify, "verified", "r3"), entry(verify, begun, "r3"),
		entry(verify, begun, "r2"), // the server was stopped
		entry(verify, "rejected", "r1"), entry(verify, begun, "r1"), entry(paycor.ActionCreate, "done", "r1"),
	})
	require.Len(t, shown, 4)
	assert.Equal(t, "r2", shown[1].RequestID)
	assert.Equal(t, "Ann verified it, and the server was stopped before the end", activityText(shown[1]))
	assert.Empty(t, withoutBegun([]paycor.AuditEntry{entry(verify, begun, "r1")}), "it may be going on still")
}

// Trails of older servers have two beginnings of each rotation.
func TestHistoryOfARotationHasOneLine(t *testing.T) {
	rotate, begun := paycor.ActionRotate, paycor.OutcomeBegun
	entry := func(outcome string, fields ...paycor.Field) paycor.AuditEntry {
		return paycor.AuditEntry{Action: rotate, Outcome: outcome, RequestID: "r1", CallerName: "Ann", Fields: fields}
	}
	p, _, _ := stage(startOwn(sample("a", "Nightly export")))
	p.detail.history = []paycor.AuditEntry{entry("done", paycor.FieldClientSecret), entry(begun), entry(begun, paycor.FieldClientSecret)}
	text := render(t, p).ID(t, "main").Text()
	assert.Contains(t, text, "Ann rotated its secrets")
	assert.NotContains(t, text, "stopped before the end")
}

func TestATileSaysSinceWhenItCouldNotBeChecked(t *testing.T) {
	settled, latest := paycor.CodeVerified.Verdict(), paycor.CodeTimeout.Verdict()
	settled.CheckedAt, latest.CheckedAt = noon.Add(-3*time.Hour), noon
	credential := paycor.Credential{ID: "a", State: paycor.StateNotReachable, Verdict: &latest, Settled: &settled}
	said := goapp.HTMLString(checked(credential, noon))
	assert.Contains(t, said, "Was verified. Paycor’s last answer:")
	assert.Contains(t, said, "3 hours ago")
	settled.CheckedAt = noon
	said = goapp.HTMLString(checked(credential, noon))
	assert.NotContains(t, said, "checked since")
	assert.Contains(t, said, "just now")
}

func TestDataAccessIsATableThatCanBeReadAloud(t *testing.T) {
	settled := paycor.CodeVerified.Verdict()
	settled.DataAccess = paycor.NewDataAccess(map[string]paycor.Readable{"employees": paycor.ReadableYes, "pay_data": paycor.ReadableNo}, noon)
	said := goapp.HTMLString(renderDataAccess(paycor.Credential{Settled: &settled}, noon).(goapp.UI))
	for _, words := range []string{"<caption>", `scope="rowgroup"`, "Employees", "Yes", "Pay Data", "No", "Could not be checked", "To read more"} {
		assert.Contains(t, said, words)
	}
	assert.Nil(t, renderDataAccess(paycor.Credential{}, noon))
}

package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

// A token that Paycor stopped accepting is described differently from a token
// that Paycor refused to issue.
func TestALostTokenIsNoRejectedExchange(t *testing.T) {
	entry := audit.Entry{
		CallerName: "This server", Action: audit.ActionTokenLost, Credential: "a", Outcome: "done", Detail: string(verdicts.CodeTokenNotAccepted),
	}
	assert.Equal(t, say("history.credential.token.lost", "This server"), activityText(english, entry))
	before, behind := (&auditPage{page: &Page{words: english}}).text(entry)
	assert.Equal(t, say("activity.credential.token.lost", "This server"), before)
	assert.Empty(t, behind)
}

// What the server does each hour is one row, which a change interrupts.
func TestTheHistoryGathersWhatRepeats(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC) }
	token := func(hour int) audit.Entry {
		return audit.Entry{CallerKind: paycor.CallerServer, CallerName: "This server", Action: audit.ActionExchange, Outcome: "done", At: at(hour), Sequence: int64(hour)}
	}
	verified := func(hour int) audit.Entry {
		return audit.Entry{CallerKind: paycor.CallerServer, CallerName: "This server", Action: audit.ActionVerify, Outcome: string(verdicts.OutcomeVerified), At: at(hour)}
	}
	rejected := func(hour int) audit.Entry {
		entry := verified(hour)
		entry.Outcome = string(verdicts.OutcomeRejected)
		return entry
	}
	changed := func(hour int, field fields.Field) audit.Entry {
		return audit.Entry{CallerKind: paycor.CallerPerson, CallerName: "Ann", Action: audit.ActionUpdate, Outcome: "done", At: at(hour), Fields: []fields.Field{field}}
	}
	failed := token(4)
	failed.Outcome = string(verdicts.OutcomeRejected)
	for name, test := range map[string]struct {
		entries []audit.Entry
		times   []int
	}{
		"of each of two":      {[]audit.Entry{token(9), verified(8), token(7), verified(6), token(5)}, []int{3, 2}},
		"a change":            {[]audit.Entry{token(9), verified(8), changed(7, fields.Name), verified(6), token(5)}, []int{1, 1, 1, 1, 1}},
		"another result":      {[]audit.Entry{verified(9), token(8), rejected(7), token(6), verified(5)}, []int{1, 2, 1, 1}},
		"changes and a fault": {[]audit.Entry{token(9), token(8), token(7), changed(6, fields.Name), changed(5, fields.Tags), failed, token(3)}, []int{3, 1, 1, 1, 1}},
	} {
		rows := historyRows(test.entries)
		times := make([]int, len(rows))
		for i, row := range rows {
			times[i] = row.times
		}
		assert.Equal(t, test.times, times, name)
		assert.Equal(t, at(9), rows[0].At, name)
	}
	assert.Equal(t, at(5), historyRows([]audit.Entry{token(9), verified(8), token(5)})[0].first)
}

package sqlite_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/verdicts"
)

// Credentials that became one application say nothing about it that a newer verdict or
// its activation contradicts. What Paycor said about a legal entity stays.
func TestMergedCredentialsDoNotContradict(t *testing.T) {
	t.Parallel()
	path := olderDatabase(t, applicationsVersion-1)
	o := newOlder(t, path)
	entityVerdict := verdicts.CodeEntityNotFound.Verdict()
	for _, name := range []verdicts.StepName{verdicts.StepKey, verdicts.StepToken, verdicts.StepEntities} {
		entityVerdict.Steps = append(entityVerdict.Steps, verdicts.Step{Name: name, State: verdicts.StepPassed})
	}
	judged := func(id, clientID string, at int, verdict verdicts.Verdict, more map[string]any, secrets ...string) {
		verdict.CheckedAt = time.Date(2026, 3, at, 12, 0, 0, 0, time.UTC)
		text, err := json.Marshal(verdict)
		require.NoError(t, err)
		row := map[string]any{"verdict": string(text), "settled": string(text)}
		for column, value := range more {
			row[column] = value
		}
		o.credential("w", id, clientID, keys("same", secrets...), row)
		o.insert("checkups", map[string]any{"workspace": "w", "credential": id, "due_at": "2099-01-01T00:00:00.000000000Z"})
	}
	code := func(c verdicts.Code) verdicts.Verdict { return c.Verdict() }
	judged("works", "c-works", 5, code(verdicts.CodeVerified), nil)
	judged("works, rejected before", "c-works", 4, code(verdicts.CodeSecretRejected), nil)
	judged("works, another entity", "c-works", 3, entityVerdict, nil)
	judged("broken", "c-broken", 5, code(verdicts.CodeSecretRejected), nil)
	judged("broken, too", "c-broken", 4, code(verdicts.CodeSecretRejected), nil)
	judged("broken, worked before", "c-broken", 4, code(verdicts.CodeVerified), nil)
	judged("broken, another reason", "c-broken", 3, code(verdicts.CodeKeyRejected), nil)
	judged("broken, another entity", "c-broken", 3, entityVerdict, nil)
	o.credential("w", "broken, never checked", "c-broken", keys("same"), nil)
	grant := map[string]any{"grant_type": "authorization_code", "activated_at": day(2)}
	judged("activated", "c-activated", 3, code(verdicts.CodeVerified), grant, "refresh_token", "refresh")
	judged("asks for activation", "c-activated", 6, code(verdicts.CodeGrantNotAllowed), map[string]any{"grant_type": "authorization_code"})
	judged("alone", "c-alone", 6, code(verdicts.CodeSecretRejected), nil)

	s := open(t, sqlite.Config{Path: path, Migrate: true})
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		for id, want := range map[string]paycor.State{
			"works": paycor.StateVerified, "works, rejected before": paycor.StateNotVerified, "works, another entity": paycor.StateRejected,
			"broken": paycor.StateRejected, "broken, too": paycor.StateRejected, "broken, worked before": paycor.StateNotVerified,
			"broken, another reason": paycor.StateNotVerified, "broken, another entity": paycor.StateNotVerified, "broken, never checked": paycor.StateNotVerified,
			"activated": paycor.StateVerified, "asks for activation": paycor.StateNotVerified, "alone": paycor.StateRejected,
		} {
			c, err := r.Credential("w", id)
			require.NoError(t, err, id)
			assert.Equal(t, want, c.State, id)
		}
		return nil
	}))
	assert.Equal(t, 5, queryOne[int](t, path, `SELECT count(*) FROM checkups WHERE due_at < '2099'`), "they are verified next")
}

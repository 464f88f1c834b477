package sqlite_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/verdicts"
)

// oldVerdict is a verdict as a version before catalogue keys stored it.
const oldVerdict = `{"outcome":"throttled","fields":[],"code":"rate_limited",
	"message":"Paycor takes no more calls with this APIM Subscription Key for a moment.","remedy":"Wait 17 seconds, then verify again.",
	"retry_after":17,"checked_at":"2026-03-01T11:30:00Z","steps":[{"name":"key","state":"passed"},
	{"name":"entities","state":"passed","note":"The application covers 2 legal entities."},
	{"name":"legal_entity","state":"passed","note":"Sunrise Bakery LLC"},
	{"name":"data_access","state":"warned","note":"9 of 10 lists can be read. 1 could not be checked."}]}`

func storedVerdict(t *testing.T, text string) verdicts.Verdict {
	t.Helper()
	path := newDatabase(t)
	_, err := openRaw(t, path).Exec("UPDATE credentials SET verdict = ?", text)
	require.NoError(t, err)
	s := open(t, sqlite.Config{Path: path})
	var found paycor.Credential
	require.NoError(t, s.View(t.Context(), func(r store.Reader) (err error) {
		found, err = r.Credential("w", "a")
		return err
	}))
	require.NotNil(t, found.Verdict)
	return *found.Verdict
}

func TestOldVerdictsGetKeys(t *testing.T) {
	t.Parallel()
	found := storedVerdict(t, oldVerdict)
	assert.Equal(t, verdicts.CodeRateLimited.Verdict().Message, found.Message)
	assert.Equal(t, message.Count("verdict.wait.seconds", 17), found.Remedy)
	assert.Equal(t, 17, found.RetryAfter)
	assert.True(t, found.Steps[0].Note.IsZero())
	assert.Equal(t, message.Count("step.note.entities", 2), found.Steps[1].Note)
	assert.Equal(t, message.Text("Sunrise Bakery LLC"), found.Steps[2].Note)
	assert.Equal(t, message.New("step.note.readable-unknown", 9, 10, 1), found.Steps[3].Note)
	spanish, _ := locale.ByTag("es")
	assert.Equal(t, spanish.Text("verdict.rate_limited"), found.Message.In(spanish))
}

func TestOldVerdictsOfUnconfiguredEnvironments(t *testing.T) {
	t.Parallel()
	found := storedVerdict(t, `{"outcome":"unreachable","fields":[],"code":"environment_unusable",
		"message":"The environment \"lab\" is not configured on this server, so nothing was sent.",
		"remedy":"Ask whoever runs this program to start it with --environment lab=URL, then try again."}`)
	assert.Equal(t, message.New("verdict.environment_unconfigured", "lab"), found.Message)
}

func TestVerdictsOfANewerVersionKeepTheirText(t *testing.T) {
	t.Parallel()
	found := storedVerdict(t, `{"outcome":"rejected","fields":[],"code":"of_next_year","message":"Something new.","remedy":"Do it."}`)
	assert.Equal(t, message.Text("Something new."), found.Message)
	assert.Equal(t, message.Text("Do it."), found.Remedy)
}

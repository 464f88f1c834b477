package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// examination is the JSON that doctor prints.
type examination struct {
	Status   string
	Findings []struct{ Check, Status, Message, Remedy string }
}

func (e examination) status(check string) string {
	for _, finding := range e.Findings {
		if finding.Check == check {
			return finding.Status // the worst comes first
		}
	}
	return ""
}

// Doctor finds each damage while the server runs, and says what to do.
func TestDoctor(t *testing.T) {
	paycor := paycortest.Start(t, paycortest.Config{})
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--environment", "test="+paycor.URL)
	p.create(paycor.Lookup(paycortest.SunriseBakery).Details())
	examine := func(want int) (found examination) {
		t.Helper()
		out, code := run(t, "doctor", "--data", p.data, "--json")
		assert.Equal(t, want, code, out)
		require.NoError(t, json.Unmarshal([]byte(out), &found), out)
		return found
	}
	healthy := examine(0)
	for _, check := range []string{"access", "schema", "integrity", "credentials", "audit", "clock", "schedule", "secrets", "records"} {
		assert.Equal(t, "ok", healthy.status(check), check)
	}
	text, code := run(t, "doctor", "--data", p.data)
	assert.Zero(t, code, text)
	assert.Regexp(t, `(?m)^ok +schema +The database has schema \d+`, text)

	for name, damage := range map[string]struct{ sql, undo, check, status string }{
		"secret": {"CREATE TABLE kept AS SELECT * FROM secrets; UPDATE secrets SET sealed = x'01'",
			"DELETE FROM secrets; INSERT INTO secrets SELECT * FROM kept; DROP TABLE kept", "secrets", "problem"},
		"kept secret": {"UPDATE secrets SET field = 'client_secret_previous' WHERE field = 'access_token'",
			"UPDATE secrets SET field = 'access_token' WHERE field = 'client_secret_previous'", "secrets", "warning"},
		"row":   {"UPDATE applications SET rotation = '{'", "UPDATE applications SET rotation = NULL", "credentials", "warning"},
		"token": {"UPDATE tokens SET name = name || '!'", "UPDATE tokens SET name = rtrim(name, '!')", "records", "problem"},
	} {
		execute(t, p.data, damage.sql)
		want := 1
		if damage.status == "warning" {
			want = 0
		}
		found := examine(want)
		assert.Equal(t, damage.status, found.status(damage.check), name)
		for _, finding := range found.Findings {
			assert.Equal(t, finding.Status != "ok", finding.Remedy != "", "%v", finding)
		}
		execute(t, p.data, damage.undo)
	}
	examine(0)
	p.stop()

	execute(t, p.data, "INSERT OR REPLACE INTO checkups SELECT workspace, id, '2026-01-01T00:00:00.000000000Z' FROM credentials")
	assert.Equal(t, "warning", examine(0).status("schedule"))
	execute(t, p.data, "DROP TRIGGER audit_keeps_words; UPDATE audit SET detail = 'x' WHERE sequence = 1")
	assert.Equal(t, "problem", examine(1).status("audit"))
	execute(t, p.data, "UPDATE audit SET at = '2100' || substr(at, 5) WHERE sequence = 2")
	assert.Equal(t, "problem", examine(1).status("clock"))
	require.NoError(t, os.Chmod(filepath.Join(p.data, "paycorcred.key"), 0o644))
	found := examine(1)
	assert.Equal(t, "problem", found.status("access"))
	assert.Equal(t, "problem", found.status("key"))
	require.NoError(t, os.Remove(filepath.Join(p.data, "paycorcred.key")))
	assert.Equal(t, "problem", examine(1).status("key"))
	setSchema(t, p.data, -1)
	assert.Equal(t, "warning", examine(1).status("schema"))
	setSchema(t, p.data, 2)
	assert.Equal(t, "problem", examine(1).status("schema"))
	database := filepath.Join(p.data, "paycorcred.db")
	content, err := os.ReadFile(database)
	require.NoError(t, err)
	for i := 4096; i < len(content); i += 97 {
		content[i] ^= 0x5a
	}
	require.NoError(t, os.WriteFile(database, content, 0o600))
	assert.Equal(t, "problem", examine(1).Status)
	require.NoError(t, os.WriteFile(database, []byte("this is no database, and long enough to be seen as one, if it were"), 0o600))
	assert.Equal(t, "problem", examine(1).status("database"))
	_, code = run(t, "doctor", "--data", t.TempDir())
	assert.Equal(t, 2, code)
}

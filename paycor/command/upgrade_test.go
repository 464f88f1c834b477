package command_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// restoreOlder writes the data that a program with an older schema made: two credentials of
// one application of the simulator, and an API token, which it returns.
func restoreOlder(t *testing.T, fixture, data string) (token string) {
	t.Helper()
	packed, err := os.Open(fixture)
	require.NoError(t, err)
	defer packed.Close()
	reader, err := gzip.NewReader(packed)
	require.NoError(t, err)
	database, err := io.ReadAll(reader)
	require.NoError(t, err)
	key, err := os.ReadFile(strings.TrimSuffix(fixture, ".db.gz") + ".key")
	require.NoError(t, err)
	text, err := os.ReadFile(strings.TrimSuffix(fixture, ".db.gz") + ".token")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(data, "paycorcred.db"), database, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(data, "paycorcred.key"), key, 0o600))
	return strings.TrimSpace(string(text))
}

// Data of earlier programs works after an upgrade: tokens, secrets, calls and the audit
// trail. The fixtures were made by the programs of those schemas.
func TestUpgradeOfOlderData(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/upgrade/*.db.gz")
	require.NoError(t, err)
	require.NotEmpty(t, fixtures)
	for _, fixture := range fixtures {
		t.Run(strings.TrimSuffix(filepath.Base(fixture), ".db.gz"), func(t *testing.T) {
			paycor := paycortest.Start(t, paycortest.Config{})
			data := t.TempDir()
			token := restoreOlder(t, fixture, data)
			out, code := run(t, "token", "list", "--data", data)
			assert.Equal(t, 1, code, "only serve and migrate change the schema")
			assert.Contains(t, out, "written by an older version")

			p := serve(t, data, "--environment", "simulator="+paycor.URL, "--accept-address", "simulator")
			p.token = token
			listed := p.ask(200, "GET", "/api/v1/credentials", nil)
			for _, name := range []string{"Sunrise nightly", "Sunrise weekly"} {
				assert.Contains(t, listed, `"name":"`+name+`"`)
			}
			before, _, _ := strings.Cut(listed, `"name":"Sunrise nightly"`)
			_, id, found := strings.Cut(before[strings.LastIndex(before, `"id":"cred_`):], `"id":"`)
			require.True(t, found)
			id, _, _ = strings.Cut(id, `"`)
			assert.Contains(t, p.ask(200, "POST", "/api/v1/credentials/"+id+"/verify", nil), `"outcome":"verified"`)
			assert.Contains(t, p.ask(200, "GET", "/api/v1/credentials/"+id+"/paycor/v1/legalentities/501123", nil), "501123")
			p.stop()
			out, code = run(t, "audit", "verify", "--data", data)
			assert.Zero(t, code, out)
			copies, err := filepath.Glob(filepath.Join(data, "paycorcred-schema*.db"))
			require.NoError(t, err)
			assert.Len(t, copies, 1, "the way back")
		})
	}
}

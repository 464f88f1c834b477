package command_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// execute runs SQL on the database of a data directory, as somebody with a shell can.
func execute(t *testing.T, data, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "paycorcred.db")+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), statements)
	require.NoError(t, err)
}

// A token that somebody makes an administrator's with SQL is refused at once. The audit
// trail, audit verify, the next start and doctor say so.
func TestTokenAlteredInTheDatabaseIsRefused(t *testing.T) {
	p := serve(t, filepath.Join(t.TempDir(), "data"))
	out, code := run(t, "audit", "verify", "--data", p.data)
	require.Zero(t, code, out)
	assert.Contains(t, out, "as this program wrote them")
	admin, made := p.token, ""
	made, code = run(t, "token", "create", "--data", p.data, "--name", "reader")
	require.Zero(t, code, made)
	p.token = made[:len(made)-1]
	p.ask(403, "GET", "/api/v1/audit", nil)
	execute(t, p.data, `UPDATE tokens SET rights = '["view","use","edit","admin"]' WHERE name = 'reader'`)
	p.ask(401, "GET", "/api/v1/audit", nil)
	assert.Contains(t, p.output.String(), "a record was changed outside of this program")

	p.token = admin
	assert.Contains(t, p.ask(200, "GET", "/api/v1/audit", nil), `"action":"record.altered"`)
	assert.Contains(t, p.ask(200, "GET", "/api/v1/tokens", nil), `"state":"altered"`)
	out, code = run(t, "audit", "verify", "--data", p.data)
	assert.Equal(t, 3, code, out)
	assert.Regexp(t, `API token token_\w+ was changed outside of paycorcred`, out)
	p.stop()

	p = serve(t, p.data)
	assert.Contains(t, p.output.String(), "a record was changed outside of this program")
	p.stop()
}

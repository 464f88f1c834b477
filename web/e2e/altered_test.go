package e2e_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/audit"
)

// execute runs SQL on the running program's database, as somebody with a shell on its
// machine can.
func (p *program) execute(statements string) {
	p.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(p.data, "paycorcred.db")+"?_pragma=busy_timeout(10000)")
	require.NoError(p.t, err)
	defer db.Close()
	_, err = db.ExecContext(p.t.Context(), statements)
	require.NoError(p.t, err)
}

// Somebody makes a program and a site administrators in the database. Both are refused,
// the pages and the audit trail say so, and the token can be revoked.
func TestWhatIsChangedInTheDatabaseIsRefused(t *testing.T) {
	p := start(t)
	reader := p.newToken("--name", "reader", "--rights", "view")
	p.execute(`UPDATE tokens SET rights = '["view","use","edit","admin"]' WHERE name = 'reader'`)
	own := p.newToken("--name", "own", "--rights", "view,admin")
	bearer := func(token string) map[string]string { return map[string]string{"Authorization": "Bearer " + token} }
	assert.Equal(t, 401, p.do(ask{Method: "GET", Path: "/api/v1/audit", Header: bearer(reader)}).Status)

	b := open(t, p)
	b.signIn()
	b.visit("/consumers")
	b.seesText(say("consumer.altered"))
	b.screenshot("consumer-altered")
	b.visit("/audit")
	b.seesText("A record that was changed outside of this server was refused: API token token_")
	b.screenshot("audit-altered")
	found := p.do(ask{Method: "GET", Path: "/api/v1/audit?action=" + string(audit.ActionAltered), Header: bearer(own)})
	assert.Equal(t, 200, found.Status)
	assert.Contains(t, string(found.Body), `"outcome":"refused"`)
}

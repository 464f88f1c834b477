package e2e_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// A list shows what is left of a damaged database and says how much is missing, and
// doctor names it.
func TestDamagedDatabaseIsListed(t *testing.T) {
	t.Parallel()
	p := start(t)
	kept := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	lost := p.save(sample(t, paycortest.HarborLogistics).body(t), "?verify=false")
	p.execute(`PRAGMA foreign_keys = OFF; DELETE FROM credentials WHERE id = '` + lost.ID + `'`)
	b := open(t, p)
	playScenes(t, p, b.signIn(), []scene{{"a list of which a credential is lost", func(b *tab) {
		b.get("radio", "~"+kept.Name)
		b.seesText(say("list.unreadable.one"))
	}}})
	b.screenshot("damaged")
	b.size(320, 800)
	b.media(map[string]string{"prefers-color-scheme": "dark"})
	b.screenshot("damaged-narrow-dark")
	listed := p.api("GET", "/credentials", nil)
	assert.Equal(t, http.StatusOK, listed.Status)
	assert.Contains(t, string(listed.Body), `"unreadable":1`)
	found := command(t, nil, "doctor", "--data", p.data)
	assert.Equal(t, 1, found.code)
	assert.Contains(t, found.out, "The credential "+lost.ID)
}

// A page of the file is overwritten while the server is stopped. It starts, its pages show
// the API tokens and sites that are left and say how many are not, and doctor counts them.
func TestDamagedPageOfTokensAndSitesIsListed(t *testing.T) {
	t.Parallel()
	p := start(t)
	const count = 40
	for i := range count {
		require.Equal(t, http.StatusCreated, p.api("POST", "/tokens", map[string]any{"name": fmt.Sprint("import ", i), "rights": []string{"view"}}).Status)
		require.Equal(t, http.StatusCreated, p.api("POST", "/hosts", map[string]any{"id": fmt.Sprint("site-", i), "name": fmt.Sprint("Site ", i),
			"origins": []string{"https://site.example"}, "rights": []string{"view"}, "keys_url": "https://site.example/jwks"}).Status)
	}
	p.stop()
	for _, table := range []string{"tokens", "hosts"} {
		overwriteLeaf(t, filepath.Join(p.data, "paycorcred.db"), table, 0)
	}
	p.restart()
	session := p.session()
	lost := 0
	for path, total := range map[string]int{"tokens": count + 1, "hosts": count} { // one token is the test's
		got := p.do(ask{Method: "GET", Path: "/api/v1/" + path, Header: session})
		require.Equal(t, http.StatusOK, got.Status, "%s", got.Body)
		var listed struct {
			Tokens, Hosts []any
			Unreadable    int
		}
		got.into(t, &listed)
		assert.Positive(t, listed.Unreadable, path)
		assert.Equal(t, total, len(listed.Tokens)+len(listed.Hosts)+listed.Unreadable, path)
		lost += listed.Unreadable
	}
	p.stop()
	p.restart() // for another sign-in link
	b := open(t, p)
	playScenes(t, p, b.signIn(), []scene{
		{"tokens of which some are lost", func(b *tab) { b.visit("/consumers"); b.seesText("because this server’s database is damaged there") }},
		{"sites of which some are lost", func(b *tab) { b.visit("/hosts"); b.seesText("because this server’s database is damaged there") }},
	})
	b.screenshot("damaged-sites")
	b.visit("/consumers")
	b.screenshot("damaged-tokens")
	found := command(t, nil, "doctor", "--data", p.data)
	assert.Equal(t, 1, found.code)
	assert.Contains(t, found.out, fmt.Sprint(lost, " records that give authority"))
	listed := command(t, nil, "token", "list", "--data", p.data)
	assert.Equal(t, 1, listed.code)
	assert.Contains(t, listed.out, "import ")
	assert.Contains(t, listed.err, "aren’t listed because the database is damaged there")
}

// A page of the audit trail is overwritten: the command line exports the entries before and
// after it, says how many are missing, and verifies none of them as whole.
func TestDamagedAuditTrailIsExported(t *testing.T) {
	t.Parallel()
	p := start(t)
	for i := range 60 {
		require.Equal(t, http.StatusCreated, p.api("POST", "/tokens", map[string]any{"name": fmt.Sprint("import ", i), "rights": []string{"view"}}).Status)
	}
	p.stop()
	export := func() (commandResult, []string) {
		exported := command(t, nil, "audit", "export", "--data", p.data)
		return exported, strings.Split(strings.TrimSpace(exported.out), "\n")
	}
	_, all := export()
	overwriteLeaf(t, filepath.Join(p.data, "paycorcred.db"), "audit", 2)
	damaged, left := export()
	assert.Equal(t, 1, damaged.code)
	assert.Contains(t, damaged.err, fmt.Sprint(len(all)-len(left), " "), "how many are missing")
	assert.Subset(t, all, left)
	assert.NotEmpty(t, left)
	assert.Less(t, len(left), len(all))
	assert.NotEqual(t, 0, command(t, nil, "audit", "verify", "--data", p.data).code)
}

// overwriteLeaf overwrites a leaf page of a table that no server uses: the last one but so
// many.
func overwriteLeaf(t *testing.T, path, table string, but int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	var page, size int64
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT pageno, pgsize FROM dbstat WHERE pagetype = 'leaf' AND name = ? ORDER BY pageno DESC LIMIT 1 OFFSET ?`, table, but).Scan(&page, &size))
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = file.WriteAt(bytes.Repeat([]byte{0x5a}, int(size)), (page-1)*size)
	require.NoError(t, errors.Join(err, file.Close()))
}

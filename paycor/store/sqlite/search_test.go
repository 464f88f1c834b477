package sqlite_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// search returns the ids of one page and the page.
func search(t *testing.T, s store.Store, workspace string, query paycor.Query) ([]string, paycor.CredentialPage) {
	t.Helper()
	var page paycor.CredentialPage
	require.NoError(t, s.View(t.Context(), func(r store.Reader) (err error) {
		page, err = r.Credentials(workspace, query, nil)
		return err
	}))
	ids := []string{}
	for _, c := range page.Credentials {
		ids = append(ids, c.ID)
	}
	return ids, page
}

// insertMany inserts credentials in one update.
func insertMany(t *testing.T, s store.Store, workspace string, count int, each func(i int) paycor.Credential) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		var errs []error
		for i := range count {
			c := each(i)
			c.Version, c.ApplicationID = 1, "app_"+c.ID
			errs = append(errs, tx.InsertCredential(workspace, c, nil))
		}
		return errors.Join(errs...)
	}))
}

// Lists and searches read what they return and not the whole workspace: SQLite seeks
// in an index in every step and sorts no more than the visible restricted credentials.
// What it scans are results of such searches.
func TestListsAndSearchesUseIndexes(t *testing.T) {
	t.Parallel()
	db := openRaw(t, newDatabase(t))
	seeks := []string{"USING INDEX", "USING COVERING INDEX", "USING PRIMARY KEY", "USING INTEGER PRIMARY KEY", "VIRTUAL TABLE INDEX"}
	for name, statement := range sqlite.ListStatements() {
		rows, err := db.Query("EXPLAIN QUERY PLAN "+statement, make([]any, 18)...)
		require.NoError(t, err, name)
		for rows.Next() {
			var id, parent, unused int
			var step string
			require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
			if strings.HasPrefix(step, "SEARCH") {
				assert.True(t, containsAny(step, seeks), "%s: %s", name, step)
			}
			if strings.HasPrefix(step, "SCAN") && !containsAny(step, []string{"VIRTUAL TABLE INDEX", "CONSTANT ROW", "SCAN seen", "SCAN among", "SCAN due", "SCAN frequent", "SCAN ranked", "SCAN (subquery"}) {
				t.Errorf("%s reads everything: %s", name, step)
			}
			if strings.Contains(step, "TEMP B-TREE FOR ORDER BY") && (strings.HasPrefix(name, "list") || strings.HasPrefix(name, "restricted") || strings.HasPrefix(name, "frequent")) {
				t.Errorf("%s sorts: %s", name, step)
			}
			if strings.Contains(step, "credential_shares") && strings.Contains(name, "shared") {
				assert.Contains(t, step, "viewer=?", "%s reads what is shared with others", name)
			}
			if name == "application history" && strings.HasPrefix(step, "SEARCH b ") {
				assert.Contains(t, step, "audit_of_applications", "it reads no verifications")
			}
			if name == "hits" && strings.Contains(step, "VIRTUAL TABLE INDEX") && strings.Contains(step, "hit") {
				assert.Regexp(t, `INDEX \d+:.*[<>]`, step, "the search is limited to the documents of its workspace")
			}
		}
		require.NoError(t, errors.Join(rows.Err(), rows.Close()), name)
	}
}

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// A search with very many hits says so, pages through all of them in order, and says
// exactly how many there are as soon as that is cheap.
func TestASearchWithManyHitsPagesThroughAllOfThem(t *testing.T) {
	t.Parallel()
	s := open(t, sqlite.Config{Path: newDatabase(t)})
	const many = 2300
	insertMany(t, s, "v", many, func(i int) paycor.Credential {
		c := paycor.Credential{ID: fmt.Sprintf("c%04d", i), Name: fmt.Sprintf("Payroll %04d", (i*7919)%many)}
		if i%50 == 0 {
			c.Description = "Finance"
		}
		return c
	})
	insertMany(t, s, "other", 3, func(i int) paycor.Credential {
		return paycor.Credential{ID: fmt.Sprint("o", i), Name: "Payroll of others"}
	})
	for name, viewer := range map[string]*paycor.Viewer{"administrator": nil, "person": {Owner: "person p"}} {
		query := paycor.Query{Search: "PAYROLL", Limit: 200, Viewer: viewer}
		var names []string
		for {
			_, page := search(t, s, "v", query)
			require.Equal(t, 2000, page.Total, name)
			require.True(t, page.TotalIsMinimum, name)
			for _, c := range page.Credentials {
				names = append(names, c.Name)
			}
			if query.Cursor = page.Next; page.Next == "" {
				break
			}
		}
		assert.Len(t, names, many, name)
		assert.IsIncreasing(t, names, name)
	}
	ids, page := search(t, s, "v", paycor.Query{Search: "payroll finance", Limit: 200})
	assert.Len(t, ids, many/50)
	assert.Equal(t, many/50, page.Total)
	assert.False(t, page.TotalIsMinimum)

	_, all := search(t, s, "v", paycor.Query{})
	assert.Equal(t, many, all.Total)
	assert.False(t, all.TotalIsMinimum, "without a search the count is exact")
	ids, _ = search(t, s, "other", paycor.Query{Search: "payroll"})
	assert.Equal(t, []string{"o0", "o1", "o2"}, ids)
}

// Whatever is written, the index has exactly the credentials that exist.
func TestTheIndexFollowsEveryWrite(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	s := open(t, sqlite.Config{Path: path})
	insertMany(t, s, "v", 5, func(i int) paycor.Credential {
		return paycor.Credential{ID: fmt.Sprint(i), Name: fmt.Sprint("Name ", i)}
	})
	write := func(write func(tx store.Tx) error) { t.Helper(); require.NoError(t, s.Update(t.Context(), write)) }
	write(func(tx store.Tx) error {
		return tx.UpdateCredential("v", paycor.Credential{ID: "1", Name: "Café", Version: 2}, 1, nil)
	})
	write(func(tx store.Tx) error { return tx.DeleteCredential("v", "2", 1) })
	assert.Error(t, s.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(tx.InsertCredential("v", paycor.Credential{ID: "9", ApplicationID: "app_9", Name: "Name 9", Version: 1}, nil), errors.New("rolled back"))
	}))
	write(func(tx store.Tx) error {
		return tx.PutCredentialSharing("v", "3", store.CredentialSharing{Owner: "person p", Sharing: &paycor.Sharing{}})
	})
	ids, page := search(t, s, "v", paycor.Query{})
	assert.Equal(t, []string{"1", "0", "3", "4"}, ids)
	assert.Equal(t, 4, page.Total)
	for words, want := range map[string][]string{"name": {"0", "3", "4"}, "cafe": {"1"}, "na 1": {}, "name 1": {}, "name 9": {}} {
		ids, page := search(t, s, "v", paycor.Query{Search: words})
		assert.Equal(t, want, ids, words)
		assert.Equal(t, len(want), page.Total, words)
	}
	ids, page = search(t, s, "v", paycor.Query{Search: "name", Viewer: &paycor.Viewer{Owner: "person x"}})
	assert.Equal(t, []string{"0", "4"}, ids)
	assert.Equal(t, 2, page.Total)

	write(func(tx store.Tx) error {
		return tx.PutCredentialSharing("v", "3", store.CredentialSharing{Owner: "person p"})
	})
	_, page = search(t, s, "v", paycor.Query{Viewer: &paycor.Viewer{Owner: "person x"}})
	assert.Equal(t, 4, page.Total, "shared with everyone again")
	write(func(tx store.Tx) error {
		return tx.PutCredentialSharing("v", "3", store.CredentialSharing{Owner: "person p", Sharing: &paycor.Sharing{People: []string{"ann"}}})
	})
	write(func(tx store.Tx) error { return tx.DeleteCredential("v", "3", 1) })
	for table, want := range map[string]int{"credential_shares": 0, "search_documents WHERE workspace = 'v'": 3, "search_trigrams('nam') WHERE rowid >= 2 << 32": 2} {
		assert.Equal(t, want, queryOne[int](t, path, "SELECT count(*) FROM "+table), table)
	}
}

// A database of an older version is searched like a new one, its restrictions included.
func TestOlderDatabasesAreIndexed(t *testing.T) {
	t.Parallel()
	path := olderDatabase(t, 9)
	_, err := openRaw(t, path).Exec(`
		INSERT INTO credentials (workspace, id, version, name_key, search, name, description, environment, grant_type, client_id,
			legal_entity_id, legal_entity_name, scope, created_at, updated_at, last_used_at, owner, shared)
		VALUES ('w', 'a', 1, 'cafés', 'cafés', 'Cafés', 'Nightly', 'sandbox', 'client_credentials', 'c1', 5, '', '', '', '', '', 'person p', NULL),
			('w', 'b', 1, 'bakery', 'bakery', 'Bakery', '', 'production', 'client_credentials', 'c2', 6, '', '', '', '', '', 'person p', '["person:ann"]'),
			('v', 'a', 1, 'cafés', 'cafés', 'Cafés', '', 'production', 'client_credentials', 'c2', 6, '', '', '', '', '', '', NULL);`)
	require.NoError(t, err)
	for _, start := range []string{"migrated", "started again"} {
		s := open(t, sqlite.Config{Path: path, Migrate: true})
		ids, page := search(t, s, "w", paycor.Query{})
		assert.Equal(t, []string{"b", "a"}, ids, start)
		assert.Equal(t, 2, page.Total, start)
		ids, _ = search(t, s, "w", paycor.Query{Search: "cafes nightly"})
		assert.Equal(t, []string{"a"}, ids, start)
		for owner, want := range map[string][]string{"person p": {"b", "a"}, "person x": {"a"}} {
			ids, page := search(t, s, "w", paycor.Query{Viewer: &paycor.Viewer{Owner: owner}})
			assert.Equal(t, want, ids, owner)
			assert.Equal(t, len(want), page.Total, owner)
		}
		ids, _ = search(t, s, "w", paycor.Query{Viewer: &paycor.Viewer{Owner: "x", Keys: []string{"person:ann"}}})
		assert.Equal(t, []string{"b", "a"}, ids, start)
		require.NoError(t, s.Close())
	}
}

// Texts that follow older rules are renewed at the next start.
func TestTextsOfOlderRulesAreRenewed(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	s := open(t, sqlite.Config{Path: path})
	insertMany(t, s, "v", 3, func(i int) paycor.Credential { return paycor.Credential{ID: fmt.Sprint(i), Name: "Bakery"} })
	require.NoError(t, s.Close())
	_, err := openRaw(t, path).Exec(`UPDATE search_documents SET text = 'old'; UPDATE search_rules SET rules = rules - 1`)
	require.NoError(t, err)
	s = open(t, sqlite.Config{Path: path})
	ids, _ := search(t, s, "v", paycor.Query{Search: "old"})
	assert.Len(t, ids, 3, "a command leaves them to the server")
	require.NoError(t, s.Close())
	s = open(t, sqlite.Config{Path: path, Migrate: true})
	ids, page := search(t, s, "v", paycor.Query{Search: "bakery"})
	assert.Equal(t, []string{"0", "1", "2"}, ids)
	assert.Equal(t, 3, page.Total)
	ids, _ = search(t, s, "v", paycor.Query{Search: "old"})
	assert.Empty(t, ids)
}

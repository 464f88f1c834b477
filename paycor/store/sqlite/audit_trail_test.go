package sqlite_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// appendEntries appends entries to the audit trail in large transactions.
func appendEntries(t testing.TB, s store.Store, count int) {
	t.Helper()
	for count > 0 {
		part := min(count, 5000)
		count -= part
		require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
			var previous *audit.Entry
			if last, err := tx.LastAuditEntry(); err == nil {
				previous = &last
			}
			for range part {
				entry := audit.Link(previous, audit.Entry{
					At: time.Date(2031, 1, 2, 3, 4, 5, 0, time.UTC), Workspace: "w", CallerKind: paycor.CallerPerson, CallerID: "person-1",
					CallerName: "Pat Example", From: "192.0.2.1", RequestID: "5f0c7a526f9e4a7b9a510c1f4b", Action: audit.ActionUpdate,
					Credential: "cred_0123456789abcdefghijklmnop", Fields: []fields.Field{fields.Scope, fields.Name}, Outcome: "done",
				})
				if err := tx.AppendAudit(entry); err != nil {
					return err
				}
				previous = &entry
			}
			return nil
		}))
	}
}

func checkTrail(t *testing.T, path string, heads ...audit.Head) (audit.Head, error) {
	t.Helper()
	trail, err := sqlite.OpenAuditTrail(t.Context(), path)
	require.NoError(t, err)
	defer trail.Close()
	return audit.Check(nil, trail.Entries(t.Context()), heads...)
}

func TestAuditTrailOfOpenAndClosedDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "store.db")
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	appendEntries(t, s, 20)
	head, err := checkTrail(t, path)
	require.NoError(t, err)
	assert.EqualValues(t, 20, head.Sequence, "entries in the log are read while a server runs")
	appendEntries(t, s, 5)
	head, err = checkTrail(t, path)
	require.NoError(t, err)
	assert.EqualValues(t, 25, head.Sequence)
	require.NoError(t, s.Close())

	require.NoError(t, os.Remove(strings.TrimSuffix(path, ".db")+".key"), "no key is needed")
	before := fileNames(t, filepath.Dir(path))
	head, err = checkTrail(t, path)
	require.NoError(t, err)
	assert.EqualValues(t, 25, head.Sequence)
	assert.Equal(t, before, fileNames(t, filepath.Dir(path)), "no file was created")

	copied := filepath.Join(t.TempDir(), "backup.db")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(copied, content, 0o400))
	head, err = checkTrail(t, copied)
	require.NoError(t, err)
	assert.EqualValues(t, 25, head.Sequence, "a read-only backup")
}

func fileNames(t *testing.T, directory string) (found []string) {
	t.Helper()
	entries, err := os.ReadDir(directory)
	require.NoError(t, err)
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	return found
}

func TestAuditTrailReportsChangeWhileOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	appendEntries(t, s, 3)
	require.NoError(t, s.Close())
	trail, err := sqlite.OpenAuditTrail(t.Context(), path)
	require.NoError(t, err)
	defer trail.Close()
	assert.False(t, trail.ChangedWhileOpen())
	s, err = sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	defer s.Close()
	appendEntries(t, s, 3)
	assert.True(t, trail.ChangedWhileOpen())
}

// SQLite keeps the log beside the database itself, even if the path is a symbolic
// link. Entries in that log are found.
func TestSymlinkedDatabase(t *testing.T) {
	t.Parallel()
	path, linked := filepath.Join(t.TempDir(), "store.db"), filepath.Join(t.TempDir(), "linked.db")
	require.NoError(t, open(t, sqlite.Config{Path: path}).Close())
	require.NoError(t, os.Symlink(path, linked))
	s := open(t, sqlite.Config{Path: linked, KeyFile: keyFileOf(path)})
	assert.True(t, sqlite.UsesWALIndex(s))
	appendEntries(t, s, 3)
	head, err := checkTrail(t, linked)
	require.NoError(t, err)
	assert.EqualValues(t, 3, head.Sequence)
}

func TestOpenAuditTrailRejects(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	foreign := filepath.Join(directory, "foreign.db")
	_, err := openRaw(t, foreign).Exec("CREATE TABLE t (a)")
	require.NoError(t, err)
	text := filepath.Join(directory, "text.db")
	require.NoError(t, os.WriteFile(text, []byte(strings.Repeat("not a database ", 100)), 0o600))
	for name, path := range map[string]string{"a missing file": filepath.Join(directory, "none.db"), "a directory": directory, "another program's": foreign, "a text file": text} {
		t.Run(name, func(t *testing.T) {
			_, err := sqlite.OpenAuditTrail(t.Context(), path)
			assert.ErrorContains(t, err, path)
		})
	}
}

// A change that bypasses the triggers is detected, with its position and kind.
func TestTamperingIsDetected(t *testing.T) {
	t.Parallel()
	const copyOf = `INSERT INTO audit SELECT %s`
	for name, test := range map[string]struct {
		tamper   string
		sequence int64
		fault    audit.Fault
	}{
		"a name":                     {"UPDATE audit SET caller_name = 'Somebody else' WHERE sequence = 7", 7, audit.Changed},
		"a time":                     {"UPDATE audit SET at = replace(at, '2031', '2030') WHERE sequence = 7", 7, audit.Changed},
		"an invalid time":            {"UPDATE audit SET at = 'yesterday' WHERE sequence = 7", 7, audit.Changed},
		"a finer time":               {"UPDATE audit SET at = replace(at, '000000000Z', '000000001Z') WHERE sequence = 7", 7, audit.Changed},
		"fields":                     {"UPDATE audit SET fields = '[\"name\",\"scope\"]' WHERE sequence = 7", 7, audit.Changed},
		"invalid fields":             {"UPDATE audit SET fields = '{' WHERE sequence = 7", 7, audit.Changed},
		"no fields":                  {"UPDATE audit SET fields = NULL WHERE sequence = 7", 7, audit.Changed},
		"the workspace":              {"UPDATE audit SET workspace = 'other' WHERE sequence = 7", 7, audit.Changed},
		"the hash":                   {"UPDATE audit SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE sequence = 7", 7, audit.Changed},
		"the first":                  {"UPDATE audit SET detail = 'x' WHERE sequence = 1", 1, audit.Changed},
		"the last":                   {"UPDATE audit SET detail = 'x' WHERE sequence = 20", 20, audit.Changed},
		"one deleted":                {"DELETE FROM audit WHERE sequence = 7", 7, audit.Missing},
		"the first deleted":          {"DELETE FROM audit WHERE sequence = 1", 1, audit.Missing},
		"deleted and renumbered":     {"DELETE FROM audit WHERE sequence IN (7, 8); UPDATE audit SET sequence = sequence - 2 WHERE sequence > 8", 7, audit.Missing},
		"two swapped":                {"UPDATE audit SET sequence = -1 WHERE sequence = 7; UPDATE audit SET sequence = 7 WHERE sequence = 8; UPDATE audit SET sequence = 8 WHERE sequence = -1", 7, audit.Reordered},
		"moved to the end":           {"UPDATE audit SET sequence = 21 WHERE sequence = 7", 7, audit.Reordered},
		"one inserted":               {"UPDATE audit SET sequence = -sequence - 1 WHERE sequence >= 7; UPDATE audit SET sequence = -sequence WHERE sequence < 0; " + strings.Replace(copyOf, "%s", "7, at, workspace, caller_kind, caller_id, 'Forged', came_from, request_id, action, credential, fields, outcome, detail, hash FROM audit WHERE sequence = 3", 1), 7, audit.Inserted},
		"one appended":               {strings.Replace(copyOf, "%s", "21, at, workspace, caller_kind, caller_id, caller_name, came_from, request_id, action, credential, fields, outcome, detail, hash FROM audit WHERE sequence = 20", 1), 21, audit.Changed},
		"one prepended":              {strings.Replace(copyOf, "%s", "0, at, workspace, caller_kind, caller_id, caller_name, came_from, request_id, action, credential, fields, outcome, detail, hash FROM audit WHERE sequence = 1", 1), 0, audit.Reordered},
		"the end, by a known head":   {"DELETE FROM audit WHERE sequence > 15", 16, audit.CutOff},
		"all of it, by a known head": {"DELETE FROM audit", 1, audit.CutOff},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
			require.NoError(t, err)
			appendEntries(t, s, 20)
			require.NoError(t, s.Close())
			recorded, err := checkTrail(t, path)
			require.NoError(t, err)

			db, err := sql.Open("sqlite", path)
			require.NoError(t, err)
			_, err = db.Exec("DROP TRIGGER audit_keeps_words; DROP TRIGGER audit_keeps_entries; " + test.tamper)
			require.NoError(t, err)
			require.NoError(t, db.Close())

			_, err = checkTrail(t, path, recorded)
			assert.Equal(t, &audit.BrokenError{Sequence: test.sequence, Fault: test.fault}, err)
		})
	}
}

// A chain that was rewritten from the middle on is valid by itself, but does not
// match a head that was recorded before.
func TestRewrittenTrailIsDetectedByHead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	appendEntries(t, s, 20)
	recorded, err := checkTrail(t, path)
	require.NoError(t, err)
	_, err = openRaw(t, path).Exec("DROP TRIGGER audit_keeps_entries; DELETE FROM audit WHERE sequence > 12")
	require.NoError(t, err)
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		last, err := tx.LastAuditEntry()
		if err != nil {
			return err
		}
		return tx.AppendAudit(audit.Link(&last, audit.Entry{At: time.Now(), Workspace: "w", Action: audit.ActionRead, Outcome: "done"}))
	}))
	appendEntries(t, s, 20)
	_, err = checkTrail(t, path)
	require.NoError(t, err, "the chain by itself is valid")
	_, err = checkTrail(t, path, recorded)
	assert.Equal(t, &audit.BrokenError{Sequence: 20, Fault: audit.Rewritten}, err)
}

// BenchmarkCheckTrail shows that checking keeps one entry in memory at a time.
func BenchmarkCheckTrail(b *testing.B) {
	path := filepath.Join(b.TempDir(), "store.db")
	s, err := sqlite.Open(b.Context(), sqlite.Config{Path: path})
	require.NoError(b, err)
	appendEntries(b, s, b.N)
	require.NoError(b, s.Close())
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	b.ResetTimer()
	trail, err := sqlite.OpenAuditTrail(context.Background(), path)
	require.NoError(b, err)
	defer trail.Close()
	peak := uint64(0)
	count := 0
	head, err := audit.Check(nil, func(yield func(audit.Entry, error) bool) {
		for entry, err := range trail.Entries(context.Background()) {
			if count++; count%50_000 == 0 {
				runtime.ReadMemStats(&after)
				peak = max(peak, after.HeapAlloc)
			}
			if !yield(entry, err) {
				return
			}
		}
	})
	b.StopTimer()
	require.NoError(b, err)
	require.EqualValues(b, b.N, head.Sequence)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(peak)/(1<<20), "MiB-heap")
}

// BenchmarkSearchTrail searches the whole trail, because nothing matches.
func BenchmarkSearchTrail(b *testing.B) {
	path := filepath.Join(b.TempDir(), "store.db")
	s, err := sqlite.Open(b.Context(), sqlite.Config{Path: path})
	require.NoError(b, err)
	defer s.Close()
	appendEntries(b, s, b.N)
	b.ResetTimer()
	require.NoError(b, s.View(b.Context(), func(r store.Reader) error {
		_, next, err := r.SearchAudit("w", audit.Query{Caller: "nobody", RequestID: "none"}, store.AuditScan{MaxScanned: int64(b.N), Limit: 100})
		require.Zero(b, next)
		return err
	}))
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

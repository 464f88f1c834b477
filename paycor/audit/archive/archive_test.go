package archive_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/archive"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/testkit/env"
)

// fixture is a store with a trail and an archiver over it.
type fixture struct {
	path     string
	store    *sqlite.DB
	clock    *testkit.Clock
	recorder *trail.Recorder
	archiver *archive.Archiver
}

var start = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// newFixture records one entry a day, for some days.
func newFixture(t *testing.T, days int) *fixture {
	t.Helper()
	h := &fixture{path: filepath.Join(t.TempDir(), "store.db"), clock: testkit.NewClock(start)}
	var err error
	h.store, err = sqlite.Open(t.Context(), sqlite.Config{Path: h.path})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.store.Close()) })
	h.recorder = trail.NewRecorder(h.clock.Now)
	h.archiver = h.over(h.store)
	for day := range days {
		h.record(t, fmt.Sprint("day ", day))
		h.clock.Pass(24 * time.Hour)
	}
	return h
}

func (h *fixture) over(s store.Store) *archive.Archiver {
	return archive.New(archive.Config{Store: store.ScopeOf[store.AuditReader, archive.Tx](s), Recorder: h.recorder, Clock: h.clock.Now})
}

func (h *fixture) record(t *testing.T, detail string) {
	t.Helper()
	require.NoError(t, h.store.Update(t.Context(), func(tx store.Tx) error {
		return h.recorder.Record(tx, rights.Operator("w"), audit.Entry{Action: audit.ActionUpdate, Outcome: "done", Detail: detail})
	}))
}

// sequences returns the entries that are left.
func (h *fixture) sequences(t *testing.T) (found []int64) {
	t.Helper()
	require.NoError(t, h.store.View(t.Context(), func(r store.Reader) error {
		lines, err := r.AuditTrail(0, 1000)
		for _, line := range lines {
			found = append(found, line.Sequence)
		}
		return err
	}))
	return found
}

// verify checks the trail as audit verify does.
func (h *fixture) verify(t *testing.T, heads ...audit.Head) (audit.Head, error) {
	t.Helper()
	opened, err := sqlite.OpenAuditTrail(t.Context(), h.path)
	require.NoError(t, err)
	defer opened.Close()
	return opened.Check(t.Context(), heads...)
}

func named(path string) func(int64, int64) string { return func(int64, int64) string { return path } }

func linesOf(t *testing.T, path string) audit.Checked {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	found, err := audit.CheckLines(audit.ReadLines(file), false)
	require.NoError(t, err)
	return found
}

func TestArchive(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 5)
	file := filepath.Join(t.TempDir(), "archive.jsonl")
	done, err := h.archiver.Archive(t.Context(), rights.Operator(""), start.Add(72*time.Hour), named(file))
	require.NoError(t, err)
	assert.EqualValues(t, 3, done.Entries)
	assert.EqualValues(t, 3, done.Last.Sequence)
	assert.Equal(t, []int64{4, 5, 6}, h.sequences(t), "and the entry about the archive")
	found := linesOf(t, file)
	assert.Equal(t, done.Last, found.Last)
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())

	head, err := h.verify(t)
	require.NoError(t, err)
	assert.EqualValues(t, 6, head.Sequence)
	require.NoError(t, h.store.View(t.Context(), func(r store.Reader) error {
		beginning, err := r.AuditBeginning()
		assert.Equal(t, done.Last, beginning)
		last, _ := r.LastAuditEntry()
		assert.Equal(t, audit.ActionArchive, last.Action)
		assert.Equal(t, "1 "+done.Last.String(), last.Detail)
		entries, next, searchErr := r.SearchAudit("w", audit.Query{}, store.AuditScan{MaxScanned: 1000, Limit: 1000})
		assert.Len(t, entries, 2)
		assert.Zero(t, next, "there is nothing before the beginning")
		lines, _, linesErr := r.AuditLines("w", audit.Query{}, store.AuditScan{MaxScanned: 1000, Limit: 1000})
		require.NotEmpty(t, lines)
		assert.Equal(t, done.Last.Hash, lines[0].Previous, "an export continues the archive")
		return errors.Join(err, searchErr, linesErr)
	}))

	again, err := h.archiver.Archive(t.Context(), rights.Operator(""), start.Add(72*time.Hour), named(filepath.Join(t.TempDir(), "none")))
	require.NoError(t, err)
	assert.Zero(t, again.Entries)
	assert.NoFileExists(t, again.File)

	second := filepath.Join(t.TempDir(), "second.jsonl")
	h.clock.Pass(24 * time.Hour)
	done, err = h.archiver.Archive(t.Context(), rights.Operator(""), h.clock.Now(), named(second))
	require.NoError(t, err)
	assert.EqualValues(t, 3, done.Entries, "the whole trail")
	assert.Equal(t, found.Last, linesOf(t, second).First, "the files continue each other")
	assert.Equal(t, []int64{7}, h.sequences(t))
	h.record(t, "later")
	_, err = h.verify(t)
	assert.NoError(t, err)
}

// Only what an archive has is deleted, and what somebody else makes the beginning is
// noticed.
func TestOnlyArchivedEntriesCanBeDeleted(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 3)
	for name, write := range map[string]func(store.Tx) error{
		"the newest":   func(tx store.Tx) error { return tx.BeginAuditAfter(audit.Head{Sequence: 3}, start) },
		"another hash": func(tx store.Tx) error { return tx.BeginAuditAfter(audit.Head{Sequence: 1, Hash: "x"}, start) },
		"none such":    func(tx store.Tx) error { return tx.BeginAuditAfter(audit.Head{Sequence: 9}, start) },
	} {
		assert.Error(t, h.store.Update(t.Context(), write), name)
	}
	require.NoError(t, h.store.Update(t.Context(), func(tx store.Tx) error {
		deleted, err := tx.DeleteArchivedAudit(1000)
		assert.Zero(t, deleted)
		return err
	}))
	assert.Len(t, h.sequences(t), 3)
	assert.Error(t, execute(h.path, `DELETE FROM audit WHERE sequence = 1`))
	require.NoError(t, execute(h.path, `INSERT INTO audit_beginnings (sequence, hash, archived_at) SELECT sequence, hash, '' FROM audit WHERE sequence = 2;
		DELETE FROM audit WHERE sequence <= 2`))
	altered, err := h.store.AlteredRecords(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*store.AlteredError{{Record: store.RecordAuditBeginning, ID: "2"}}, altered)
	_, err = h.archiver.Archive(t.Context(), rights.Operator(""), h.clock.Now(), named(filepath.Join(t.TempDir(), "f")))
	assert.ErrorAs(t, err, new(*store.AlteredError))
}

// Wherever archiving is interrupted, the trail verifies, nothing is lost, and the next
// attempt resumes.
func TestInterruptedArchive(t *testing.T) {
	t.Parallel()
	for after := range 3 {
		t.Run(fmt.Sprint(after, " updates"), func(t *testing.T) {
			t.Parallel()
			h := newFixture(t, 4)
			file := filepath.Join(t.TempDir(), "archive.jsonl")
			_, err := h.over(&env.Interrupted{Store: h.store, After: after}).Archive(t.Context(), rights.Operator(""), h.clock.Now(), named(file))
			require.ErrorIs(t, err, env.ErrKilled)
			_, err = h.verify(t)
			require.NoError(t, err)
			done, err := h.archiver.Archive(t.Context(), rights.Operator(""), start.Add(90*time.Hour), named(file))
			require.NoError(t, err)
			assert.EqualValues(t, 4, linesOf(t, file).Lines)
			if after < 2 {
				assert.EqualValues(t, 4, done.Entries)
			}
			assert.Equal(t, []int64{5}, h.sequences(t))
			_, err = h.verify(t)
			assert.NoError(t, err)
		})
	}
}

func TestArchiveNeverOverwrites(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 3)
	file := filepath.Join(t.TempDir(), "archive.jsonl")
	require.NoError(t, os.WriteFile(file, []byte("mine"), 0o600))
	_, err := h.archiver.Archive(t.Context(), rights.Operator(""), h.clock.Now(), named(file))
	assert.True(t, archive.IsTaken(err), err)
	assert.Len(t, h.sequences(t), 3)
	_, err = h.archiver.Archive(t.Context(), rights.Operator(""), h.clock.Now(), named(filepath.Join(t.TempDir(), "missing", "file")))
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.Len(t, h.sequences(t), 3)
}

// A trail that was tampered with is not archived: the file would hide it.
func TestBrokenTrailIsNotArchived(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 4)
	require.NoError(t, execute(h.path, `DROP TRIGGER audit_keeps_words; UPDATE audit SET detail = 'x' WHERE sequence = 2`))
	file := filepath.Join(t.TempDir(), "archive.jsonl")
	_, err := h.archiver.Archive(t.Context(), rights.Operator(""), h.clock.Now(), named(file))
	assert.ErrorAs(t, err, new(*audit.BrokenError))
	assert.NoFileExists(t, file)
	assert.Len(t, h.sequences(t), 4)
}

func TestRetention(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 10) // it is noon after ten days
	retention := archive.Retention{Keep: 5 * 24 * time.Hour, Directory: filepath.Join(t.TempDir(), "archives")}
	apply := func() archive.Archived {
		done, err := h.archiver.Apply(t.Context(), paycor.Caller{Kind: paycor.CallerServer}, retention, h.clock.Now())
		require.NoError(t, err)
		return done
	}
	assert.Equal(t, filepath.Join(retention.Directory, "audit-1-5.jsonl"), apply().File)
	assert.Zero(t, apply().Entries)
	h.clock.Pass(11 * time.Hour)
	assert.Zero(t, apply().Entries, "once a day")
	h.clock.Pass(2 * time.Hour)
	assert.Equal(t, filepath.Join(retention.Directory, "audit-6-6.jsonl"), apply().File)
}

// execute runs SQL on the database, as somebody with a shell can.
func execute(path, statements string) error {
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	_, err = db.Exec(statements)
	return errors.Join(err, db.Close())
}

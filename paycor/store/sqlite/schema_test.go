package sqlite_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// newerMigrations returns the migrations of a program that is some versions newer.
func newerMigrations(t *testing.T, newer int) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(sqlite.Migrations, "migrations/*.sql")
	require.NoError(t, err)
	for _, name := range names {
		text, err := fs.ReadFile(sqlite.Migrations, name)
		require.NoError(t, err)
		files[name] = &fstest.MapFile{Data: text}
	}
	for i := range newer {
		files[fmt.Sprintf("migrations/9%03d_newer.sql", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "CREATE TABLE newer%d (c);", i)}
	}
	return files
}

// olderDatabase creates an empty database with the schema of an older version and
// returns its path.
func olderDatabase(t *testing.T, version int) string {
	t.Helper()
	files := newerMigrations(t, 0)
	names, err := fs.Glob(files, "migrations/*.sql")
	require.NoError(t, err)
	for _, name := range names[version:] {
		delete(files, name)
	}
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := sqlite.Open(t.Context(), sqlite.WithMigrations(sqlite.Config{Path: path}, files))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return path
}

// copiesOf lists the copies from before migrations.
func copiesOf(t *testing.T, path string) []string {
	t.Helper()
	copies, err := filepath.Glob(strings.TrimSuffix(path, ".db") + "-schema*")
	require.NoError(t, err)
	slices.Sort(copies)
	return copies
}

func TestOnlyMigrateChangesTheSchema(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	own := queryOne[int](t, path, "PRAGMA user_version")
	newer := sqlite.WithMigrations(sqlite.Config{Path: path}, newerMigrations(t, 1))
	_, err := sqlite.Open(t.Context(), newer)
	foreign := &store.SchemaError{}
	require.ErrorAs(t, err, &foreign)
	assert.Equal(t, store.SchemaError{Database: path, Found: own, Own: own + 1}, *foreign)
	assert.Equal(t, "cli.schema-older", foreign.Sentence().Key)
	assert.Equal(t, own, queryOne[int](t, path, "PRAGMA user_version"), "nothing was changed")
	assert.Empty(t, copiesOf(t, path))

	newer.Migrate = true
	migrated := open(t, newer)
	did := migrated.Migration()
	assert.Equal(t, []int{own, own + 1}, []int{did.From, did.To})
	require.Equal(t, []string{did.Copy}, copiesOf(t, path))
	info, err := os.Stat(did.Copy)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	assert.Equal(t, own, queryOne[int](t, did.Copy, "PRAGMA user_version"))
	assert.Equal(t, 1, queryOne[int](t, did.Copy, "SELECT count(*) FROM credentials"))

	_, err = sqlite.Open(t.Context(), sqlite.Config{Path: path, Migrate: true})
	require.ErrorAs(t, err, &foreign)
	assert.Equal(t, "cli.schema-newer", foreign.Sentence().Key)
}

// A store that another process migrates reports it, and is not ready.
func TestForeignSchemaIsNoticed(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	older := open(t, sqlite.Config{Path: path})
	require.NoError(t, older.Ping(t.Context()))
	require.NoError(t, childProcess(t, "migrate to a newer version", path, "").Run())
	for _, err := range []error{older.CheckSchema(t.Context()), older.Ping(t.Context())} {
		foreign := &store.SchemaError{}
		require.ErrorAs(t, err, &foreign)
		assert.Equal(t, foreign.Own+1, foreign.Found)
	}
}

func migrateToNewer(path, _ string) error {
	s, err := sqlite.Open(context.Background(), sqlite.WithMigrations(sqlite.Config{Path: path, Migrate: true}, newerMigrations(&testing.T{}, 1)))
	if err != nil {
		return err
	}
	return s.Close()
}

func TestOldCopiesAreRemoved(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	own := queryOne[int](t, path, "PRAGMA user_version")
	at := time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC)
	for i := range 5 {
		s := open(t, sqlite.WithMigrations(sqlite.Config{
			Path: path, Migrate: true, Clock: func() time.Time { return at.Add(time.Duration(i) * time.Hour) },
		}, newerMigrations(t, i+1)))
		require.NoError(t, s.Close())
	}
	var names []string
	for _, path := range copiesOf(t, path) {
		names = append(names, filepath.Base(path))
	}
	assert.Equal(t, []string{
		fmt.Sprintf("store-schema%d-20261129T030203.000Z.db", own+2), fmt.Sprintf("store-schema%d-20261129T040203.000Z.db", own+3),
		fmt.Sprintf("store-schema%d-20261129T050203.000Z.db", own+4),
	}, names)
}

// Without a copy there is no migration.
func TestMigrationNeedsItsCopy(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	own := queryOne[int](t, path, "PRAGMA user_version")
	at := time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC)
	taken := fmt.Sprintf("%s-schema%d-20261129T010203.000Z.db", strings.TrimSuffix(path, ".db"), own)
	require.NoError(t, os.WriteFile(taken, nil, 0o600))
	config := sqlite.WithMigrations(sqlite.Config{Path: path, Migrate: true, Clock: func() time.Time { return at }}, newerMigrations(t, 1))
	_, err := sqlite.Open(t.Context(), config)
	require.ErrorIs(t, err, fs.ErrExist)
	assert.ErrorContains(t, err, "cli.schema-copy-failed")
	assert.Equal(t, own, queryOne[int](t, path, "PRAGMA user_version"))
	require.NoError(t, os.Remove(taken))
	s := open(t, config)
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error { _, err := r.Credential("w", "a"); return err }))
}

package backup_test

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/backup"
	"paycorcred/paycor/keys"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/testkit/env"
)

// fixture has the backups of a database with one credential.
type fixture struct {
	*backup.Backups
	env    *env.Environment
	config backup.Config
	log    *testkit.Log
	to     string
}

func newFixture(t *testing.T, keep int) *fixture {
	t.Helper()
	f := &fixture{env: env.New(t), log: &testkit.Log{}, to: t.TempDir()}
	env.Create(t, f.env.Operator(""))
	dir := filepath.Dir(f.env.Path)
	f.config = backup.Config{
		Database: sqlite.Config{Path: f.env.Path, KeyFile: filepath.Join(dir, "test.key")},
		State:    filepath.Join(dir, backup.StateName), Clock: f.env.Clock.Now, Logger: slog.New(slog.NewTextHandler(f.log, nil)),
	}
	f.start(keep)
	return f
}

// start starts over, as another process does.
func (f *fixture) start(keep int) {
	f.Backups = backup.New(f.config)
	f.Set(backup.Settings{Directory: f.to, Every: 6 * time.Hour, Keep: keep})
}

// next lets time pass and makes the next backup.
func (f *fixture) next(t *testing.T) backup.State {
	t.Helper()
	f.env.Clock.Pass(6 * time.Hour)
	f.Attempt(t.Context())
	return f.State()
}

func (f *fixture) files(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(f.to)
	require.NoError(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestBackupsAreVerifiedAndTheNewestAreKept(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	assert.Zero(t, f.Wait(), "the first one is due at once")
	foreign := filepath.Join(f.to, "paycorcred-20200101T000000.000Z.db")
	require.NoError(t, os.WriteFile(foreign, []byte("somebody's"), 0o600))
	for range 4 {
		state := f.next(t)
		require.True(t, state.Problem.IsZero(), "%v", state.Problem)
		age, ok := state.Age(f.env.Clock.Now())
		assert.True(t, ok)
		assert.Zero(t, age)
		assert.Regexp(t, `^key-file:[1-9]\d+$`, state.Files[len(state.Files)-1].Key)
		assert.Equal(t, 6*time.Hour, f.Wait())
	}
	assert.Equal(t, []string{filepath.Base(foreign), "paycorcred-20260302T060000.000Z.db", "paycorcred-20260302T120000.000Z.db"}, f.files(t), "only files of its own are deleted")
	info, err := os.Stat(filepath.Join(f.to, "paycorcred-20260302T120000.000Z.db"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	saved, err := backup.Load(f.config.State)
	require.NoError(t, err)
	assert.Equal(t, f.State(), saved, "other commands know the same")
	f.env.Clock.Pass(time.Hour)
	f.start(2)
	assert.Equal(t, 5*time.Hour, f.Wait(), "a restart changes nothing")
	f.env.Clock.Pass(-100 * time.Hour)
	assert.LessOrEqual(t, f.Wait(), 6*time.Hour, "a clock that was set back delays no backup for long")
}

// An old backup that somebody has replaced is no longer ours.
func TestChangedBackupIsNotDeleted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.next(t)
	changed := filepath.Join(f.to, f.files(t)[0])
	require.NoError(t, os.WriteFile(changed, []byte("somebody's"), 0o600))
	f.next(t)
	f.next(t)
	text, err := os.ReadFile(changed)
	require.NoError(t, err)
	assert.Equal(t, "somebody's", string(text))
	assert.Contains(t, f.log.String(), "was changed, so it is not deleted")
	assert.Len(t, f.files(t), 2)
}

// Within the directory of the database, where the disk is there, the directory is created,
// and nowhere else.
func TestDirectoryWithinTheDataIsCreated(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	for to, created := range map[string]bool{
		filepath.Join(filepath.Dir(f.env.Path), "backups"):          true,
		filepath.Join(filepath.Dir(f.env.Path), "missing", "deep"):  false,
		filepath.Join(filepath.Dir(filepath.Dir(f.env.Path)), "no"): false,
	} {
		f.to = to
		f.start(2)
		state := f.next(t)
		assert.Equal(t, created, state.Problem.IsZero(), "%s: %v", to, state.Problem)
		info, err := os.Stat(to)
		require.Equal(t, created, err == nil, to)
		if created {
			assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
			assert.Len(t, f.files(t), 1)
		}
	}
}

func TestMissingDirectoryIsToldAndTriedAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 3)
	f.next(t)
	require.NoError(t, os.Rename(f.to, f.to+".away"))
	state := f.next(t)
	assert.Equal(t, "backup.no-directory", state.Problem.Key)
	assert.NoDirExists(t, f.to, "a disk that is not mounted is not replaced by a directory")
	assert.Equal(t, time.Minute, f.Wait())
	f.Attempt(t.Context())
	assert.Equal(t, 2*time.Minute, f.Wait())
	for range 20 {
		f.Attempt(t.Context())
	}
	assert.Equal(t, time.Hour, f.Wait())

	f.CheckAge(t.Context())
	assert.NotContains(t, f.log.String(), "behind")
	f.env.Clock.Pass(4 * time.Hour)
	assert.True(t, f.State().Behind(f.env.Clock.Now()))
	f.CheckAge(t.Context())
	f.CheckAge(t.Context())
	assert.Regexp(t, `(?s)backups are behind" age=10h0m0s every=6h0m0s`, f.log.Take())
	require.NoError(t, os.Rename(f.to+".away", f.to))
	state = f.next(t)
	assert.True(t, state.Problem.IsZero())
	f.CheckAge(t.Context())
	assert.Regexp(t, `(?s)backup made and verified.*caught up`, f.log.String())
	assert.Len(t, f.files(t), 2)
}

func TestFullDiskIsTold(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 3)
	free := uint64(1 << 20)
	f.config.FreeSpace = func(directory string) (uint64, bool) {
		assert.Equal(t, f.to, directory)
		return free, true
	}
	f.start(3)
	state := f.next(t)
	assert.Equal(t, "backup.no-space", state.Problem.Key)
	assert.Empty(t, f.files(t))
	free = 1 << 30
	assert.True(t, f.next(t).Problem.IsZero())
}

// A copy that cannot be verified does not count, but is kept, because it may be the best
// there is. It replaces no verified one.
func TestSuspectBackup(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.next(t)
	db, err := sql.Open("sqlite", f.env.Path+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	defer db.Close()
	var field string
	var sealed []byte
	require.NoError(t, db.QueryRow("SELECT field, sealed FROM secrets").Scan(&field, &sealed))
	_, err = db.Exec("UPDATE secrets SET sealed = zeroblob(40) WHERE field = ?", field)
	require.NoError(t, err)
	state := f.next(t)
	require.Equal(t, "backup.suspect", state.Problem.Key)
	assert.Contains(t, state.Problem.String(), "backup.unopened")
	age, _ := state.Age(f.env.Clock.Now())
	assert.Equal(t, 6*time.Hour, age)
	f.next(t)
	assert.Equal(t, []string{"paycorcred-20260301T180000.000Z.db", "paycorcred-20260302T060000.000Z.suspect.db"}, f.files(t))
	saved, err := backup.Load(f.config.State)
	require.NoError(t, err)
	assert.Equal(t, f.State().Problem.String(), saved.Problem.String())

	_, err = db.Exec("UPDATE secrets SET sealed = ? WHERE field = ?", sealed, field)
	require.NoError(t, err)
	f.next(t)
	assert.Equal(t, []string{"paycorcred-20260302T120000.000Z.db"}, f.files(t))
}

// After the key was changed under a running server, its backups can't be verified. It says
// why, and which key they need.
func TestBackupAfterTheKeyWasChanged(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	first := f.next(t).Files[0].Key
	file := filepath.Join(t.TempDir(), "new.key")
	kek, err := seal.CreateKeyFile(file)
	require.NoError(t, err)
	other, err := sqlite.Open(t.Context(), f.config.Database)
	require.NoError(t, err)
	rotator := keys.New(keys.Config{Store: store.ScopeOf[keys.Reader, keys.Tx](other), Recorder: trail.NewRecorder(time.Now)})
	_, err = rotator.Rewrap(t.Context(), rights.Operator("ann"), kek)
	require.NoError(t, err)
	require.NoError(t, other.Close())
	state := f.next(t)
	require.Equal(t, "backup.other-key", state.Problem.Key)
	assert.Contains(t, state.Problem.String(), kek.ID())
	require.Len(t, state.Files, 2)
	assert.Equal(t, first, state.Files[0].Key)
	require.NoError(t, os.Remove(f.config.Database.KeyFile))
	assert.Equal(t, "backup.suspect", f.next(t).Problem.Key, "any key may be meant")

	f.config.Database.KeyFile = file
	f.start(1)
	state = f.next(t)
	assert.True(t, state.Problem.IsZero(), "%v", state.Problem)
	assert.Equal(t, kek.ID(), state.Files[0].Key)
	assert.Len(t, f.files(t), 1)
}

// What a killed server left behind is deleted by the next one.
func TestUnfinishedBackupIsDeleted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 3)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.Attempt(ctx)
	unfinished := f.State().Unfinished
	require.NotEmpty(t, unfinished)
	assert.Zero(t, f.State().FailedAt, "a server that stops is no failure")
	for _, path := range []string{unfinished, unfinished + ".new-123"} {
		require.NoError(t, os.WriteFile(path, []byte("half"), 0o600))
	}
	f.start(3)
	state := f.next(t)
	assert.Empty(t, state.Unfinished)
	assert.Equal(t, []string{"paycorcred-20260301T180000.000Z.db"}, f.files(t))
}

func TestStateThatCannotBeRead(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1)
	f.next(t)
	require.NoError(t, os.WriteFile(f.config.State, []byte("{"), 0o600))
	f.start(1)
	assert.Zero(t, f.Wait())
	f.next(t)
	assert.Len(t, f.files(t), 2, "a backup that nobody remembers is not deleted")
}

// Backups are made by themselves while the database is written.
func TestRunBacksUpUnderWrites(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2)
	f.config.Clock = time.Now
	f.Backups = backup.New(f.config)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { f.Run(ctx) })
	f.Set(backup.Settings{Directory: f.to, Every: 50 * time.Millisecond, Keep: 2})
	service := f.env.Operator("")
	for written := 0; len(f.State().Files) < 2; written++ {
		draft := env.Draft()
		draft.ClientID += string(rune('a' + written%26))
		_, err := service.Create(ctx, draft, paycor.CreateOptions{})
		require.NoError(t, err)
		require.True(t, f.State().Problem.IsZero(), "%v", f.State().Problem)
	}
	f.Set(backup.Settings{})
	_, scheduled := f.State().Age(time.Now())
	assert.False(t, scheduled)
	cancel()
	running.Wait()
}

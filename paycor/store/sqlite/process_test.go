package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/testkit"
)

// Some tests need a second process. They start this test binary again, with these
// variables naming one of childRoles.
const (
	childRole = "STORE_TEST_ROLE"
	childPath = "STORE_TEST_PATH"
	childSalt = "STORE_TEST_SALT"
)

var childRoles = map[string]func(path, salt string) error{
	"save until killed": saveUntilKilled,
	"create a token":    createToken,
	"add failures":      addFailures,

	"migrate to a newer version": migrateToNewer,
}

func TestMain(m *testing.M) {
	role, ok := childRoles[os.Getenv(childRole)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := role(os.Getenv(childPath), os.Getenv(childSalt)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func childProcess(t *testing.T, role, path, salt string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(os.Environ(), childRole+"="+role, childPath+"="+path, childSalt+"="+salt)
	command.Stderr = os.Stderr
	return command
}

// saveUntilKilled saves in many goroutines and prints each id once the store has
// acknowledged it.
func saveUntilKilled(path, salt string) error {
	s, err := sqlite.Open(context.Background(), sqlite.Config{Path: path})
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	var next atomic.Int64
	for range 100 {
		group.Go(func() {
			for err == nil {
				id := fmt.Sprintf("%s-%d", salt, next.Add(1))
				if err := storetest.SaveWithAudit(s, id); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				_, _ = os.Stdout.WriteString(id + "\n")
			}
		})
	}
	group.Wait()
	return nil
}

func TestKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	acknowledged := []string{}
	for round := range 4 {
		saver := childProcess(t, "save until killed", path, fmt.Sprint(round))
		out, err := saver.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, saver.Start())
		lines := bufio.NewScanner(out)
		for count := 0; lines.Scan(); count++ {
			acknowledged = append(acknowledged, lines.Text())
			if count == 40+round*83 {
				require.NoError(t, saver.Process.Kill()) // SIGKILL: no handler runs
			}
		}
		require.Error(t, saver.Wait(), "it runs until it is killed")

		s := open(t, sqlite.Config{Path: path})
		require.Equal(t, "ok", queryOne[string](t, path, "PRAGMA integrity_check"))
		require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
			for _, id := range acknowledged {
				secrets, err := r.Secrets("w", id)
				require.NoError(t, err, "%s was acknowledged", id)
				require.Equal(t, "client secret of "+id, secrets[fields.ClientSecret].Reveal())
				require.Equal(t, "subscription key of "+id, secrets[fields.SubscriptionKey].Reveal())
			}
			return nil
		}))
		trail := auditTrailOf(t, s)
		require.NoError(t, testkit.CheckTrail(nil, trail))
		require.EqualValues(t, queryOne[int](t, path, "SELECT count(*) FROM credentials"), queryOne[int](t, path, "SELECT count(*) FROM audit"),
			"one audit entry per save, acknowledged or not")
		require.NoError(t, s.Close())
	}
}

// createToken creates a token, as the command does beside a running server.
func createToken(path, salt string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		return err
	}
	return errors.Join(
		s.Update(ctx, func(tx store.Tx) error {
			return tx.InsertAPIToken(store.APIToken{ID: salt, Hash: []byte(salt), Workspace: "w"})
		}),
		storetest.SaveWithAudit(s, "of child "+salt),
		s.Close(),
	)
}

func TestConcurrentProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, sqlite.Config{Path: path})
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	var saved atomic.Int64
	for range 4 {
		group.Go(func() {
			for ctx.Err() == nil {
				assert.NoError(t, storetest.SaveWithAudit(s, fmt.Sprintf("of server %d", saved.Add(1))))
			}
		})
	}
	for i := range 3 {
		assert.NoError(t, childProcess(t, "create a token", path, fmt.Sprint(i)).Run())
		assert.NoError(t, s.View(t.Context(), func(r store.Reader) error {
			token, err := r.APIToken([]byte(fmt.Sprint(i)))
			assert.Equal(t, fmt.Sprint(i), token.ID)
			return err
		}))
	}
	stop()
	group.Wait()
	assert.NoError(t, testkit.CheckTrail(nil, auditTrailOf(t, s)), "both processes append to one chain")
	assert.EqualValues(t, saved.Load()+3, queryOne[int64](t, path, "SELECT count(*) FROM credentials"))
}

func TestConcurrentFirstStarts(t *testing.T) {
	t.Parallel()
	for range 3 {
		path := filepath.Join(t.TempDir(), "new", "store.db")
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() { assert.NoError(t, childProcess(t, "create a token", path, fmt.Sprint("process ", i)).Run()) })
			group.Go(func() { assert.NoError(t, createToken(path, fmt.Sprint("goroutine ", i))) })
		}
		group.Wait()
		s := open(t, sqlite.Config{Path: path})
		require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
			for i := range 4 {
				for _, kind := range []string{"process ", "goroutine "} {
					id := fmt.Sprint("of child ", kind, i)
					secrets, err := r.Secrets("w", id)
					require.NoError(t, err)
					assert.Equal(t, "client secret of "+id, secrets[fields.ClientSecret].Reveal())
				}
			}
			return nil
		}))
		keys, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.key*"))
		require.NoError(t, err)
		assert.Equal(t, []string{filepath.Join(filepath.Dir(path), "store.key")}, keys, "one key and no temporary file")
	}
}

package postgres_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/testkit"
)

// Some tests need a second process. They start this test binary again, with these
// variables: the database and its key, and the start of the names of what it saves.
const (
	childURL  = "STORE_TEST_URL"
	childKey  = "STORE_TEST_KEY"
	childSalt = "STORE_TEST_SALT"
)

func TestMain(m *testing.M) {
	url := os.Getenv(childURL)
	if url == "" {
		os.Exit(m.Run())
	}
	config := postgres.Config{URL: url, KeyFile: os.Getenv(childKey)}
	fmt.Fprintln(os.Stderr, saveUntilKilled(config, os.Getenv(childSalt)))
	os.Exit(1)
}

// saveUntilKilled saves in many goroutines and prints each id once the store has
// acknowledged it.
func saveUntilKilled(config postgres.Config, salt string) error {
	s, err := postgres.Open(context.Background(), config)
	if err != nil {
		return err
	}
	failed := make(chan error)
	var next atomic.Int64
	for range 20 {
		go func() {
			for {
				id := fmt.Sprintf("%s-%d", salt, next.Add(1))
				if err := storetest.SaveWithAudit(s, id); err != nil {
					failed <- err
				}
				_, _ = os.Stdout.WriteString(id + "\n")
			}
		}()
	}
	return <-failed
}

// requireSaved checks that credentials were saved, and that there is one audit entry for
// each credential of the store, in one chain.
func requireSaved(t *testing.T, s store.Store, ids []string) {
	t.Helper()
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		for _, id := range ids {
			secrets, err := r.Secrets("w", id)
			require.NoError(t, err, "%s was acknowledged", id)
			require.Equal(t, "client secret of "+id, secrets[fields.ClientSecret].Reveal())
			require.Equal(t, "subscription key of "+id, secrets[fields.SubscriptionKey].Reveal())
		}
		var entries []audit.Entry
		for {
			lines, err := r.AuditTrail(int64(len(entries)), 1000)
			require.NoError(t, err)
			for _, line := range lines {
				entries = append(entries, line.Entry)
			}
			if len(lines) == 0 {
				break
			}
		}
		require.NoError(t, testkit.CheckTrail(nil, func(yield func(audit.Entry) bool) {
			for _, entry := range entries {
				if !yield(entry) {
					return
				}
			}
		}))
		counts, err := r.CredentialCounts("w", paycor.Query{}, nil)
		require.Len(t, entries, counts.Total, "one audit entry per save, acknowledged or not")
		return err
	}))
}

func TestKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	acknowledged := []string{}
	for round := range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		saver := exec.CommandContext(ctx, os.Args[0])
		saver.Env = append(os.Environ(), childURL+"="+config.URL, childKey+"="+config.KeyFile, childSalt+"="+fmt.Sprint(round))
		saver.Stderr = os.Stderr
		out, err := saver.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, saver.Start())
		lines := bufio.NewScanner(out)
		for count := 0; lines.Scan(); count++ {
			acknowledged = append(acknowledged, lines.Text())
			if count == 40+round*53 {
				require.NoError(t, saver.Process.Kill()) // SIGKILL: no handler runs
			}
		}
		require.Error(t, saver.Wait(), "it runs until it is killed")
		require.NoError(t, storetest.SaveWithAudit(s, fmt.Sprint("after ", round)), "its locks are gone")
		requireSaved(t, s, acknowledged)
	}
}

// Several processes append to one chain, and each sees at once what another one did.
func TestConcurrentProcesses(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	stores := []store.Store{open(t, config), open(t, config), open(t, config)}
	var group sync.WaitGroup
	for i, s := range stores {
		for range 3 {
			group.Go(func() {
				for range 10 {
					before, err := stores[(i+1)%len(stores)].Version(t.Context())
					assert.NoError(t, err)
					id := rand.Text()
					assert.NoError(t, storetest.SaveWithAudit(s, id))
					after, err := stores[(i+1)%len(stores)].Version(t.Context())
					assert.NoError(t, err)
					assert.NotEqual(t, before, after)
					assert.NoError(t, stores[(i+2)%len(stores)].View(t.Context(), func(r store.Reader) error {
						_, err := r.Credential("w", id)
						return err
					}))
				}
			})
		}
	}
	group.Wait()
	requireSaved(t, stores[0], nil)
}

// The keys that one process adds are taken up by the others.
func TestKeysOfAnotherProcess(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	a, b := open(t, config), open(t, config)
	require.NoError(t, storetest.SaveWithAudit(b, "before"))
	var first string
	require.NoError(t, a.View(t.Context(), func(r store.Reader) error {
		keys, err := r.Keys()
		first = keys[0].ID
		return err
	}))
	require.NoError(t, storetest.AddKey(a))
	require.NoError(t, storetest.SaveWithAudit(a, "a"))
	requireSaved(t, b, []string{"before", "a"})
	require.NoError(t, storetest.SaveWithAudit(b, "b"))
	require.NoError(t, b.Update(t.Context(), func(tx store.Tx) error { _, err := tx.Reencrypt("", 1000); return err }))
	require.NoError(t, storetest.ChangeKeys(a, func(change store.KeyChange) error { return change.RemoveKeys([]string{first}) }), "everything has the new key, what b saved, too")
	requireSaved(t, b, []string{"before", "a", "b"})
}

func TestConcurrentFirstStarts(t *testing.T) {
	t.Parallel()
	config := emptyConfig(t)
	stores := make([]*postgres.DB, 6)
	var group sync.WaitGroup
	for i := range stores {
		group.Go(func() {
			s, err := postgres.Open(t.Context(), config)
			assert.NoError(t, err)
			stores[i] = s
		})
	}
	group.Wait()
	created := 0
	for i, s := range stores {
		require.NotNil(t, s)
		require.NoError(t, storetest.SaveWithAudit(s, fmt.Sprint(i)))
		if s.Migration().From == 0 {
			created++
		}
	}
	assert.Equal(t, 1, created, "one of them created the schema")
	for _, s := range stores {
		requireSaved(t, s, []string{"0", "1", "2", "3", "4", "5"})
		require.NoError(t, s.Close())
	}
}

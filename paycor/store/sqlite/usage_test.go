package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/usage"
)

// failuresPerProcess is the number of equal failures that each process adds.
const failuresPerProcess = 40

func addFailure(s store.Store, seconds int) error {
	at := time.Unix(int64(seconds), 0).UTC()
	return s.Update(context.Background(), func(tx store.Tx) error {
		return tx.AddFailure(store.FailureGroup{
			Workspace: "w", Credential: "a", CallerKind: paycor.CallerConsumer, CallerID: "one",
			Failure: usage.Failure{
				At: at, FirstAt: at, Count: 1, UserName: "One", Method: "GET", Status: 503, Code: "call_unwell", RequestID: fmt.Sprint(seconds),
			},
		})
	})
}

// addFailures adds equal failures, as one of several servers.
func addFailures(path, _ string) error {
	s, err := sqlite.Open(context.Background(), sqlite.Config{Path: path})
	if err != nil {
		return err
	}
	for n := range failuresPerProcess {
		err = errors.Join(err, addFailure(s, n))
	}
	return errors.Join(err, s.Close())
}

func failuresOf(t *testing.T, s store.Store) []usage.Failure {
	t.Helper()
	var used usage.Usage
	require.NoError(t, s.View(t.Context(), func(r store.Reader) (err error) {
		used, err = r.Usage("w", "a", time.Time{}, time.Time{})
		return err
	}))
	return used.Failures
}

func TestProcessesMergeFailures(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, sqlite.Config{Path: path})
	require.NoError(t, storetest.SaveWithAudit(s, "a"))
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() { assert.NoError(t, childProcess(t, "add failures", path, "").Run()) })
	}
	for n := range failuresPerProcess {
		require.NoError(t, addFailure(s, n))
	}
	group.Wait()
	found := failuresOf(t, s)
	require.Len(t, found, 1)
	assert.EqualValues(t, 3*failuresPerProcess, found[0].Count)
	assert.Equal(t, time.Unix(0, 0).UTC(), found[0].FirstAt)
	assert.Equal(t, time.Unix(failuresPerProcess-1, 0).UTC(), found[0].At)
	assert.Equal(t, fmt.Sprint(failuresPerProcess-1), found[0].RequestID)
}

// Failures that an older version stored one by one are grouped by the migration.
func TestMigratedFailuresAreReadable(t *testing.T) {
	t.Parallel()
	path := olderDatabase(t, 8)
	const older = `
		INSERT INTO credentials (workspace, id, version, name_key, search, name, description, environment, grant_type, client_id,
			legal_entity_id, legal_entity_name, scope, created_at, updated_at, last_used_at)
			VALUES ('w', 'a', 1, 'a', 'a', 'a', '', '', '', '', 0, '', '', '', '', '');
		INSERT INTO use_failures (workspace, credential, at, caller_name, method, status, code, correlation_id, request_id) VALUES
			('w', 'a', '1970-01-01T00:00:01.000000000Z', 'One', 'GET', 500, '', 'corr', 'r1'),
			('w', 'a', '1970-01-01T00:00:02.000000000Z', 'One', 'GET', 503, 'call_unwell', '', 'r2'),
			('w', 'a', '1970-01-01T00:00:03.000000000Z', 'Two', 'GET', 503, 'call_unwell', '', 'r3'),
			('w', 'a', '1970-01-01T00:00:04.000000000Z', 'One', 'GET', 503, 'call_unwell', '', 'r4'),
			('w', 'a', '1970-01-01T00:00:05.000000000Z', 'One', 'GET', 503, 'call_unwell', '', 'r5'),
			('w', 'a', '1970-01-01T00:00:06.000000000Z', 'One', 'GET', 503, '', 'corr', 'r6');`
	_, err := openRaw(t, path).Exec(older)
	require.NoError(t, err)
	s := open(t, sqlite.Config{Path: path, Migrate: true})
	at := func(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
	want := []usage.Failure{
		{At: at(6), FirstAt: at(6), Count: 1, UserName: "One", Method: "GET", Status: 503, CorrelationID: "corr", RequestID: "r6"},
		{At: at(5), FirstAt: at(2), Count: 3, UserName: "One", Method: "GET", Status: 503, Code: "call_unwell", RequestID: "r5"},
		{At: at(3), FirstAt: at(3), Count: 1, UserName: "Two", Method: "GET", Status: 503, Code: "call_unwell", RequestID: "r3"},
		{At: at(1), FirstAt: at(1), Count: 1, UserName: "One", Method: "GET", Status: 500, CorrelationID: "corr", RequestID: "r1"},
	}
	assert.Equal(t, want, failuresOf(t, s))
	require.NoError(t, addFailure(s, 6))
	assert.Len(t, failuresOf(t, s), 5, "the older failures do not name their caller's id")
}

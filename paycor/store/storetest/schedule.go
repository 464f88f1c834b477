package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

func testSchedule(t *testing.T, s store.Store) {
	find := func(filter store.ScheduleFilter) (found store.ScheduledVerification, err error) {
		view(t, s, func(r store.Reader) error { found, err = r.NextScheduled(filter); return nil })
		return found, err
	}
	next := func(environments ...string) (store.ScheduledVerification, error) {
		return find(store.ScheduleFilter{Environments: environments})
	}
	put := func(workspace, id string, due int) error {
		return s.Update(testContext(t), func(tx store.Tx) error {
			return tx.PutScheduled(store.ScheduledVerification{CredentialKey: paycor.CredentialKey{Workspace: workspace, Credential: id}, DueAt: at(due)})
		})
	}
	count := func() (n int) {
		view(t, s, func(r store.Reader) (err error) { n, err = r.CountScheduled(); return err })
		return n
	}
	missing := func(limit int) (found []paycor.CredentialKey) {
		view(t, s, func(r store.Reader) (err error) { found, err = r.Unscheduled(limit); return err })
		return found
	}
	_, err := next("one")
	assert.ErrorIs(t, err, store.ErrNotFound)
	for _, c := range []struct{ workspace, id, environment string }{{"w", "a", "one"}, {"w", "b", "two"}, {"other", "a", "one"}} {
		credential := fullCredential(c.id)
		credential.Environment, credential.ClientID = c.environment, "client of "+c.workspace
		insert(t, s, c.workspace, credential, nil)
	}
	assert.Len(t, missing(10), 3)
	assert.Len(t, missing(2), 2)
	require.NoError(t, put("w", "a", 20))
	require.NoError(t, put("w", "b", 10))
	require.NoError(t, put("other", "a", 30))
	assert.ErrorIs(t, put("w", "none", 1), store.ErrNotFound)
	assert.ErrorIs(t, put("other", "b", 1), store.ErrNotFound, "another workspace")
	assert.Empty(t, missing(10))
	assert.Equal(t, 3, count())

	move := func(id string, from, to time.Time) error {
		return s.Update(testContext(t), func(tx store.Tx) error {
			return tx.MoveScheduled(store.ScheduledVerification{CredentialKey: paycor.CredentialKey{Workspace: "w", Credential: id}, DueAt: from}, to)
		})
	}
	exact := at(10).Add(123456789)
	require.NoError(t, move("b", at(10), exact))
	assert.ErrorIs(t, move("b", at(10), at(11)), store.ErrStale, "it was moved before")
	assert.ErrorIs(t, move("none", at(10), at(11)), store.ErrStale)
	require.NoError(t, move("b", exact, at(10)))

	later, err := find(store.ScheduleFilter{Environments: []string{"one", "two"}, From: at(20)})
	require.NoError(t, err)
	assert.Equal(t, at(20), later.DueAt, "from then")
	later, err = find(store.ScheduleFilter{Environments: []string{"one", "two"}, From: at(20).Add(1)})
	require.NoError(t, err)
	assert.Equal(t, at(30), later.DueAt)

	_, err = find(store.ScheduleFilter{Environments: []string{"one"}, Until: at(20)})
	require.ErrorIs(t, err, store.ErrNotFound, "before then")
	sooner, err := find(store.ScheduleFilter{Environments: []string{"one"}, Until: at(20).Add(time.Millisecond)})
	require.NoError(t, err)
	assert.Equal(t, at(20), sooner.DueAt)

	for _, c := range []struct {
		environments  []string
		workspace, id string
		due           int
	}{
		{[]string{"one", "two"}, "w", "b", 10}, {[]string{"one"}, "w", "a", 20},
	} {
		found, err := next(c.environments...)
		require.NoError(t, err)
		assert.Equal(t, store.ScheduledVerification{CredentialKey: paycor.CredentialKey{Workspace: c.workspace, Credential: c.id}, DueAt: at(c.due)}, found)
	}
	except := func(applications ...store.ScheduledApplication) (store.ScheduledVerification, error) {
		return find(store.ScheduleFilter{Environments: []string{"one", "two"}, Except: applications})
	}
	found, err := except(store.ScheduledApplication{Environment: "two", ClientID: "client of w"}, store.ScheduledApplication{Environment: "one", ClientID: "client of w"})
	require.NoError(t, err)
	assert.Equal(t, "other", found.Workspace, "without one application")
	found, err = except(store.ScheduledApplication{Environment: "one", ClientID: "client of w"})
	require.NoError(t, err)
	assert.Equal(t, "b", found.Credential, "the same Client ID in another environment")
	view(t, s, func(r store.Reader) error {
		later, err := r.ScheduledAfter(at(10), 10)
		assert.ElementsMatch(t, []paycor.CredentialKey{{Workspace: "w", Credential: "a"}, {Workspace: "other", Credential: "a"}}, later)
		limited, limitedErr := r.ScheduledAfter(at(10), 1)
		assert.Len(t, limited, 1)
		return errors.Join(err, limitedErr)
	})
	_, err = next()
	assert.ErrorIs(t, err, store.ErrNotFound)
	_, err = next("three")
	assert.ErrorIs(t, err, store.ErrNotFound)
	require.NoError(t, put("w", "a", 40), "it is replaced")
	found, err = next("one")
	require.NoError(t, err)
	assert.Equal(t, "other", found.Workspace)
	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("other", "a", 12) })
	assert.Equal(t, 2, count(), "deleted with its credential")
}

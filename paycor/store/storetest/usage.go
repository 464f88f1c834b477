package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
)

// hour returns the start of an hour.
func hour(n int) time.Time { return at(0).Truncate(time.Hour).Add(time.Duration(n) * time.Hour) }

func bucket(credential, caller string, minute time.Time, counts usage.Counts) store.UsageBucket {
	return store.UsageBucket{
		Workspace: "w", Credential: credential, CallerKind: paycor.CallerConsumer, CallerID: caller, CallerName: "Name of " + caller,
		From: "192.0.2.1", Minute: minute, LastUsedAt: minute.Add(7 * time.Second), Counts: counts,
	}
}

func addUsage(t *testing.T, s store.Store, buckets ...store.UsageBucket) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		for _, bucket := range buckets {
			if err := tx.AddUsage(bucket); err != nil {
				return err
			}
		}
		return nil
	})
}

func usageOf(t *testing.T, s store.Store, workspace, id string, since time.Time) usage.Usage {
	t.Helper()
	var found usage.Usage
	view(t, s, func(r store.Reader) (err error) { found, err = r.Usage(workspace, id, since, since); return err })
	return found
}

// testDurations adds up how long calls took, of several buckets and callers.
func testDurations(t *testing.T, s store.Store) {
	insert(t, s, "w", newCredential("slow", "Slow"), someSecrets("slow"))
	var all usage.Durations
	for i, took := range []time.Duration{time.Millisecond, 80 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond,
		2 * time.Second, 4 * time.Second, 8 * time.Second, 20 * time.Second, time.Minute} {
		one := bucket("slow", []string{"one", "two"}[i%2], hour(3), usage.Counts{Done: int64(i + 1)})
		for range i + 1 {
			one.Durations.Count(took)
		}
		all.Add(one.Durations)
		addUsage(t, s, one, one)
		all.Add(one.Durations)
		assert.Equal(t, all.P95(), usageOf(t, s, "w", "slow", hour(3)).Hours[0].Durations.P95())
	}
}

func testUsage(t *testing.T, s store.Store) {
	insert(t, s, "w", newCredential("a", "A"), someSecrets("a"))
	insert(t, s, "w", newCredential("b", "B"), someSecrets("b"))
	before := credential(t, s, "w", "a")
	early := hour(1).Add(59 * time.Minute)
	renamed := bucket("a", "one", hour(2), usage.Counts{Done: 4})
	renamed.CallerName = "New name"
	addUsage(t, s,
		bucket("a", "one", hour(1), usage.Counts{Done: 1, Refused: 2, Throttled: 3, Failed: 4, Aborted: 5}),
		bucket("a", "one", hour(1), usage.Counts{Done: 10, Refused: 20, Throttled: 30, Failed: 40, Aborted: 50}),
		bucket("a", "two", early, usage.Counts{Failed: 7}),
		renamed,
		bucket("b", "one", hour(1), usage.Counts{Done: 100}),
		bucket("gone", "one", hour(1), usage.Counts{Done: 1000}),
	)
	testDurations(t, s)
	sum := usage.Counts{Done: 11, Refused: 22, Throttled: 33, Failed: 44, Aborted: 55}
	of := func(counts usage.Counts, add usage.Counts) usage.Counts { counts.Add(add); return counts }
	one := usage.User{Kind: paycor.CallerConsumer, ID: "one", Name: "New name", LastUsedAt: hour(2).Add(7 * time.Second)}
	two := usage.User{Kind: paycor.CallerConsumer, ID: "two", Name: "Name of two", LastUsedAt: early.Add(7 * time.Second), Day: usage.Counts{Failed: 7}}

	total := one
	total.Day = of(sum, usage.Counts{Done: 4})
	assert.Equal(t, usage.Usage{
		Hours: []usage.Hour{
			{Begins: hour(1), Counts: of(sum, usage.Counts{Failed: 7})},
			{Begins: hour(2), Counts: usage.Counts{Done: 4}},
		},
		Users: []usage.User{total, two}, Failures: []usage.Failure{},
	}, usageOf(t, s, "w", "a", hour(0)))

	one.Day, two.Day = usage.Counts{Done: 4}, usage.Counts{}
	assert.Equal(t, usage.Usage{
		Hours: []usage.Hour{{Begins: hour(2), Counts: usage.Counts{Done: 4}}},
		Users: []usage.User{one, two}, Failures: []usage.Failure{},
	}, usageOf(t, s, "w", "a", hour(2)), "earlier callers are still listed")
	view(t, s, func(r store.Reader) error {
		for _, unknown := range [][2]string{{"other", "a"}, {"w", "gone"}} {
			_, err := r.Usage(unknown[0], unknown[1], hour(0), hour(0))
			assert.ErrorIs(t, err, store.ErrNotFound)
		}
		return nil
	})

	// A use does not change the credential, except for its time of last use, which never
	// moves back.
	before.LastUsedAt = hour(2).Add(7 * time.Second)
	assert.Equal(t, before, credential(t, s, "w", "a"))
	addUsage(t, s, bucket("a", "one", hour(1), usage.Counts{Done: 1}))
	assert.Equal(t, before, credential(t, s, "w", "a"))
	stale := before
	stale.LastUsedAt = time.Time{}
	update(t, s, func(tx store.Tx) error { return tx.UpdateCredential("w", stale, stale.Version, nil) })
	assert.Equal(t, before, credential(t, s, "w", "a"), "even by an update that read an earlier time")

	// Expiry and deletion.
	update(t, s, func(tx store.Tx) error { return tx.DeleteUsage(hour(2)) })
	assert.Equal(t, []usage.Hour{{Begins: hour(2), Counts: usage.Counts{Done: 4}}}, usageOf(t, s, "w", "a", hour(0)).Hours)
	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("w", "a", before.Version) })
	insert(t, s, "w", newCredential("a", "A again"), someSecrets("a"))
	assert.Empty(t, usageOf(t, s, "w", "a", hour(0)).Users)
}

// The usage of an application is that of its credentials which a viewer sees.
func testApplicationUsage(t *testing.T, s store.Store) {
	for id, application := range map[string]string{"a": "app", "b": "app", "hidden": "app", "apart": "apart"} {
		insert(t, s, "w", member(id, application, 1), nil)
	}
	update(t, s, func(tx store.Tx) error {
		return tx.PutCredentialSharing("w", "hidden", store.CredentialSharing{Owner: "person p", Sharing: &paycor.Sharing{}})
	})
	addUsage(t, s,
		bucket("a", "one", hour(1), usage.Counts{Done: 1}), bucket("b", "one", hour(2), usage.Counts{Done: 10, Failed: 1}),
		bucket("b", "two", hour(2), usage.Counts{Done: 100}), bucket("hidden", "three", hour(2), usage.Counts{Done: 1000}),
		bucket("apart", "one", hour(2), usage.Counts{Done: 10000}),
	)
	read := func(application string, viewer *paycor.Viewer, only ...string) (found usage.Usage, err error) {
		view(t, s, func(r store.Reader) error {
			found, err = r.ApplicationUsage("w", application, viewer, only, hour(2), hour(2))
			return nil
		})
		return found, err
	}
	user := func(id string, done, failed int64) usage.User {
		return usage.User{Kind: paycor.CallerConsumer, ID: id, Name: "Name of " + id, LastUsedAt: hour(2).Add(7 * time.Second), Day: usage.Counts{Done: done, Failed: failed}}
	}
	stranger := &paycor.Viewer{Owner: "person x"}
	found, err := read("app", stranger)
	assert.NoError(t, err)
	assert.Equal(t, usage.Usage{
		Hours: []usage.Hour{{Begins: hour(2), Counts: usage.Counts{Done: 110, Failed: 1}}},
		Users: []usage.User{user("one", 10, 1), user("two", 100, 0)},
	}, found)
	found, _ = read("app", nil)
	assert.Equal(t, usage.Counts{Done: 1110, Failed: 1}, found.Hours[0].Counts)
	found, _ = read("app", nil, "hidden", "apart")
	assert.Equal(t, []usage.User{user("three", 1000, 0)}, found.Users, "of an allow-list")
	for _, err := range []error{
		second(read("app", stranger, "hidden")), second(read("app", nil, "apart")), second(read("none", nil)),
	} {
		assert.ErrorIs(t, err, store.ErrNotFound)
	}
}

func second[T any](_ T, err error) error { return err }

func testTakeUsageBuckets(t *testing.T, s store.Store) {
	insert(t, s, "w", newCredential("a", "A"), someSecrets("a"))
	minute := func(n int) time.Time { return hour(1).Add(time.Duration(n) * time.Minute) }
	first, second := bucket("a", "one", minute(1), usage.Counts{Done: 1, Failed: 2}), bucket("gone", "one", minute(2), usage.Counts{Done: 4})
	third := bucket("a", "two", minute(3), usage.Counts{Aborted: 5})
	addUsage(t, s, third, second, first, first)
	first.Counts = usage.Counts{Done: 2, Failed: 4}
	take := func(except time.Time, limit int) (taken []store.UsageBucket) {
		update(t, s, func(tx store.Tx) (err error) { taken, err = tx.TakeUsageBuckets(except, limit); return err })
		return taken
	}
	for _, b := range []*store.UsageBucket{&first, &second, &third} {
		b.LastUsedAt = time.Time{} // minutes do not store it
	}
	assert.Equal(t, []store.UsageBucket{first}, take(minute(9), 1))
	assert.Equal(t, []store.UsageBucket{second}, take(minute(3), 10), "of a deleted credential; the current minute stays")
	assert.Error(t, s.Update(testContext(t), func(tx store.Tx) error {
		taken, err := tx.TakeUsageBuckets(minute(9), 10)
		assert.Len(t, taken, 1)
		return errors.Join(err, errInvented)
	}))
	assert.Equal(t, []store.UsageBucket{third}, take(minute(9), 10), "a rollback keeps the bucket")
	assert.Empty(t, take(minute(9), 10))
	addUsage(t, s, third, second)
	assert.Equal(t, []store.UsageBucket{third}, take(minute(2), 10), "of a clock that was ahead")
	assert.Equal(t, []store.UsageBucket{second}, take(time.Time{}, 10), "all")
	assert.Len(t, usageOf(t, s, "w", "a", hour(0)).Users, 2, "hours are unaffected")
}

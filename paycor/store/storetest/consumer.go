package storetest

import (
	"errors"
	"fmt"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func apiToken(id, workspace string, seconds int) store.APIToken {
	return store.APIToken{
		ID: id, Hash: []byte("hash of " + id), Name: "Ünïcode " + id, Workspace: workspace, Rights: paycor.Rights{paycor.RightUse},
		CreatedAt: at(seconds), CreatedBy: "Ann", ExpiresAt: at(seconds + 100), LastUsedAt: at(seconds + 1),
	}
}

func testAPITokenList(t *testing.T, s store.Store) {
	older, newer, elsewhere := apiToken("t1", "w", 1), apiToken("t2", "w", 2), apiToken("t3", "other", 3)
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.InsertAPIToken(older), tx.InsertAPIToken(newer), tx.InsertAPIToken(elsewhere))
	})
	listed := func(workspace string) (found []store.APIToken) {
		view(t, s, func(r store.Reader) (err error) { found, err = r.APITokens(workspace); return err })
		return found
	}
	assert.Equal(t, []store.APIToken{newer, older}, listed("w"))
	assert.Equal(t, []store.APIToken{elsewhere}, listed("other"))
	assert.Equal(t, []store.APIToken{}, listed("nobody's"))
	view(t, s, func(r store.Reader) error {
		found, err := r.APITokenByID("w", "t1")
		assert.NoError(t, err)
		assert.Equal(t, older, found)
		_, err = r.APITokenByID("w", "t3")
		assert.ErrorIs(t, err, store.ErrNotFound, "another workspace's")
		return nil
	})

	// Revoking.
	for _, stranger := range [][2]string{{"w", "t3"}, {"w", "none"}, {"", "t1"}} {
		err := s.Update(testContext(t), func(tx store.Tx) error { return tx.RevokeAPIToken(stranger[0], stranger[1], at(9), "Bob") })
		assert.ErrorIs(t, err, store.ErrNotFound)
	}
	update(t, s, func(tx store.Tx) error { return tx.RevokeAPIToken("w", "t1", at(10), "Bob") })
	update(t, s, func(tx store.Tx) error { return tx.RevokeAPIToken("w", "t1", at(11), "Eve") })
	older.RevokedAt, older.RevokedBy = at(10), "Bob"
	assert.Equal(t, []store.APIToken{newer, older}, listed("w"), "the first end holds, and only its own")

	// When it was used last.
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.SetAPITokenLastUsed("t2", at(20)), tx.SetAPITokenLastUsed("t2", at(19)), tx.SetAPITokenLastUsed("none", at(20)))
	})
	newer.LastUsedAt = at(20)
	assert.Equal(t, []store.APIToken{newer, older}, listed("w"))

	// Sweeping.
	forever := apiToken("t4", "w", 0)
	forever.ExpiresAt = time.Time{}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.InsertAPIToken(forever), tx.DeleteEndedAPITokens(at(10)))
	})
	assert.Equal(t, []store.APIToken{newer, older, forever}, listed("w"), "what ended at the very time stays")
	update(t, s, func(tx store.Tx) error { return tx.DeleteEndedAPITokens(at(11)) })
	assert.Equal(t, []store.APIToken{newer, forever}, listed("w"))
	update(t, s, func(tx store.Tx) error { return tx.DeleteEndedAPITokens(at(1_000_000)) })
	assert.Equal(t, []store.APIToken{forever}, listed("w"))
}

// hour is an hour by the clock.
func hour(n int) time.Time { return at(0).Truncate(time.Hour).Add(time.Duration(n) * time.Hour) }

func bucket(credential, caller string, minute time.Time, counts usage.Counts) store.UsageBucket {
	return store.UsageBucket{
		Workspace: "w", Credential: credential, CallerKind: paycor.CallerConsumer, CallerID: caller, CallerName: "Name of " + caller,
		From: "192.0.2.1", Minute: minute, LastUsedAt: minute.Add(7 * time.Second), Counts: counts,
	}
}

func addUsage(t *testing.T, s store.Store, tallies ...store.UsageBucket) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		for _, tally := range tallies {
			if err := tx.AddUsage(tally); err != nil {
				return err
			}
		}
		return nil
	})
}

func usageOf(t *testing.T, s store.Store, workspace, id string, since time.Time) usage.Usage {
	t.Helper()
	var found usage.Usage
	view(t, s, func(r store.Reader) (err error) { found, err = r.Usage(workspace, id, since); return err })
	return found
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
	sum := usage.Counts{Done: 11, Refused: 22, Throttled: 33, Failed: 44, Aborted: 55}
	of := func(counts usage.Counts, add usage.Counts) usage.Counts { counts.Add(add); return counts }
	one := usage.User{Kind: paycor.CallerConsumer, ID: "one", Name: "New name", LastUsedAt: hour(2).Add(7 * time.Second)}
	two := usage.User{Kind: paycor.CallerConsumer, ID: "two", Name: "Name of two", LastUsedAt: early.Add(7 * time.Second), Day: usage.Counts{Failed: 7}}

	whole := one
	whole.Day = of(sum, usage.Counts{Done: 4})
	assert.Equal(t, usage.Usage{
		Hours: []usage.Hour{
			{Begins: hour(1), Counts: of(sum, usage.Counts{Failed: 7})},
			{Begins: hour(2), Counts: usage.Counts{Done: 4}},
		},
		Users: []usage.User{whole, two}, Failures: []usage.Failure{},
	}, usageOf(t, s, "w", "a", hour(0)))

	one.Day, two.Day = usage.Counts{Done: 4}, usage.Counts{}
	assert.Equal(t, usage.Usage{
		Hours: []usage.Hour{{Begins: hour(2), Counts: usage.Counts{Done: 4}}},
		Users: []usage.User{one, two}, Failures: []usage.Failure{},
	}, usageOf(t, s, "w", "a", hour(2)), "who used it before is known still")
	view(t, s, func(r store.Reader) error {
		for _, stranger := range [][2]string{{"other", "a"}, {"w", "gone"}} {
			_, err := r.Usage(stranger[0], stranger[1], hour(0))
			assert.ErrorIs(t, err, store.ErrNotFound)
		}
		return nil
	})

	// A use is no change: only the time of the last one moves, and never back.
	before.LastUsedAt = hour(2).Add(7 * time.Second)
	assert.Equal(t, before, credential(t, s, "w", "a"))
	addUsage(t, s, bucket("a", "one", hour(1), usage.Counts{Done: 1}))
	assert.Equal(t, before, credential(t, s, "w", "a"))
	stale := before
	stale.LastUsedAt = time.Time{}
	update(t, s, func(tx store.Tx) error { return tx.UpdateCredential("w", stale, stale.Version, nil) })
	assert.Equal(t, before, credential(t, s, "w", "a"), "by whoever had read it before the use either")

	// Sweeping, and deleting.
	update(t, s, func(tx store.Tx) error { return tx.DeleteUsage(hour(2)) })
	assert.Equal(t, []usage.Hour{{Begins: hour(2), Counts: usage.Counts{Done: 4}}}, usageOf(t, s, "w", "a", hour(0)).Hours)
	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("w", "a", before.Version) })
	insert(t, s, "w", newCredential("a", "A again"), someSecrets("a"))
	assert.Empty(t, usageOf(t, s, "w", "a", hour(0)).Users)
}

func testTakeUsageBuckets(t *testing.T, s store.Store) {
	insert(t, s, "w", newCredential("a", "A"), someSecrets("a"))
	minute := func(n int) time.Time { return hour(1).Add(time.Duration(n) * time.Minute) }
	first, second := bucket("a", "one", minute(1), usage.Counts{Done: 1, Failed: 2}), bucket("gone", "one", minute(2), usage.Counts{Done: 4})
	third := bucket("a", "two", minute(3), usage.Counts{Aborted: 5})
	addUsage(t, s, third, second, first, first)
	first.Counts = usage.Counts{Done: 2, Failed: 4}
	take := func(before time.Time, most int) (taken []store.UsageBucket) {
		update(t, s, func(tx store.Tx) (err error) { taken, err = tx.TakeUsageBuckets(before, most); return err })
		return taken
	}
	for _, each := range []*store.UsageBucket{&first, &second, &third} {
		each.LastUsedAt = time.Time{} // the hours know
	}
	assert.Empty(t, take(minute(1), 10), "a minute that is not over stays")
	assert.Equal(t, []store.UsageBucket{first}, take(minute(9), 1))
	assert.Equal(t, []store.UsageBucket{second}, take(minute(3), 10), "a deleted credential's too")
	assert.Error(t, s.Update(testContext(t), func(tx store.Tx) error {
		taken, err := tx.TakeUsageBuckets(minute(9), 10)
		assert.Len(t, taken, 1)
		return errors.Join(err, errors.New("the trail cannot be written"))
	}))
	assert.Equal(t, []store.UsageBucket{third}, take(minute(9), 10), "what was not written down is still to be taken")
	assert.Empty(t, take(minute(9), 10))
	assert.Len(t, usageOf(t, s, "w", "a", hour(0)).Users, 2, "the hours keep them")
}

// failure is one failed call with GET of a caller's, so many seconds after the
// beginning.
func failure(credential, caller string, status, seconds int) store.FailureGroup {
	return store.FailureGroup{
		Workspace: "w", Credential: credential, CallerKind: paycor.CallerConsumer, CallerID: caller,
		Failure: usage.Failure{
			At: at(seconds), FirstAt: at(seconds), Count: 1, UserName: "Ünïcode " + caller, Method: "GET", Status: status, Code: "timeout",
			Path: fmt.Sprint("/v1/a", seconds), CorrelationID: fmt.Sprint("c", seconds), RequestID: fmt.Sprint("r", seconds),
		},
	}
}

func addFailures(t *testing.T, s store.Store, failures ...store.FailureGroup) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		for _, failure := range failures {
			if err := tx.AddFailure(failure); err != nil {
				return err
			}
		}
		return nil
	})
}

func testFailures(t *testing.T, s store.Store) {
	insert(t, s, "w", newCredential("a", "A"), someSecrets("a"))
	insert(t, s, "w", newCredential("b", "B"), someSecrets("b"))
	for n := range 25 {
		addFailures(t, s, failure("a", "one", 500+n, n))
	}
	addFailures(t, s, failure("b", "one", 500, 1), failure("gone", "one", 500, 1))
	found := usageOf(t, s, "w", "a", hour(0)).Failures
	require.Len(t, found, 20)
	assert.Equal(t, failure("a", "one", 524, 24).Failure, found[0], "newest first")
	assert.Equal(t, failure("a", "one", 505, 5).Failure, found[19])
	assert.Equal(t, []usage.Failure{failure("b", "one", 500, 1).Failure}, usageOf(t, s, "w", "b", hour(0)).Failures)

	// An old one that was written late takes no newer one's place.
	addFailures(t, s, failure("a", "one", 500, 4))
	assert.Equal(t, found, usageOf(t, s, "w", "a", hour(0)).Failures)
	update(t, s, func(tx store.Tx) error { return tx.DeleteUsage(at(24)) })
	assert.Equal(t, found[:1], usageOf(t, s, "w", "a", hour(0)).Failures)
}

func testFailureGroups(t *testing.T, s store.Store) {
	insert(t, s, "w", newCredential("a", "A"), someSecrets("a"))
	insert(t, s, "w", newCredential("b", "B"), someSecrets("b"))
	failures := func() []usage.Failure { t.Helper(); return usageOf(t, s, "w", "a", hour(0)).Failures }
	several := func(count int64, first, last int) store.FailureGroup {
		f := failure("a", "one", 503, last)
		f.Count, f.FirstAt = count, at(first)
		return f
	}

	// A burst does not push out what came before it.
	cause := failure("a", "one", 504, 1)
	addFailures(t, s, cause)
	for n := range 30 {
		addFailures(t, s, failure("a", "one", 503, 2+n))
	}
	assert.Equal(t, []usage.Failure{several(30, 2, 31).Failure, cause.Failure}, failures())

	// Several at once, older and newer ones: the last one's ids and name stay.
	addFailures(t, s, several(5, 20, 25))
	assert.Equal(t, several(35, 2, 31).Failure, failures()[0])
	renamed := several(3, 0, 40)
	renamed.UserName = "New name"
	addFailures(t, s, renamed)
	renamed.Count = 38
	assert.Equal(t, []usage.Failure{renamed.Failure, cause.Failure}, failures())

	// Whatever differs is another group.
	others := []func(*store.FailureGroup){
		func(f *store.FailureGroup) { f.CallerKind = paycor.CallerPerson },
		func(f *store.FailureGroup) { f.CallerID = "two" },
		func(f *store.FailureGroup) { f.Method = "POST" },
		func(f *store.FailureGroup) { f.Status = 502 },
		func(f *store.FailureGroup) { f.Code = "" },
		func(f *store.FailureGroup) { f.Note = usage.NoteKey },
		func(f *store.FailureGroup) { f.Credential = "b" },
	}
	for _, change := range others {
		other := several(1, 50, 50)
		change(&other)
		addFailures(t, s, other)
	}
	assert.Len(t, failures(), 2+6)
	for _, other := range failures()[:6] {
		assert.EqualValues(t, 1, other.Count)
	}

	// The count goes on for as long as no whole day is without one.
	const day = 24 * 60 * 60
	addFailures(t, s, several(2, 40+day, 50+day))
	assert.EqualValues(t, 40, failures()[0].Count)
	assert.Equal(t, at(0), failures()[0].FirstAt)
	addFailures(t, s, several(2, 51+2*day, 60+2*day))
	assert.Equal(t, several(2, 51+2*day, 60+2*day).Failure, failures()[0])

	// It is kept by its last one, and begins anew once it was let go.
	update(t, s, func(tx store.Tx) error { return tx.DeleteUsage(at(52 + 2*day)) })
	assert.Equal(t, []usage.Failure{several(2, 51+2*day, 60+2*day).Failure}, failures())
	for n := range 20 {
		addFailures(t, s, failure("a", "other", 400+n, 61+2*day+n))
	}
	addFailures(t, s, several(1, 90+2*day, 90+2*day))
	assert.Equal(t, several(1, 90+2*day, 90+2*day).Failure, failures()[0])
	assert.Len(t, failures(), 20)
}

func testCredentialHistory(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		for sequence := range int64(6) {
			entry := audit.Entry{Sequence: sequence + 1, At: at(0), Workspace: "w", Credential: "a", Action: audit.ActionUses, Outcome: "done", Hash: fmt.Sprint(sequence)}
			if sequence%3 == 0 {
				entry.Action = audit.ActionVerify
			}
			if err := tx.AppendAudit(entry); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(r store.Reader) error {
		found, err := r.CredentialHistory("w", "a")
		require.NoError(t, err)
		require.Len(t, found, 2, "without uses")
		assert.EqualValues(t, []int64{4, 1}, []int64{found[0].Sequence, found[1].Sequence})
		for _, stranger := range [][2]string{{"other", "a"}, {"w", "b"}, {"w", ""}} {
			found, err := r.CredentialHistory(stranger[0], stranger[1])
			assert.NoError(t, err)
			assert.Empty(t, found)
		}
		all, _, err := r.SearchAudit("w", audit.Query{Credential: "a"}, wholeTrail)
		assert.Len(t, all, 6, "the trail has all of them")
		return err
	})
}

func testVersion(t *testing.T, s store.Store) {
	version := func() store.Version {
		t.Helper()
		found, err := s.Version(testContext(t))
		require.NoError(t, err)
		return found
	}
	seen := map[store.Version]bool{version(): true}
	for n := range 50 {
		before := version()
		update(t, s, func(tx store.Tx) error { return tx.InsertAPIToken(apiToken(fmt.Sprint("t", n), "w", n)) })
		after := version()
		assert.NotEqual(t, before, after, "after an update")
		assert.False(t, seen[after], "a version never comes again")
		seen[after] = true
		list(t, s, "w", paycor.Query{})
		assert.ErrorContains(t, s.Update(testContext(t), func(tx store.Tx) error {
			return errors.Join(tx.InsertAPIToken(apiToken("undone", "w", 1)), errors.New("not kept"))
		}), "not kept")
		assert.Equal(t, after, version(), "what changes nothing leaves it")
	}
}

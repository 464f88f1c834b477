package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
)

// failure returns a failed GET of a caller at a time in seconds.
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

	// An old failure that is written late does not replace a newer one.
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

	// A burst does not replace earlier failures.
	cause := failure("a", "one", 504, 1)
	addFailures(t, s, cause)
	for n := range 30 {
		addFailures(t, s, failure("a", "one", 503, 2+n))
	}
	assert.Equal(t, []usage.Failure{several(30, 2, 31).Failure, cause.Failure}, failures())

	// Several at once, older and newer ones: ids and name are those of the last one.
	addFailures(t, s, several(5, 20, 25))
	assert.Equal(t, several(35, 2, 31).Failure, failures()[0])
	renamed := several(3, 0, 40)
	renamed.UserName = "New name"
	addFailures(t, s, renamed)
	renamed.Count = 38
	assert.Equal(t, []usage.Failure{renamed.Failure, cause.Failure}, failures())

	// A failure that differs in any of these belongs to another group.
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

	// The group continues as long as there is a failure each day.
	const day = 24 * 60 * 60
	addFailures(t, s, several(2, 40+day, 50+day))
	assert.EqualValues(t, 40, failures()[0].Count)
	assert.Equal(t, at(0), failures()[0].FirstAt)
	addFailures(t, s, several(2, 51+2*day, 60+2*day))
	assert.Equal(t, several(2, 51+2*day, 60+2*day).Failure, failures()[0])

	// A group expires by its last failure. After it was deleted, it starts again.
	update(t, s, func(tx store.Tx) error { return tx.DeleteUsage(at(52 + 2*day)) })
	assert.Equal(t, []usage.Failure{several(2, 51+2*day, 60+2*day).Failure}, failures())
	for n := range 20 {
		addFailures(t, s, failure("a", "other", 400+n, 61+2*day+n))
	}
	addFailures(t, s, several(1, 90+2*day, 90+2*day))
	assert.Equal(t, several(1, 90+2*day, 90+2*day).Failure, failures()[0])
	assert.Len(t, failures(), 20)
}

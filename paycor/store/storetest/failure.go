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

// failureGroup returns failures of one caller between two times in seconds.
func failureGroup(count int64, first, last int) store.FailureGroup {
	f := failure("a", "one", 503, last)
	f.Count, f.FirstAt = count, at(first)
	return f
}

func failuresOf(t *testing.T, s store.Store) []usage.Failure {
	t.Helper()
	return usageOf(t, s, "w", "a", hour(0)).Failures
}

func testFailureGroups(t *testing.T, s store.Store) {
	insert(t, s, "w", newCredential("a", "A"), someSecrets("a"))

	// A burst does not replace earlier failures.
	cause := failure("a", "one", 504, 1)
	addFailures(t, s, cause)
	for n := range 30 {
		addFailures(t, s, failure("a", "one", 503, 2+n))
	}
	assert.Equal(t, []usage.Failure{failureGroup(30, 2, 31).Failure, cause.Failure}, failuresOf(t, s))

	// Several at once, older and newer ones: ids and name are those of the last one.
	addFailures(t, s, failureGroup(5, 20, 25))
	assert.Equal(t, failureGroup(35, 2, 31).Failure, failuresOf(t, s)[0])
	renamed := failureGroup(3, 0, 40)
	renamed.UserName = "New name"
	addFailures(t, s, renamed)
	renamed.Count = 38
	assert.Equal(t, []usage.Failure{renamed.Failure, cause.Failure}, failuresOf(t, s))
}

func testFailureGroupIdentity(t *testing.T, s store.Store) {
	insert(t, s, "w", newCredential("a", "A"), someSecrets("a"))
	insert(t, s, "w", newCredential("b", "B"), someSecrets("b"))
	addFailures(t, s, failureGroup(38, 0, 40))
	changes := []func(*store.FailureGroup){
		func(f *store.FailureGroup) { f.CallerKind = paycor.CallerPerson },
		func(f *store.FailureGroup) { f.CallerID = "two" },
		func(f *store.FailureGroup) { f.Method = "POST" },
		func(f *store.FailureGroup) { f.Status = 502 },
		func(f *store.FailureGroup) { f.Code = "" },
		func(f *store.FailureGroup) { f.Note = usage.NoteKey },
		func(f *store.FailureGroup) { f.Credential = "b" },
	}
	for _, change := range changes {
		other := failureGroup(1, 50, 50)
		change(&other)
		addFailures(t, s, other)
	}
	found := failuresOf(t, s)
	require.Len(t, found, 1+6)
	for _, other := range found[:6] {
		assert.EqualValues(t, 1, other.Count)
	}
	assert.EqualValues(t, 38, found[6].Count)
}

func testFailureGroupAge(t *testing.T, s store.Store) {
	const day = 24 * 60 * 60
	insert(t, s, "w", newCredential("a", "A"), someSecrets("a"))
	addFailures(t, s, failureGroup(38, 0, 40))

	// The group continues as long as there is a failure each day.
	addFailures(t, s, failureGroup(2, 40+day, 50+day))
	assert.Equal(t, []usage.Failure{failureGroup(40, 0, 50+day).Failure}, failuresOf(t, s))
	addFailures(t, s, failureGroup(2, 51+2*day, 60+2*day))
	assert.Equal(t, []usage.Failure{failureGroup(2, 51+2*day, 60+2*day).Failure}, failuresOf(t, s))

	// A group expires by its last failure.
	update(t, s, func(tx store.Tx) error { return tx.DeleteUsage(at(52 + 2*day)) })
	assert.Equal(t, []usage.Failure{failureGroup(2, 51+2*day, 60+2*day).Failure}, failuresOf(t, s))

	// After it was deleted to make room, it starts again.
	for n := range 20 {
		addFailures(t, s, failure("a", "other", 400+n, 61+2*day+n))
	}
	addFailures(t, s, failureGroup(1, 90+2*day, 90+2*day))
	assert.Equal(t, failureGroup(1, 90+2*day, 90+2*day).Failure, failuresOf(t, s)[0])
	assert.Len(t, failuresOf(t, s), 20)
}

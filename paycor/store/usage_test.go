package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
)

func failureGroup(seconds int64) store.FailureGroup {
	at := time.Unix(seconds, 0)
	return store.FailureGroup{
		Workspace: "w", Credential: "c", CallerKind: paycor.CallerConsumer, CallerID: "one",
		Failure: usage.Failure{At: at, FirstAt: at, Count: 1, UserName: "One", Method: "GET", Status: 503, Code: "timeout", Path: "/v1"},
	}
}

func TestFailureGroupMatches(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*store.FailureGroup)
		want   bool
	}{
		"time":        {func(f *store.FailureGroup) { f.At, f.FirstAt = time.Unix(9, 0), time.Unix(8, 0) }, true},
		"count":       {func(f *store.FailureGroup) { f.Count = 7 }, true},
		"user name":   {func(f *store.FailureGroup) { f.UserName = "Renamed" }, true},
		"path":        {func(f *store.FailureGroup) { f.Path = "/v2" }, true},
		"caller kind": {func(f *store.FailureGroup) { f.CallerKind = paycor.CallerPerson }, false},
		"caller id":   {func(f *store.FailureGroup) { f.CallerID = "two" }, false},
		"method":      {func(f *store.FailureGroup) { f.Method = "POST" }, false},
		"status":      {func(f *store.FailureGroup) { f.Status = 500 }, false},
		"code":        {func(f *store.FailureGroup) { f.Code = "" }, false},
		"note":        {func(f *store.FailureGroup) { f.Note = usage.NoteKey }, false},
	} {
		group, other := failureGroup(1), failureGroup(1)
		test.change(&other)
		assert.Equal(t, test.want, group.Matches(&other), name)
	}
}

func TestFailureGroupMerge(t *testing.T) {
	t.Parallel()
	group, newer, older := failureGroup(10), failureGroup(20), failureGroup(5)
	newer.UserName, newer.Path, newer.RequestID = "Renamed", "/v2", "r20"
	group.Merge(&newer)
	group.Merge(&older)
	want := newer
	want.Count, want.FirstAt = 3, time.Unix(5, 0)
	assert.Equal(t, want, group, "first time of all, the rest from the latest")
}

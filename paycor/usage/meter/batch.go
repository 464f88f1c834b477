package meter

import (
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// batch is what one flush writes. Its buckets are reused, so that counting does
// not allocate.
type batch struct {
	buckets  map[bucketKey]*store.UsageBucket
	free     []*store.UsageBucket
	failures map[credentialKey][]store.FailureGroup
	touched  map[string]time.Time // last use, by the id of an API token
	oldest   int64                // see Meter.oldest
}

type credentialKey struct{ workspace, credential string }

type bucketKey struct {
	credentialKey
	kind   paycor.CallerKind
	caller string
	minute int64 // since the Unix epoch
}

func newBatch() *batch {
	return &batch{buckets: map[bucketKey]*store.UsageBucket{}, failures: map[credentialKey][]store.FailureGroup{}, touched: map[string]time.Time{}}
}

// newBucket adds a bucket for a call. When there are too many, further calls of
// a workspace are counted in one bucket, and Available denies new ones.
func (m *Meter) newBucket(b *batch, key bucketKey, call usage.Call) *store.UsageBucket {
	minute := time.Unix(key.minute*60, 0).UTC()
	if len(b.buckets) >= maxBuckets {
		m.full.Store(true)
		key = bucketKey{credentialKey: credentialKey{workspace: key.workspace}, kind: paycor.CallerUnknown, caller: "others"}
		if bucket := b.buckets[key]; bucket != nil {
			return bucket
		}
		call.Credential, call.Caller = "", paycor.Caller{Kind: paycor.CallerUnknown, ID: "others", Name: "Others", Workspace: key.workspace}
	}
	var bucket *store.UsageBucket
	if last := len(b.free) - 1; last >= 0 {
		bucket, b.free = b.free[last], b.free[:last]
	} else {
		bucket = new(store.UsageBucket)
	}
	*bucket = store.UsageBucket{
		Workspace: key.workspace, Credential: call.Credential, CallerKind: call.Caller.Kind, CallerID: call.Caller.ID,
		Minute: minute,
	}
	b.buckets[key] = bucket
	return bucket
}

// addFailure adds a failed call.
func (b *batch) addFailure(credential credentialKey, call usage.Call, ended time.Time) {
	ended = ended.UTC()
	b.mergeFailure(credential, store.FailureGroup{
		Workspace: credential.workspace, Credential: credential.credential, CallerKind: call.Caller.Kind, CallerID: call.Caller.ID,
		Failure: usage.Failure{
			At: ended, FirstAt: ended, Count: 1, UserName: call.Caller.Name, Method: identifier(call.Method, 10), Status: call.Status,
			Code: verdicts.Code(identifier(string(call.Code), 64)), CorrelationID: identifier(call.CorrelationID, 64), RequestID: identifier(call.RequestID, 64),
			Note: usage.Note(identifier(string(call.Note), 64)), Path: call.Path,
		},
	})
}

// mergeFailure counts a failure to the group of equal failures of its credential.
// When there are too many groups, the one that has not occurred for the longest
// time is dropped.
func (b *batch) mergeFailure(credential credentialKey, failure store.FailureGroup) {
	groups, known := b.failures[credential]
	if !known && len(b.failures) >= maxBuckets {
		return
	}
	for i := range groups {
		if groups[i].Matches(&failure) {
			groups[i].Merge(&failure)
			return
		}
	}
	groups = append(groups, failure)
	if len(groups) > maxFailures {
		oldest := 0
		for i := range groups {
			if groups[i].At.Before(groups[oldest].At) {
				oldest = i
			}
		}
		groups = slices.Delete(groups, oldest, oldest+1)
	}
	b.failures[credential] = groups
}

// identifier returns text where it is short and looks like an identifier, else
// nothing: some of it comes from the caller or from Paycor, and is stored.
func identifier(text string, maxLength int) string {
	unusual := func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '.' || c == ':')
	}
	if len(text) > maxLength || strings.ContainsFunc(text, unusual) {
		return ""
	}
	return text
}

// mergeInto moves everything to an older batch that could not be written.
func (b *batch) mergeInto(older *batch) {
	for key, bucket := range b.buckets {
		if known := older.buckets[key]; known != nil {
			known.Add(bucket.Counts)
			known.Durations.Add(bucket.Durations)
			if bucket.LastUsedAt.After(known.LastUsedAt) {
				known.LastUsedAt, known.From, known.CallerName = bucket.LastUsedAt, bucket.From, bucket.CallerName
			}
			b.free = append(b.free, bucket)
		} else {
			older.buckets[key] = bucket
		}
	}
	for credential, groups := range b.failures {
		for _, failure := range groups {
			older.mergeFailure(credential, failure)
		}
	}
	for token, at := range b.touched {
		older.touched[token] = at
	}
	if older.oldest == 0 {
		older.oldest = b.oldest
	}
	b.oldest = 0
	clear(b.buckets)
	clear(b.failures)
	clear(b.touched)
}

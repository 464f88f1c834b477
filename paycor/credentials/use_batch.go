package credentials

import (
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// useBatch is what is written at once. Its tallies are used again, so that
// counting allocates nothing.
type useBatch struct {
	tallies  map[useKey]*store.UsageBucket
	spare    []*store.UsageBucket
	failures map[useCredential][]store.FailureGroup
	touched  map[string]time.Time // tokens
	oldest   int64
}

type useCredential struct{ workspace, credential string }

type useKey struct {
	useCredential
	kind   paycor.CallerKind
	caller string
	minute int64
}

func newUseBatch() *useBatch {
	return &useBatch{tallies: map[useKey]*store.UsageBucket{}, failures: map[useCredential][]store.FailureGroup{}, touched: map[string]time.Time{}}
}

// begin makes room for a tally. Where there are too many, whatever comes is
// counted together, and no further use is allowed.
func (u *uses) begin(b *useBatch, key useKey, use usage.Call) *store.UsageBucket {
	minute := time.Unix(key.minute*60, 0).UTC()
	if len(b.tallies) >= mostTallies {
		u.full.Store(true)
		key = useKey{useCredential: useCredential{workspace: key.workspace}, kind: paycor.CallerUnknown, caller: "others"}
		if tally := b.tallies[key]; tally != nil {
			return tally
		}
		use.Credential, use.Caller = "", paycor.Caller{Kind: paycor.CallerUnknown, ID: "others", Name: "Others", Workspace: key.workspace}
	}
	var tally *store.UsageBucket
	if last := len(b.spare) - 1; last >= 0 {
		tally, b.spare = b.spare[last], b.spare[:last]
	} else {
		tally = new(store.UsageBucket)
	}
	*tally = store.UsageBucket{
		Workspace: key.workspace, Credential: use.Credential, CallerKind: use.Caller.Kind, CallerID: use.Caller.ID,
		Minute: minute,
	}
	b.tallies[key] = tally
	return tally
}

// fail remembers a use that went wrong.
func (b *useBatch) fail(credential useCredential, use usage.Call, ended time.Time) {
	ended = ended.UTC()
	b.join(credential, store.FailureGroup{
		Workspace: credential.workspace, Credential: credential.credential, CallerKind: use.Caller.Kind, CallerID: use.Caller.ID,
		Failure: usage.Failure{
			At: ended, FirstAt: ended, Count: 1, UserName: use.Caller.Name, Method: plain(use.Method, 10), Status: use.Status,
			Code: verdicts.Code(plain(string(use.Code), 64)), CorrelationID: plain(use.CorrelationID, 64), RequestID: plain(use.RequestID, 64),
			Note: usage.Note(plain(string(use.Note), 64)), Path: use.Path,
		},
	})
}

// join counts a failure to those of its credential that are alike. Where there
// are too many groups, the one whose last is the oldest goes.
func (b *useBatch) join(credential useCredential, failure store.FailureGroup) {
	groups, known := b.failures[credential]
	if !known && len(b.failures) >= mostTallies {
		return
	}
	for i := range groups {
		if groups[i].Matches(&failure) {
			groups[i].Merge(&failure)
			return
		}
	}
	groups = append(groups, failure)
	if len(groups) > mostFailures {
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

// plain returns a text that is short and of plain characters, and nothing of
// any other: some of these come from outside.
func plain(text string, longest int) string {
	strange := func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '.' || c == ':')
	}
	if len(text) > longest || strings.ContainsFunc(text, strange) {
		return ""
	}
	return text
}

func useOutcome(counts usage.Counts) string {
	switch {
	case counts.Errors() == 0:
		return "done"
	case counts.Done > 0:
		return "partly"
	}
	return "failed"
}

// addTo moves everything to an older batch.
func (b *useBatch) addTo(older *useBatch) {
	for key, tally := range b.tallies {
		if known := older.tallies[key]; known != nil {
			known.Add(tally.Counts)
			if tally.LastUsedAt.After(known.LastUsedAt) {
				known.LastUsedAt, known.From, known.CallerName = tally.LastUsedAt, tally.From, tally.CallerName
			}
			b.spare = append(b.spare, tally)
		} else {
			older.tallies[key] = tally
		}
	}
	for credential, groups := range b.failures {
		for _, failure := range groups {
			older.join(credential, failure)
		}
	}
	for token, at := range b.touched {
		older.touched[token] = at
	}
	if older.oldest == 0 {
		older.oldest = b.oldest
	}
	b.oldest = 0
	clear(b.tallies)
	clear(b.failures)
	clear(b.touched)
}

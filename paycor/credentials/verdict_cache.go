package credentials

import (
	"crypto/sha256"
	"encoding/json"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// The page verifies a draft and then saves the very same values. Within this
// time the save takes over the verdict instead of asking Paycor again.
const (
	verdictCacheTTL   = 2 * time.Minute
	maxCachedVerdicts = 1000
)

// verdictCache remembers verdicts about drafts by a fingerprint of their
// values, in memory only.
type verdictCache struct {
	clock    func() time.Time
	mu       sync.Mutex
	verdicts map[string]verdicts.Verdict
}

func (r *verdictCache) keep(fingerprint []byte, verdict verdicts.Verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.verdicts == nil {
		r.verdicts = map[string]verdicts.Verdict{}
	}
	for key, old := range r.verdicts {
		if r.expired(old) {
			delete(r.verdicts, key)
		}
	}
	if len(r.verdicts) < maxCachedVerdicts {
		r.verdicts[string(fingerprint)] = verdict
	}
}

func (r *verdictCache) find(fingerprint []byte) (verdicts.Verdict, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	verdict, ok := r.verdicts[string(fingerprint)]
	return verdict, ok && !r.expired(verdict)
}

// expired: a verdict of the future is one from before the clock was set back.
func (r *verdictCache) expired(verdict verdicts.Verdict) bool {
	age := r.clock().Sub(verdict.CheckedAt)
	return age > verdictCacheTTL || age < -verdictCacheTTL
}

// cachedVerdict returns the verdict about the draft's values if Paycor was asked
// about them a moment ago, for the same saved credential or for a new one alike:
// an activation belongs to one credential, and says nothing of another with the
// same values.
func (s *service) cachedVerdict(id string, draft paycor.Draft, skip bool) (verdicts.Verdict, bool) {
	if skip {
		return verdicts.Verdict{}, false
	}
	return s.verdictCache.find(s.verdictKey(id, draft))
}

// verdictKey is the fingerprint of what Paycor was asked about a draft: names do not
// count for that.
func (s *service) verdictKey(id string, draft paycor.Draft) []byte {
	draft.Name, draft.Description = id, ""
	return s.fingerprint("draft", draft)
}

// fingerprint returns a keyed digest of a draft's values within the
// workspace.
func (s *service) fingerprint(purpose string, draft paycor.Draft) []byte {
	parts := []string{s.caller.Workspace}
	for _, spec := range paycor.FieldTable() {
		parts = append(parts, spec.Get(draft))
	}
	encoded, err := json.Marshal(parts)
	if err != nil { // strings always marshal
		panic(err)
	}
	defer clear(encoded)
	digest := sha256.Sum256(encoded)
	return s.config.Store.Fingerprint(purpose, digest[:])
}

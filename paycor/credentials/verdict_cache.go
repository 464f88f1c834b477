package credentials

import (
	"crypto/sha256"
	"encoding/json"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// The page verifies a draft and then saves the same values. Within this time the
// save reuses the verdict instead of asking Paycor again.
const (
	verdictCacheTTL   = 2 * time.Minute
	maxCachedVerdicts = 1000

	// adoptionTime is how old a verdict may be that a save adopts as its own. A save
	// asks Paycor again rather than say that a new credential was checked a while ago.
	adoptionTime = 15 * time.Second
)

// verdictCache holds verdicts about drafts by a fingerprint of their values, in
// memory only.
type verdictCache struct {
	clock    func() time.Time
	mu       sync.Mutex
	verdicts map[string]verdicts.Verdict
}

func (c *verdictCache) put(fingerprint []byte, verdict verdicts.Verdict) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.verdicts == nil {
		c.verdicts = map[string]verdicts.Verdict{}
	}
	for key, old := range c.verdicts {
		if c.expired(old) {
			delete(c.verdicts, key)
		}
	}
	if len(c.verdicts) < maxCachedVerdicts {
		c.verdicts[string(fingerprint)] = verdict
	}
}

func (c *verdictCache) get(fingerprint []byte) (verdicts.Verdict, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	verdict, ok := c.verdicts[string(fingerprint)]
	return verdict, ok && !c.expired(verdict)
}

// expired reports whether a verdict is too old, or from the future because the
// clock was set back.
func (c *verdictCache) expired(verdict verdicts.Verdict) bool {
	age := c.clock().Sub(verdict.CheckedAt)
	return age > verdictCacheTTL || age < -verdictCacheTTL
}

// cachedVerdict returns a recent verdict about the same values of the same saved
// credential, or of a new one. An activation belongs to one credential, so
// another one's verdict does not apply.
func (s *bound) cachedVerdict(id string, draft paycor.Draft, skip bool) (verdicts.Verdict, bool) {
	if skip {
		return verdicts.Verdict{}, false
	}
	verdict, ok := s.verdictCache.get(s.verdictKey(id, draft))
	if !ok || s.now().Sub(verdict.CheckedAt) > adoptionTime {
		return verdicts.Verdict{}, false
	}
	verdict.CheckedAt = s.now() // checking and saving are one act
	return verdict, true
}

// adoptedCode returns the code of the verdict that a save adopted, for its audit entry.
func adoptedCode(saved paycor.Credential) string {
	if saved.Verdict == nil {
		return ""
	}
	return string(saved.Verdict.Code)
}

// recentOutage reports whether Paycor could not give a verdict about these values a
// moment ago. A save then does not wait for it again.
func (s *bound) recentOutage(id string, draft paycor.Draft) bool {
	verdict, ok := s.verdictCache.get(s.verdictKey(id, draft))
	return ok && !verdict.Outcome.Conclusive()
}

// verdictKey returns the fingerprint of the values that Paycor verifies.
func (s *bound) verdictKey(id string, draft paycor.Draft) []byte {
	for _, spec := range paycor.FieldTable() {
		if !spec.Judged {
			spec.Set(&draft, "")
		}
	}
	draft.Name = id
	return s.fingerprint("draft", draft)
}

// fingerprint returns a keyed digest of a draft's values within the workspace.
func (s *bound) fingerprint(purpose string, draft paycor.Draft) []byte {
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
	return s.config.Fingerprint(purpose, digest[:])
}

package credentials

import (
	"context"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
)

// NewVerificationQuota returns the quota of verifications.
func NewVerificationQuota(all int) *quota.Quota { return newVerificationQuota(all) }

// CredentialsCached reports whether the cache keeps credentials that were read
// before, or after, the credential changed.
func CredentialsCached(before bool) bool {
	c, key, now := &credentialCache{}, paycor.CredentialKey{Workspace: "default", Credential: "cred"}, time.Now()
	_, generation := c.get(key, store.Version{}, now)
	c.forget(key)
	if !before {
		_, generation = c.get(key, store.Version{}, now)
	}
	c.put(key, &paycor.UpstreamCredentials{}, store.Version{}, now.Add(time.Minute), generation)
	cached, _ := c.get(key, store.Version{}, now)
	return cached != nil
}

// ExplainUnconfigured is explainUnconfigured.
var ExplainUnconfigured = explainUnconfigured

// Access returns what a call needs, without a cache.
func Access(ctx context.Context, s *Service, key paycor.CredentialKey) (tokens.Access, error) {
	stored, err := s.readCallAccess(ctx, key)
	return s.access(ctx, key, stored, err)
}

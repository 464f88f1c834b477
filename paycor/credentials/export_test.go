package credentials

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/quota"
)

// NewVerificationQuota returns the quota of verifications.
func NewVerificationQuota(all int) *quota.Quota { return newVerificationQuota(all) }

// CredentialsCached reports whether credentials are cached that was looked up before, or
// only after, the credential was changed.
func CredentialsCached(before bool) bool {
	p, key, now := &credentialCache{}, paycor.CredentialKey{Workspace: "default", Credential: "cred"}, time.Now()
	_, turn := p.get(key, now)
	p.forget(key)
	if !before {
		_, turn = p.get(key, now)
	}
	p.put(key, &paycor.UpstreamCredentials{}, now.Add(time.Minute), turn)
	known, _ := p.get(key, now)
	return known != nil
}

// Located is located.
var Located = explainUnconfigured

package credentials

import (
	"context"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/tokens"
)

// What the tests may see of the inside.
const (
	MostTallies = mostTallies
	UseGrace    = useGrace

	RefusalsPerSpan = 60
	RefusalSpan     = time.Minute
)

// Remembered returns how many tokens are in memory.
func Remembered(m *Manager) int { return m.known.Len() }

// Flush writes what is counted.
func Flush(ctx context.Context, m *Manager) bool { return m.uses.flush(ctx, true, false) }

// Tallies returns how many combinations wait to be written.
func Tallies(m *Manager) int { return len(m.uses.open.tallies) }

// NoteRefusals writes down how many refusals of spans that are over have no
// entry of their own.
func NoteRefusals(ctx context.Context, m *Manager) error {
	return m.authorizer.FlushDenials(ctx, false)
}

// NewSeats returns seats.
func NewSeats(all int) *quota.Quota { return newVerificationQuota(all) }

// CredentialsCached reports whether credentials are cached that was looked up before, or
// only after, the credential was changed.
func CredentialsCached(before bool) bool {
	p, key, now := &credentialCache{}, tokens.Key{Workspace: "default", Credential: "cred"}, time.Now()
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

// Failures returns how many groups of failures wait to be written.
func Failures(m *Manager) (groups int) {
	m.uses.mu.Lock()
	defer m.uses.mu.Unlock()
	for _, of := range m.uses.open.failures {
		groups += len(of)
	}
	return groups
}

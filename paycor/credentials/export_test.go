package credentials

import (
	"context"
	"paycorcred/paycor"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"time"
)

// What the tests may see of the inside.
const (
	MostTallies = mostTallies
	UseGrace    = useGrace

	RefusalsPerSpan = refusalsPerSpan
	RefusalSpan     = refusalSpan
)

// Remembered returns how many tokens are in memory.
func Remembered(m *Manager) int { return len(m.known.kept) }

// Memory is a memory for tests.
type Memory[K comparable, V any] struct{ memory[K, V] }

// NewMemory returns a memory of most values.
func NewMemory[K comparable, V any](most int, version func(context.Context) (store.Version, error), read func(context.Context, K) (V, error)) *Memory[K, V] {
	return &Memory[K, V]{memory[K, V]{version: version, read: read, most: most}}
}

// Get returns a value.
func (m *Memory[K, V]) Get(ctx context.Context, key K) (V, error) { return m.get(ctx, key) }

// Len returns how many values are kept.
func (m *Memory[K, V]) Len() int { return len(m.kept) }

// Flush writes what is counted.
func Flush(ctx context.Context, m *Manager) bool { return m.uses.flush(ctx, true, false) }

// Tallies returns how many combinations wait to be written.
func Tallies(m *Manager) int { return len(m.uses.open.tallies) }

// NoteRefusals writes down how many refusals of spans that are over have no
// entry of their own.
func NoteRefusals(ctx context.Context, m *Manager) error { return m.noteRefusals(ctx, false) }

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

package breaker

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"
)

// Config configures a Registry. The zero value is valid.
type Config struct {
	Cooldown time.Duration // how long a breaker stays open; 0 means DefaultCooldown
	Changed  func(Change)  // called on each state change; must not block; nil means no one
}

// Change is a state change of a breaker.
type Change struct {
	Environment string
	Consumer    string // the only one whose calls it is about; empty if all calls are
	Credential  string // the one whose call failed last; empty if none has failed
	State       State
}

// Status is the state of a breaker, or the worst state of an environment.
type Status struct {
	Environment string
	State       State
	Since       time.Time // of the state; zero if it has never changed
	Until       time.Time // when the next probe may go; zero unless the state is Open
}

// Registry keeps the breakers of all upstreams, and which of them each
// credential uses. It is safe for concurrent use.
type Registry struct {
	config Config

	mu           sync.RWMutex
	breakers     map[*Breaker]struct{}
	byCredential map[credentialKey]*Breaker
}

type credentialKey struct{ workspace, credential string }

// NewRegistry returns an empty registry.
func NewRegistry(config Config) *Registry {
	config.Cooldown = cmp.Or(config.Cooldown, DefaultCooldown)
	if config.Changed == nil {
		config.Changed = func(Change) {}
	}
	return &Registry{config: config, breakers: map[*Breaker]struct{}{}, byCredential: map[credentialKey]*Breaker{}}
}

// Cooldown returns how long a breaker stays open.
func (r *Registry) Cooldown() time.Duration { return r.config.Cooldown }

// Add returns a new closed breaker for an upstream of an environment.
func (r *Registry) Add(environment string) *Breaker {
	b := newBreaker(environment, r.config)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.breakers[b] = struct{}{}
	return b
}

// Remove drops the breaker of an upstream that is no longer used.
func (r *Registry) Remove(b *Breaker) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.breakers, b)
}

// Bind records which breaker the calls through a credential use.
func (r *Registry) Bind(workspace, credential string, b *Breaker) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byCredential[credentialKey{workspace, credential}] = b
}

// Unbind drops a credential that is no longer called.
func (r *Registry) Unbind(workspace, credential string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.byCredential, credentialKey{workspace, credential})
}

// OpenUntil returns until when calls through a credential are rejected because
// its upstream failed too often. It is zero if they go through.
func (r *Registry) OpenUntil(workspace, credential string) time.Time {
	r.mu.RLock()
	b := r.byCredential[credentialKey{workspace, credential}]
	_, used := r.breakers[b]
	r.mu.RUnlock()
	if !used {
		return time.Time{}
	}
	return b.status().Until
}

// Environments returns the state of each environment with an upstream, sorted
// by name. An environment is in the worst state of its upstreams.
func (r *Registry) Environments() []Status {
	r.mu.RLock()
	breakers := slices.Collect(maps.Keys(r.breakers))
	r.mu.RUnlock() // asking for a state may change it, which calls Changed
	worst := map[string]Status{}
	for _, b := range breakers {
		status := b.status()
		if known, ok := worst[b.environment]; !ok || severity(status.State) > severity(known.State) {
			worst[b.environment] = status
		}
	}
	return slices.SortedFunc(maps.Values(worst), func(a, b Status) int { return cmp.Compare(a.Environment, b.Environment) })
}

// States returns the state of each environment by name, for metrics.
func (r *Registry) States() map[string]string {
	states := map[string]string{}
	for _, status := range r.Environments() {
		states[status.Environment] = string(status.State)
	}
	return states
}

func severity(state State) int { return slices.Index([]State{Closed, HalfOpen, Open}, state) }

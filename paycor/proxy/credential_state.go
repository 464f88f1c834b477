package proxy

import (
	"sync/atomic"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/evict"
	"paycorcred/paycor/proxy/h1"
)

// maxCredentials is how many credentials are remembered before those that were not
// used for longest are forgotten. The same number bounds upstreams. What is forgotten
// is built again by the next call, at a small cost that does not grow.
const maxCredentials = 8192

// credentialKey names a credential within its workspace.
type credentialKey struct{ workspace, credential string }

// credentialState is what the proxy remembers of one credential.
type credentialState struct {
	calls    atomic.Int32 // in flight
	lastUsed atomic.Int64 // Unix seconds
	route    atomic.Pointer[route]
}

// route is where calls through a credential are sent, and the values they need.
type route struct {
	credentials *paycor.UpstreamCredentials
	*upstream
	conns    *h1.Pool    // of the workspace
	rejected atomic.Bool // Paycor does not accept the token, and another one is on its way
}

// credentialStateOf returns the state of a credential.
func (p *Proxy) credentialStateOf(key credentialKey, now time.Time) *credentialState {
	p.mu.RLock()
	state := p.credentials[key]
	p.mu.RUnlock()
	if state != nil {
		return state
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if state = p.credentials[key]; state == nil {
		if len(p.credentials) >= p.config.maxCredentials {
			p.evictCredential()
		}
		state = &credentialState{}
		state.lastUsed.Store(now.Unix())
		p.credentials[key] = state
	}
	return state
}

// routeOf returns the route for upstream credentials. Most calls find the one of
// the call before, because credentials are the same pointer until they change.
func (p *Proxy) routeOf(key credentialKey, state *credentialState, credentials *paycor.UpstreamCredentials) (*route, error) {
	r := state.route.Load()
	used := state.lastUsed.Load()
	if r != nil && r.credentials == credentials && !r.evicted.Load() {
		if r.lastUsed.Load() != used {
			r.lastUsed.Store(used)
		}
		return r, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e, err := p.endpointOf(credentials.Environment)
	if err != nil {
		return nil, err
	}
	r = &route{credentials: credentials, upstream: p.upstreamOf(e, p.fingerprint(credentials.SubscriptionKey), used), conns: p.poolOf(key.workspace, e)}
	state.route.Store(r)
	p.config.Breakers.Bind(key.workspace, key.credential, r.breaker)
	return r, nil
}

// evictCredential forgets a credential without calls that was not used for long. p.mu
// is held.
func (p *Proxy) evictCredential() {
	key, ok := evict.Oldest(p.credentials, func(state *credentialState) (int64, bool) {
		return state.lastUsed.Load(), state.calls.Load() == 0
	})
	if ok {
		delete(p.credentials, key)
		p.config.Breakers.Unbind(key.workspace, key.credential)
	}
}

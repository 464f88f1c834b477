package proxy

import (
	"sync/atomic"
	"time"

	"paycorcred/paycor"
)

// maxCredentials is how many credentials are remembered before those that were
// not used for an hour are evicted. The same number bounds upstreams.
const (
	maxCredentials = 4096
	evictAfter     = time.Hour
)

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
		if len(p.credentials) >= maxCredentials {
			p.evict(now.Add(-evictAfter))
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
	if r != nil && r.credentials == credentials {
		return r, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e, err := p.endpointOf(credentials.Environment)
	if err != nil {
		return nil, err
	}
	r = &route{credentials, p.upstreamOf(e, p.fingerprint(credentials.SubscriptionKey))}
	state.route.Store(r)
	p.config.Breakers.Bind(key.workspace, key.credential, r.breaker)
	return r, nil
}

// evict drops credentials that were last used before a time, and upstreams and
// limiters that no other credential uses. p.mu is held.
func (p *Proxy) evict(before time.Time) {
	used, limiters := map[*upstream]bool{}, map[*rateLimiter]bool{}
	for key, state := range p.credentials {
		r := state.route.Load()
		if state.calls.Load() == 0 && state.lastUsed.Load() < before.Unix() {
			delete(p.credentials, key)
			p.config.Breakers.Unbind(key.workspace, key.credential)
		} else if r != nil {
			used[r.upstream] = true
		}
	}
	for key, u := range p.upstreams {
		if used[u] || u.calls.Load() > 0 {
			limiters[u.limiter] = true
			continue
		}
		u.conns.Close()
		p.config.Breakers.Remove(u.breaker)
		delete(p.upstreams, key)
	}
	for key, limiter := range p.limiters {
		if !limiters[limiter] && limiter.queueLength() == 0 {
			delete(p.limiters, key)
		}
	}
}

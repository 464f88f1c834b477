package proxy

import (
	"crypto/hmac"
	"crypto/sha256"
	"sync/atomic"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/evict"
	"paycorcred/paycor/proxy/h1"
)

// upstream is an environment called with one subscription key. It has its own circuit
// breaker, so that the failures of one customer's application do not reach another
// customer.
type upstream struct {
	endpoint *endpoint
	breaker  *breaker.Breaker
	limiter  *rateLimiter // shared by all environments that the key is used in
	calls    atomic.Int32 // in flight
	lastUsed atomic.Int64 // Unix seconds
	evicted  atomic.Bool  // it is no longer the upstream of its key
}

type upstreamKey struct {
	endpoint *endpoint
	key      fingerprint
}

// upstreamOf returns the upstream for a key. p.mu is held.
func (p *Proxy) upstreamOf(e *endpoint, key fingerprint, now int64) *upstream {
	u := p.upstreams[upstreamKey{e, key}]
	if u != nil {
		return u
	}
	if len(p.upstreams) >= p.config.maxCredentials {
		p.evictUpstream()
	}
	limiter := p.limiterOf(key)
	limiter.upstreams++
	u = &upstream{endpoint: e, limiter: limiter, breaker: p.config.Breakers.Add(e.name)}
	u.lastUsed.Store(now)
	p.upstreams[upstreamKey{e, key}] = u
	return u
}

// limiterOf returns the rate limiter of a key. p.mu is held.
func (p *Proxy) limiterOf(key fingerprint) *rateLimiter {
	limiter := p.limiters[key]
	if limiter == nil {
		p.evictLimiters()
		limiter = newRateLimiter(p.rateLimits)
		p.limiters[key] = limiter
	}
	return limiter
}

// CountOwn counts a call that this server is about to make for itself, such as one of a
// verification, against the limit of its subscription key, because Paycor counts it. Such a
// call waits for no other: a fifth of the limit may be used by them even if calls have used
// all of it. Beyond that CountOwn counts nothing, and returns how long not to make the call.
func (p *Proxy) CountOwn(key paycor.Secret) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock() // until the call is counted, or another one could evict the limiter
	return p.admission.takeOwn(p.limiterOf(p.fingerprint(key)), time.Now())
}

// evictUpstream forgets an upstream without calls that was not used for long. p.mu is
// held.
func (p *Proxy) evictUpstream() {
	key, ok := evict.Oldest(p.upstreams, func(u *upstream) (int64, bool) { return u.lastUsed.Load(), u.calls.Load() == 0 })
	if !ok {
		return
	}
	u := p.upstreams[key]
	u.evicted.Store(true)
	p.config.Breakers.Remove(u.breaker)
	delete(p.upstreams, key)
	p.limiters[key.key].upstreams--
}

// evictLimiters forgets limiters that no upstream uses and that have forgotten their
// calls themselves: until then, a key must not start with a fresh minute. It looks at a few
// for each new one, so that most of those that remain were used lately. p.mu is held.
func (p *Proxy) evictLimiters() {
	now, seen := time.Now(), 0
	for key, l := range p.limiters { // in random order
		if l.upstreams == 0 && p.admission.unused(l, now) {
			delete(p.limiters, key)
		}
		if seen++; seen == 8 {
			return
		}
	}
}

// poolKey names the connections of a workspace to an endpoint. Customers share none, so
// that no response of Paycor's to one can reach another.
type poolKey struct {
	workspace string
	endpoint  *endpoint
}

// maxPools is how many pools are kept before one without connections is forgotten.
const maxPools = 1024

// poolOf returns the connections of a workspace. p.mu is held.
func (p *Proxy) poolOf(workspace string, e *endpoint) *h1.Pool {
	key := poolKey{workspace, e}
	pool := p.pools[key]
	if pool == nil {
		if len(p.pools) >= maxPools {
			if unused, ok := evict.Oldest(p.pools, func(pool *h1.Pool) (int64, bool) { return 0, pool.Open() == 0 }); ok {
				delete(p.pools, unused)
			}
		}
		pool = h1.NewPool(e.conns)
		p.pools[key] = pool
	}
	return pool
}

// fingerprint identifies a subscription key in maps that should not hold the
// key itself. It is keyed with a seed of the process, so half a hash is enough.
type fingerprint [sha256.Size / 2]byte

func (p *Proxy) fingerprint(key paycor.Secret) (sum fingerprint) {
	mac := hmac.New(sha256.New, p.seed[:])
	_, _ = mac.Write([]byte(key.Reveal()))
	copy(sum[:], mac.Sum(nil))
	return sum
}

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

// keyLimiter is the rate limiter of a key.
type keyLimiter struct {
	*rateLimiter
	upstreams int   // that use it
	lastUsed  int64 // Unix seconds, of the last one that was evicted
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
	limiter := p.limiterOf(key, now)
	limiter.upstreams++
	u = &upstream{endpoint: e, limiter: limiter.rateLimiter, breaker: p.config.Breakers.Add(e.name)}
	u.lastUsed.Store(now)
	p.upstreams[upstreamKey{e, key}] = u
	return u
}

// limiterOf returns the rate limiter of a key. p.mu is held.
func (p *Proxy) limiterOf(key fingerprint, now int64) *keyLimiter {
	limiter := p.limiters[key]
	if limiter == nil {
		p.evictLimiters(now)
		limiter = &keyLimiter{rateLimiter: newRateLimiter(p.config.CallsPerMinute)}
		p.limiters[key] = limiter
	}
	return limiter
}

// CountOwn counts a call that this server is about to make for itself, such as one of a
// verification, against the limit of its subscription key, because Paycor counts it. Such a
// call waits for no other: a fifth of the limit may be used by them even if calls have used
// all of it. Beyond that CountOwn counts nothing, and returns how long not to make the call.
func (p *Proxy) CountOwn(key paycor.Secret) (wait time.Duration) {
	now := time.Now()
	p.mu.Lock()
	limiter := p.limiterOf(p.fingerprint(key), now.Unix())
	limiter.lastUsed = now.Unix()
	p.mu.Unlock()
	return p.admission.takeOwn(limiter.rateLimiter, now)
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
	limiter := p.limiters[key.key]
	limiter.upstreams--
	limiter.lastUsed = max(limiter.lastUsed, u.lastUsed.Load())
}

// evictLimiters forgets limiters that no upstream uses and that have forgotten their
// calls themselves: until then, a key must not start with a fresh minute. Two for each
// new one keep their number at that of the keys used lately. p.mu is held.
func (p *Proxy) evictLimiters(now int64) {
	const remembered = int64(2 * rateWindow / time.Second)
	for range 2 {
		key, ok := evict.Oldest(p.limiters, func(l *keyLimiter) (int64, bool) {
			return l.lastUsed, l.upstreams == 0 && l.lastUsed < now-remembered && p.admission.waiting(l.rateLimiter) == 0
		})
		if !ok {
			return
		}
		delete(p.limiters, key)
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
// key itself. It is keyed with a seed of the process.
type fingerprint [sha256.Size]byte

func (p *Proxy) fingerprint(key paycor.Secret) (sum fingerprint) {
	mac := hmac.New(sha256.New, p.seed[:])
	_, _ = mac.Write([]byte(key.Reveal()))
	mac.Sum(sum[:0])
	return sum
}

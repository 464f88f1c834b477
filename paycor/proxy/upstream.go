package proxy

import (
	"crypto/hmac"
	"crypto/sha256"
	"sync/atomic"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/proxy/h1"
)

// upstream is an environment called with one subscription key. It has its own
// connections and circuit breaker, so that neither the failures of one
// customer's application nor Paycor's responses to it reach another customer.
type upstream struct {
	endpoint *endpoint
	conns    *h1.Pool
	breaker  *breaker.Breaker
	limiter  *rateLimiter // shared by all environments that the key is used in
	calls    atomic.Int32 // in flight
}

type upstreamKey struct {
	endpoint *endpoint
	key      fingerprint
}

// upstreamOf returns the upstream for a key. p.mu is held.
func (p *Proxy) upstreamOf(e *endpoint, key fingerprint) *upstream {
	u := p.upstreams[upstreamKey{e, key}]
	if u != nil {
		return u
	}
	if len(p.upstreams) >= maxCredentials {
		p.evict(time.Now().Add(-evictAfter))
	}
	limiter := p.limiters[key]
	if limiter == nil {
		limiter = newRateLimiter(p.config.CallsPerMinute)
		p.limiters[key] = limiter
	}
	u = &upstream{endpoint: e, limiter: limiter, conns: h1.NewPool(e.conns), breaker: p.config.Breakers.Add(e.name)}
	p.upstreams[upstreamKey{e, key}] = u
	return u
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

package proxy

import (
	"sync/atomic"
	"time"

	"paycorcred/paycor/breaker"
)

// way is how the calls with one subscription key go to one environment. It has
// connections and a breaker of its own: what is wrong with one customer's
// application, and what Paycor answers to it, touches nobody else's.
type way struct {
	gate    *gate
	limit   *bucket
	breaker *breaker.Breaker
	lines   *lines
	calls   atomic.Int32
}

type wayKey struct {
	gate *gate
	key  fingerprint
}

// wayOf returns the way of a key to an environment. p.mu is held.
func (p *Proxy) wayOf(g *gate, key fingerprint) *way {
	w := p.ways[wayKey{g, key}]
	if w != nil {
		return w
	}
	if len(p.ways) >= mostLanes {
		p.forget(time.Now().Add(-time.Hour).Unix())
	}
	limit := p.limits[key]
	if limit == nil {
		limit = newBucket(p.config.CallsPerMinute)
		p.limits[key] = limit
	}
	w = &way{gate: g, limit: limit, lines: g.newLines(), breaker: p.config.Breakers.Add(g.name)}
	p.ways[wayKey{g, key}] = w
	return w
}

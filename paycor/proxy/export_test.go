package proxy

import (
	"context"
	"net/http"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/proxy/h1"
)

// RateLimiter exposes the rate limiter.
type RateLimiter struct{ *rateLimiter }

// NewRateLimiter returns a limiter.
func NewRateLimiter(perMinute int) RateLimiter { return RateLimiter{newRateLimiter(perMinute)} }

// Acquire asks for a permit. It returns whether one was granted or else when to
// try again.
func (l RateLimiter) Acquire(ctx context.Context, consumer string, maxWait time.Duration) (bool, time.Duration, error) {
	p, err := l.acquire(ctx, consumer, time.Now(), maxWait)
	return p.granted, p.reset, err
}

// BackOff stops all calls for a while.
func (l RateLimiter) BackOff(d time.Duration) { l.backOff(d) }

// CancelGranted cancels a waiter at the moment in which it is granted a permit.
func (l RateLimiter) CancelGranted() { l.cancel(&queue{}, &waiter{granted: true}) }

// Waiting returns how many calls wait.
func (l RateLimiter) Waiting() int { return l.queueLength() }

// ValidateRequest validates a request as a call does.
func ValidateRequest(r *http.Request) error {
	return (&call{r: r, request: h1.Request{Target: "/v1/a"}}).validate()
}

// CheckTarget is checkTarget.
func CheckTarget(target string) error { return checkTarget(target) }

// ForwardedTrailers is forwardedTrailers.
func ForwardedTrailers(trailer http.Header) []string { return forwardedTrailers(trailer) }

// Breakers returns the circuit breakers that the proxy uses.
func (p *Proxy) Breakers() *breaker.Registry { return p.config.Breakers }

// Calls returns how many calls are under way.
func (p *Proxy) Calls() (n int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, u := range p.upstreams {
		n += int(u.calls.Load())
	}
	return n
}

// InUse returns how many slots are taken.
func (p *Proxy) InUse() int { return p.quota.InUse() }

// Waiting returns how many calls wait for the rate limiters.
func (p *Proxy) Waiting() (n int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, limiter := range p.limiters {
		n += limiter.queueLength()
	}
	return n
}

// CloseIdle closes idle connections, as time would.
func (p *Proxy) CloseIdle() {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, pool := range p.pools {
		pool.CloseIdle()
	}
}

// Open returns how many connections to Paycor exist.
func (p *Proxy) Open() (n int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, pool := range p.pools {
		n += pool.Open()
	}
	return n
}

// WithMaxCredentials bounds what the proxy remembers.
func WithMaxCredentials(config Config, max int) Config {
	config.maxCredentials = max
	return config
}

// SharesConnections reports whether two workspaces use the same connections.
func (p *Proxy) SharesConnections(environment paycor.Environment, one, other string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	e, err := p.endpointOf(environment)
	return err == nil && p.poolOf(one, e) == p.poolOf(other, e)
}

// Remembered returns how many credentials, upstreams and rate limiters are remembered.
func (p *Proxy) Remembered() (credentials, upstreams, limiters int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return len(p.credentials), len(p.upstreams), len(p.limiters)
}

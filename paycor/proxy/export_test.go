package proxy

import (
	"context"
	"net/http"
	"time"

	"paycorcred/paycor/breaker"
)

// Bucket is a limiter, as the tests may use it.
type Bucket struct{ *bucket }

// NewBucket returns a limiter that lets a number of calls through in a minute.
func NewBucket(perMinute int) Bucket { return Bucket{newBucket(perMinute)} }

// Take asks for leave, and returns whether it was given, or when it is worth
// coming back.
func (b Bucket) Take(ctx context.Context, consumer string, patience time.Duration) (bool, time.Duration, error) {
	said, err := b.take(ctx, consumer, time.Now(), patience)
	return said.granted, said.reset, err
}

// Pause keeps everybody back.
func (b Bucket) Pause(wait time.Duration) { b.pause(wait) }

// GiveUp leaves at the moment in which leave was given.
func (b Bucket) GiveUp() { b.giveUp(&queue{}, &ticket{granted: true}) }

// Waiting returns how many wait.
func (b Bucket) Waiting() int { return b.held() }

// CheckRequest looks at a request as a call does.
func CheckRequest(r *http.Request) error { return (&call{r: r, target: "/v1/a"}).check() }

// CheckTarget is checkTarget.
func CheckTarget(target string) error { return checkTarget(target) }

// Declared is declared.
func Declared(trailer http.Header) []string { return declared(trailer) }

// Breakers returns the circuit breakers that the proxy uses.
func (p *Proxy) Breakers() *breaker.Registry { return p.config.Breakers }

// Calls returns how many calls are on their way upstream.
func (p *Proxy) Calls() (n int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, w := range p.ways {
		n += int(w.calls.Load())
	}
	return n
}

// Waiting returns how many calls wait for the rate limiter.
func (p *Proxy) Waiting() (n int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, w := range p.ways {
		n += w.limit.held()
	}
	return n
}

// LetGo closes idle connections, as time would.
func (p *Proxy) LetGo() {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, w := range p.ways {
		w.lines.mu.Lock()
		free := w.lines.free
		w.lines.free = nil
		w.lines.mu.Unlock()
		for _, l := range free {
			w.lines.drop(l)
		}
	}
}

// Open returns how many connections to Paycor there are.
func (p *Proxy) Open() (n int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, w := range p.ways {
		w.lines.mu.Lock()
		n += w.lines.open
		w.lines.mu.Unlock()
	}
	return n
}

package proxy

import (
	"context"
	"io"
	"net/http"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/breaker"
	"paycorcred/paycor/proxy/h1"
	"paycorcred/paycor/quota"
)

// RateLimiter exposes the rate limiter of an admission with many slots.
type RateLimiter struct {
	*admission
	limiter *rateLimiter
}

// NewRateLimiter returns a limiter of the only server.
func NewRateLimiter(perMinute int) RateLimiter { return NewSharedRateLimiter(perMinute, nil) }

// NewSharedRateLimiter returns a limiter of one of several servers.
func NewSharedRateLimiter(perMinute int, servers func() int) RateLimiter {
	return RateLimiter{newAdmission(quota.New(1<<20, func(quota.Principal) int { return 1 << 20 })), newRateLimiter(newRateLimits(perMinute, servers))}
}

// Acquire asks for a permit. It returns whether one was granted or else when to
// try again.
func (l RateLimiter) Acquire(ctx context.Context, consumer string, maxWait time.Duration) (bool, time.Duration, error) {
	p, err := l.acquire(ctx, requestOf(consumer, "cred_1", l.limiter, maxWait), time.Now())
	return p.granted, p.reset, err
}

// TakeOwn counts a call of the server itself.
func (l RateLimiter) TakeOwn() time.Duration { return l.takeOwn(l.limiter, time.Now()) }

// AcquireAndCancel gets a permit and gives it back.
func (l RateLimiter) AcquireAndCancel(ctx context.Context, consumer string) bool {
	p, _ := l.acquire(ctx, requestOf(consumer, "cred_1", l.limiter, 0), time.Now())
	if p.granted {
		l.admission.cancel(p, l.limiter)
	}
	return p.granted
}

// BackOff stops all calls for a while.
func (l RateLimiter) BackOff(d time.Duration) { l.backOff(l.limiter, d) }

// Waiting returns how many calls wait.
func (l RateLimiter) Waiting() int { return l.waitingFor(l.limiter) }

// Admission exposes an admission of calls with one key.
type Admission struct{ RateLimiter }

// NewAdmission returns an admission with so many slots, some for each consumer.
func NewAdmission(slots int, perConsumer map[string]int, perMinute int) Admission {
	return Admission{RateLimiter{newAdmission(quota.New(slots, func(principal quota.Principal) int {
		if limit := perConsumer[principal.ID]; limit > 0 {
			return limit
		}
		return slots
	})), newRateLimiter(newRateLimits(perMinute, nil))}}
}

// Acquire returns the function that releases the slot; nil if there is none in time.
func (a Admission) Acquire(ctx context.Context, consumer, credential string, maxWait time.Duration) (func(), error) {
	p, err := a.acquire(ctx, requestOf(consumer, credential, a.limiter, maxWait), time.Now())
	if !p.granted {
		return nil, err
	}
	return func() { a.release(p) }, err
}

// InUse returns how many slots are taken.
func (a Admission) InUse() int { return a.slots.InUse() }

// Used returns how many calls of the minute are used up.
func (a Admission) Used() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return int(a.limiter.total)
}

// Empty reports whether nothing is remembered of calls that wait.
func (a Admission) Empty() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.ready)+len(a.consumers)+len(a.queues)+len(a.limiter.parked())+len(a.limiter.waiting()) == 0
}

// PendingInMemory is pendingInMemory.
func PendingInMemory(limit int64) int { return pendingInMemory(limit) }

func requestOf(consumer, credential string, limiter *rateLimiter, maxWait time.Duration) request {
	return request{
		principals: []quota.Principal{
			{Kind: quota.KindCaller, ID: consumer}, {Kind: quota.KindCredential, ID: credential},
			{Kind: quota.KindCallerAndCredential, ID: credential + " " + consumer},
		}, limiter: limiter, maxWait: maxWait,
	}
}

// ValidateRequest validates a request as a call does.
func ValidateRequest(r *http.Request) error {
	return (&call{r: r, request: h1.Request{Target: "/v1/a"}}).validate()
}

// CheckTarget is checkTarget.
func CheckTarget(target string) error { return checkTarget(target) }

// CallerBody exposes the body of a caller's request.
type CallerBody struct{ callerBody }

// NewCallerBody returns a body that must make progress within stall.
func NewCallerBody(w http.ResponseWriter, from io.Reader, stall time.Duration) *CallerBody {
	return &CallerBody{callerBody{from: from, control: http.NewResponseController(w), stall: stall}}
}

// Failure returns why the body could not be read, and whether it came too slowly.
func (b *CallerBody) Failure() (err error, timedOut bool) { return b.err, b.timedOut }

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
func (p *Proxy) InUse() int { return p.admission.slots.InUse() }

// Pending returns how many calls wait or are under way.
func (p *Proxy) Pending() int { return p.pending.InUse() }

// Waiting returns how many calls wait for a slot or a rate limiter.
func (p *Proxy) Waiting() (n int) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, limiter := range p.limiters {
		n += p.admission.waitingFor(limiter)
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

// LingerFor changes how long the rest of a body is discarded.
func LingerFor(config *Config, d time.Duration) { config.lingerTimeout = d }

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

// waitingFor returns how many calls wait for a limiter.
func (a *admission) waitingFor(l *rateLimiter) (calls int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, n := range l.waiting() {
		calls += n
	}
	return calls
}

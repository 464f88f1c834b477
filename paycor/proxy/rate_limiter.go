package proxy

import (
	"context"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	rateWindow     = time.Minute // in which Paycor counts calls
	maxQueueLength = 256         // calls of one consumer that wait for one key
)

// rateLimiter limits the calls with one subscription key. It is a token bucket:
// a tenth of a minute's calls may go at once and the rest at an even rate, so
// that no minute has more than Paycor allows, wherever it starts. Calls that
// have to wait queue by consumer, and the queues take turns, so a consumer with
// a thousand calls does not keep out one with a single call.
type rateLimiter struct {
	perMinute int
	rate      float64 // calls per second
	burst     float64
	policy    []string // the RateLimit-Policy header

	mu           sync.Mutex
	tokens       float64
	refilledAt   time.Time
	backoffUntil time.Time // when Paycor asked to wait
	queues       []*queue  // not empty; the first one is next
	waiting      int       // in all queues
	timer        *time.Timer
}

// queue holds the waiting calls of one consumer.
type queue struct {
	consumer string
	waiters  []*waiter
}

type waiter struct {
	ready   chan struct{} // closed when a permit is granted
	granted bool
}

// permit is the limiter's decision about a call.
type permit struct {
	remaining int           // calls that could go at once
	reset     time.Duration // until the bucket is full or, if not granted, until it is worth trying again
	waited    time.Duration
	granted   bool
	backoff   bool // not granted because Paycor asked to wait
}

func newRateLimiter(perMinute int) *rateLimiter {
	burst := max(1, float64(perMinute)/10)
	return &rateLimiter{
		perMinute: perMinute, burst: burst, rate: max(float64(perMinute)-burst, 1) / rateWindow.Seconds(),
		policy: []string{`"paycor";q=` + strconv.Itoa(perMinute) + ";w=60"},
		tokens: burst, refilledAt: time.Now(),
	}
}

// refill adds the tokens since the last refill. l.mu is held.
func (l *rateLimiter) refill(now time.Time) {
	if elapsed := now.Sub(l.refilledAt).Seconds(); elapsed > 0 {
		l.tokens, l.refilledAt = min(l.burst, l.tokens+elapsed*l.rate), now
	}
}

// available reports whether a call may go now. l.mu is held, tokens are refilled.
func (l *rateLimiter) available(now time.Time) bool {
	return l.tokens >= 1 && !now.Before(l.backoffUntil)
}

// acquire waits for a permit, unless that would take longer than maxWait. An
// error is that of the context.
func (l *rateLimiter) acquire(ctx context.Context, consumer string, now time.Time, maxWait time.Duration) (permit, error) {
	l.mu.Lock()
	l.refill(now)
	if l.waiting == 0 && l.available(now) {
		l.tokens--
		p := l.grantedPermit()
		l.mu.Unlock()
		return p, nil
	}
	q := l.queueOf(consumer)
	if wait := l.estimateWait(now, q); wait > maxWait || q != nil && len(q.waiters) >= maxQueueLength {
		backoff := wait <= l.backoffUntil.Sub(now)
		l.mu.Unlock()
		return permit{reset: wait, backoff: backoff}, nil
	}
	if q == nil {
		q = &queue{consumer: consumer}
		l.queues = append(l.queues, q)
	}
	w := &waiter{ready: make(chan struct{})}
	q.waiters = append(q.waiters, w)
	l.waiting++
	l.scheduleGrant(now)
	l.mu.Unlock()

	select {
	case <-w.ready:
		l.mu.Lock()
		defer l.mu.Unlock()
		p := l.grantedPermit()
		p.waited = time.Since(now)
		return p, nil
	case <-ctx.Done():
		l.cancel(q, w)
		return permit{}, ctx.Err()
	}
}

// grantedPermit describes the bucket after a token was taken. l.mu is held.
func (l *rateLimiter) grantedPermit() permit {
	return permit{granted: true, remaining: int(l.tokens), reset: toDuration((l.burst - l.tokens) / l.rate)}
}

// queueOf returns the queue of a consumer, or nil. l.mu is held.
func (l *rateLimiter) queueOf(consumer string) *queue {
	for _, q := range l.queues {
		if q.consumer == consumer {
			return q
		}
	}
	return nil
}

// estimateWait returns how long a call that joins the queue now would wait.
// Because queues take turns, at most as many calls of each other queue go first
// as there are in its own. l.mu is held.
func (l *rateLimiter) estimateWait(now time.Time, own *queue) time.Duration {
	length := 0
	if own != nil {
		length = len(own.waiters)
	}
	ahead := length
	for _, q := range l.queues {
		if q != own {
			ahead += min(len(q.waiters), length+1)
		}
	}
	return max(toDuration((float64(ahead)+1-l.tokens)/l.rate), l.backoffUntil.Sub(now), 0)
}

// scheduleGrant sets the timer for when the next call may go. l.mu is held.
func (l *rateLimiter) scheduleGrant(now time.Time) {
	const minDelay = 100 * time.Microsecond // rounding must not make the timer spin
	delay := max(toDuration((1-l.tokens)/l.rate), l.backoffUntil.Sub(now), minDelay)
	if l.timer == nil {
		l.timer = time.AfterFunc(delay, l.grant)
		return
	}
	l.timer.Reset(delay)
}

// grant gives permits to the calls that may go, one of each queue in turn.
func (l *rateLimiter) grant() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.refill(now)
	for l.waiting > 0 && l.available(now) {
		first := l.queues[0]
		w := first.waiters[0]
		first.waiters = first.waiters[1:]
		l.queues = l.queues[1:]
		if len(first.waiters) > 0 {
			l.queues = append(l.queues, first)
		}
		l.waiting--
		l.tokens--
		w.granted = true
		close(w.ready)
	}
	if l.waiting > 0 {
		l.scheduleGrant(now)
	}
}

// cancel removes a waiter from its queue, or returns the permit it was granted
// at the same moment.
func (l *rateLimiter) cancel(q *queue, w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.granted {
		l.tokens = min(l.burst, l.tokens+1)
		return
	}
	q.waiters = slices.DeleteFunc(q.waiters, func(other *waiter) bool { return other == w })
	if len(q.waiters) == 0 {
		l.queues = slices.DeleteFunc(l.queues, func(other *queue) bool { return other == q })
	}
	l.waiting--
}

// backOff stops all calls for as long as Paycor asks, up to a minute.
func (l *rateLimiter) backOff(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := time.Now().Add(min(d, rateWindow)); until.After(l.backoffUntil) {
		l.backoffUntil = until
	}
}

// queueLength returns how many calls wait.
func (l *rateLimiter) queueLength() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting
}

// header returns the permit as a RateLimit header of
// draft-ietf-httpapi-ratelimit-headers.
func (p permit) header() string {
	var buffer [40]byte
	text := append(buffer[:0], `"paycor";r=`...)
	text = strconv.AppendInt(text, int64(p.remaining), 10)
	text = append(text, ";t="...)
	return string(strconv.AppendInt(text, int64(ceilSeconds(p.reset)), 10))
}

// toDuration converts seconds, with a maximum.
func toDuration(seconds float64) time.Duration {
	return time.Duration(min(max(seconds, 0), 24*time.Hour.Seconds()) * float64(time.Second))
}

// ceilSeconds rounds up, because to try again too early only fails again.
func ceilSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

package proxy

import (
	"context"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"
)

// window is what Paycor counts calls in.
const window = time.Minute

// longestQueue bounds how many calls of one consumer wait for one key.
const longestQueue = 256

// bucket lets the calls of one subscription key through: a tenth of what a
// minute allows at once, and the rest evenly, so that no minute has more than
// Paycor allows wherever it is said to begin. Who has to wait stands in the
// queue of its consumer, and the queues take turns: a consumer with a thousand
// calls does not keep out another with one.
type bucket struct {
	perMinute int
	rate      float64 // calls a second
	burst     float64
	policy    []string // as draft-ietf-httpapi-ratelimit-headers has it

	mu      sync.Mutex
	tokens  float64
	at      time.Time // when tokens was counted
	until   time.Time // Paycor asked to be left alone until then
	queues  []*queue  // of those who wait; the first is next
	waiting int
	timer   *time.Timer
}

type queue struct {
	consumer string
	tickets  []*ticket
}

type ticket struct {
	ready   chan struct{}
	granted bool
}

// leave is what the limiter said.
type leave struct {
	granted   bool
	remaining int           // calls that could go at once
	reset     time.Duration // until the bucket is full again, or until it is worth coming back
	waited    time.Duration
	paused    bool // it is Paycor that asked to wait
}

func newBucket(perMinute int) *bucket {
	burst := max(1, float64(perMinute)/10)
	return &bucket{
		perMinute: perMinute, burst: burst, rate: max(float64(perMinute)-burst, 1) / window.Seconds(),
		policy: []string{`"paycor";q=` + strconv.Itoa(perMinute) + ";w=60"},
		tokens: burst, at: time.Now(),
	}
}

// refill counts what has come since it was last counted. b.mu is held.
func (b *bucket) refill(now time.Time) {
	if past := now.Sub(b.at).Seconds(); past > 0 {
		b.tokens, b.at = min(b.burst, b.tokens+past*b.rate), now
	}
}

// free reports whether one more call may go. b.mu is held, tokens are counted.
func (b *bucket) free(now time.Time) bool { return b.tokens >= 1 && !now.Before(b.until) }

// take waits for its turn, but not where that would come later than patience.
func (b *bucket) take(ctx context.Context, consumer string, now time.Time, patience time.Duration) (leave, error) {
	b.mu.Lock()
	b.refill(now)
	if b.waiting == 0 && b.free(now) {
		b.tokens--
		said := b.said()
		b.mu.Unlock()
		return said, nil
	}
	mine := b.queueOf(consumer)
	if wait := b.estimate(now, mine); wait > patience || mine != nil && len(mine.tickets) >= longestQueue {
		paused := wait <= b.until.Sub(now)
		b.mu.Unlock()
		return leave{reset: wait, paused: paused}, nil
	}
	if mine == nil {
		mine = &queue{consumer: consumer}
		b.queues = append(b.queues, mine)
	}
	t := &ticket{ready: make(chan struct{})}
	mine.tickets = append(mine.tickets, t)
	b.waiting++
	b.arm(now)
	b.mu.Unlock()

	select {
	case <-t.ready:
		b.mu.Lock()
		defer b.mu.Unlock()
		said := b.said()
		said.waited = time.Since(now)
		return said, nil
	case <-ctx.Done():
		b.giveUp(mine, t)
		return leave{}, ctx.Err()
	}
}

// said returns the answer for somebody who may go. b.mu is held.
func (b *bucket) said() leave {
	return leave{granted: true, remaining: int(b.tokens), reset: seconds((b.burst - b.tokens) / b.rate)}
}

func (b *bucket) queueOf(consumer string) *queue {
	for _, q := range b.queues {
		if q.consumer == consumer {
			return q
		}
	}
	return nil
}

// estimate says when a call that comes now would go: the queues take turns, so
// of each other one as many are before it as stand in its own. b.mu is held.
func (b *bucket) estimate(now time.Time, mine *queue) time.Duration {
	own := 0
	if mine != nil {
		own = len(mine.tickets)
	}
	before := own
	for _, q := range b.queues {
		if q != mine {
			before += min(len(q.tickets), own+1)
		}
	}
	return max(seconds((float64(before)+1-b.tokens)/b.rate), b.until.Sub(now), 0)
}

// arm sees to it that the next one is let go in time. b.mu is held.
func (b *bucket) arm(now time.Time) {
	const least = 100 * time.Microsecond // or what is lost by rounding would be waited for in a circle
	next := max(seconds((1-b.tokens)/b.rate), b.until.Sub(now), least)
	if b.timer == nil {
		b.timer = time.AfterFunc(next, b.release)
		return
	}
	b.timer.Reset(next)
}

// release lets go who may, one of each queue in turn.
func (b *bucket) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.refill(now)
	for b.waiting > 0 && b.free(now) {
		first := b.queues[0]
		t := first.tickets[0]
		first.tickets = first.tickets[1:]
		b.queues = b.queues[1:]
		if len(first.tickets) > 0 {
			b.queues = append(b.queues, first)
		}
		b.waiting--
		b.tokens--
		t.granted = true
		close(t.ready)
	}
	if b.waiting > 0 {
		b.arm(now)
	}
}

// giveUp takes a ticket out of its queue, or gives back what it was granted.
func (b *bucket) giveUp(mine *queue, t *ticket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.granted {
		b.tokens = min(b.burst, b.tokens+1)
		return
	}
	mine.tickets = slices.DeleteFunc(mine.tickets, func(other *ticket) bool { return other == t })
	if len(mine.tickets) == 0 {
		b.queues = slices.DeleteFunc(b.queues, func(q *queue) bool { return q == mine })
	}
	b.waiting--
}

// pause keeps everybody back for as long as Paycor asked.
func (b *bucket) pause(wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := time.Now().Add(min(wait, window)); until.After(b.until) {
		b.until = until
	}
}

// held returns how many wait.
func (b *bucket) held() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting
}

// seconds turns a number into a duration, and what cannot be one into the
// longest that makes sense here.
func seconds(number float64) time.Duration {
	return time.Duration(min(max(number, 0), 24*time.Hour.Seconds()) * float64(time.Second))
}

// whole rounds up to seconds, because coming back too early only fails again.
func whole(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// field writes the leave as draft-ietf-httpapi-ratelimit-headers has it.
func (l leave) field() string {
	var room [40]byte
	text := append(room[:0], `"paycor";r=`...)
	text = strconv.AppendInt(text, int64(l.remaining), 10)
	text = append(text, ";t="...)
	return string(strconv.AppendInt(text, int64(whole(l.reset)), 10))
}

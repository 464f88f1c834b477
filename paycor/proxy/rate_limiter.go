package proxy

import (
	"math"
	"slices"
	"strconv"
	"time"

	"paycorcred/paycor/quota"
)

// rateLimiter limits the calls with one subscription key to so many in any minute. All of
// a minute's calls may go at once. The admission's lock guards it.
//
// There can be 100,000 of them, so it is small: times are durations since the limits' start,
// and what only some need is apart.
type rateLimiter struct {
	limits *rateLimits

	callWindow
	own          *callWindow   // of them, those that the server makes for itself; nil before the first
	backoffUntil time.Duration // when Paycor asked to wait
	queue        *limiterQueue // nil before the first call that waits
	upstreams    int           // that use it
}

// rateLimits are what all limiters have in common.
type rateLimits struct {
	perMinute int        // with one key, by all servers together
	servers   func() int // how many there are; nil means one
	start     time.Time
}

// share returns how many calls a minute this server may make with one key.
func (l *rateLimits) share() int {
	if l.servers == nil {
		return l.perMinute
	}
	return max(1, l.perMinute/max(1, l.servers()))
}

// limiterQueue is what waits for a limiter.
type limiterQueue struct {
	waiting map[quota.Principal]int // calls of each consumer, also those that wait for a slot
	parked  []*credentialQueue      // wait for the limit
	timer   *time.Timer             // unparks them
}

// permit is the admission's decision about a call.
type permit struct {
	remaining int           // calls that could go at once
	reset     time.Duration // until there are more or, if not granted, until it is worth trying again
	waited    time.Duration
	granted   bool
	backoff   bool // not granted because Paycor asked to wait
	crowded   bool // not granted because no slot was free
	bucket    int32
	release   func() // the slot's
}

func newRateLimits(perMinute int, servers func() int) *rateLimits {
	return &rateLimits{perMinute: perMinute, servers: servers, start: time.Now()}
}

func newRateLimiter(limits *rateLimits) *rateLimiter { return &rateLimiter{limits: limits} }

// at returns a time as the limiter keeps it.
func (l *rateLimiter) at(now time.Time) time.Duration { return now.Sub(l.limits.start) }

// left returns how many calls could go at once. It is negative for a while after another
// server started.
func (l *rateLimiter) left() int { return l.limits.share() - int(l.total) }

// unused reports whether a limiter is like a new one.
func (l *rateLimiter) unused(now time.Time) bool {
	l.advance(l.at(now)) // its own calls are among them
	return l.total == 0 && len(l.waiting()) == 0 && l.backoff(now) <= 0
}

// backoff returns how much longer to wait because Paycor asked to.
func (l *rateLimiter) backoff(now time.Time) time.Duration { return l.backoffUntil - l.at(now) }

// available reports whether the limit allows a call now.
func (l *rateLimiter) available(now time.Time) bool {
	l.advance(l.at(now))
	return l.left() > 0 && l.backoff(now) <= 0
}

// take counts a call.
func (l *rateLimiter) take(now time.Time) permit {
	bucket := l.callWindow.count()
	return permit{granted: true, bucket: bucket, remaining: max(0, l.left()), reset: l.untilFreed(1, now)}
}

// ownShare is the part of a limit, as its divisor, that the server's own calls may take
// although the limit is used up.
const ownShare = 5

// takeOwn counts a call that the server makes for itself. If it may not be made, takeOwn
// counts nothing and returns when it may.
func (l *rateLimiter) takeOwn(now time.Time) (wait time.Duration) {
	if l.own == nil {
		l.own = &callWindow{}
	}
	l.own.advance(l.at(now))
	if !l.available(now) && int(l.own.total) >= max(1, l.limits.share()/ownShare) {
		return min(l.own.untilLeft(1, l.at(now)), l.untilAvailable(now))
	}
	l.callWindow.count()
	l.own.count()
	return 0
}

// giveBack undoes take for a call that was not sent.
func (l *rateLimiter) giveBack(p permit) { l.undo(p.bucket) }

// untilFreed returns how long it takes until so many calls have left the window.
func (l *rateLimiter) untilFreed(calls int, now time.Time) time.Duration {
	if calls <= 0 {
		return 0
	}
	if beyond := calls - int(l.total); beyond > 0 { // some of them have not been made yet
		return longestWait * time.Duration(1+beyond/l.limits.share())
	}
	return l.untilLeft(calls, l.at(now))
}

// estimateWait returns how long another call of a consumer would wait for the limit.
// Because consumers take turns, at most as many calls of each other one go first as
// there are of its own.
func (l *rateLimiter) estimateWait(consumer quota.Principal, now time.Time) time.Duration {
	l.advance(l.at(now))
	own := l.waiting()[consumer]
	ahead := own
	for other, calls := range l.waiting() {
		if other != consumer {
			ahead += min(calls, own+1)
		}
	}
	return max(l.untilFreed(ahead+1-l.left(), now), l.backoff(now), 0)
}

// untilAvailable returns when to unpark calls.
func (l *rateLimiter) untilAvailable(now time.Time) time.Duration {
	const least = 100 * time.Microsecond // rounding must not make the timer spin
	return max(l.untilFreed(1-l.left(), now), l.backoff(now), least)
}

// backOff stops all calls for as long as Paycor asks, up to a minute.
func (l *rateLimiter) backOff(d time.Duration, now time.Time) {
	l.backoffUntil = max(l.backoffUntil, l.at(now)+min(d, rateWindow))
}

// addWaiting adds to the calls of a consumer that wait.
func (l *rateLimiter) addWaiting(consumer quota.Principal, change int) {
	if l.queue == nil {
		l.queue = &limiterQueue{waiting: map[quota.Principal]int{}}
	}
	if l.queue.waiting[consumer] += change; l.queue.waiting[consumer] == 0 {
		delete(l.queue.waiting, consumer)
	}
}

// waiting returns the calls of each consumer that wait.
func (l *rateLimiter) waiting() map[quota.Principal]int {
	if l.queue == nil {
		return nil
	}
	return l.queue.waiting
}

// parked returns what waits for the limit.
func (l *rateLimiter) parked() []*credentialQueue {
	if l.queue == nil {
		return nil
	}
	return l.queue.parked
}

// unpark removes a queue from those that wait for the limit.
func (l *rateLimiter) unpark(one *credentialQueue) {
	l.queue.parked = slices.DeleteFunc(l.queue.parked, func(other *credentialQueue) bool { return other == one })
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

// ceilSeconds rounds up, because to try again too early only fails again.
func ceilSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

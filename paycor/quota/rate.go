package quota

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"paycorcred/paycor"
)

// maxRateLimiters is the number of principals at which those that have been quiet are
// forgotten.
const maxRateLimiters = 4096

// Rate limits how often each principal acts: so many times a minute on average, and as
// many at once after a quiet minute. It is safe for concurrent use.
type Rate struct {
	perMinute func(Principal) int
	clock     func() time.Time
	quiet     time.Duration // whose acts may be made at once

	mu       sync.Mutex
	limiters map[Principal]*rate.Limiter
}

// NewRate returns a limiter. perMinute returns the limit of a principal; 0 is none.
func NewRate(perMinute func(Principal) int, clock func() time.Time) *Rate {
	return &Rate{perMinute: perMinute, clock: clock, quiet: time.Minute, limiters: map[Principal]*rate.Limiter{}}
}

// Take counts one act of each of the principals. If one of them is at its limit, it
// counts none, and returns how long to wait.
func (r *Rate) Take(principals ...Principal) (wait time.Duration) {
	now := r.clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	reserved := make([]*rate.Reservation, 0, len(principals))
	for _, principal := range principals {
		limiter := r.limiter(principal, now)
		if limiter == nil {
			continue
		}
		reservation := limiter.ReserveN(now, 1)
		reserved = append(reserved, reservation)
		wait = max(wait, reservation.DelayFrom(now))
	}
	if wait > 0 {
		for _, reservation := range reserved {
			reservation.CancelAt(now)
		}
	}
	return wait
}

// limiter returns the limiter of a principal; nil if it has no limit.
func (r *Rate) limiter(principal Principal, now time.Time) *rate.Limiter {
	if known := r.limiters[principal]; known != nil {
		return known
	}
	limit := r.perMinute(principal)
	if limit <= 0 {
		return nil
	}
	if len(r.limiters) >= maxRateLimiters {
		r.forgetQuiet(now)
	}
	perSecond := float64(limit) / 60
	limiter := rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond*r.quiet.Seconds())))
	r.limiters[principal] = limiter
	return limiter
}

// forgetQuiet forgets the principals that may act as often as ones that never did.
func (r *Rate) forgetQuiet(now time.Time) {
	for principal, limiter := range r.limiters {
		if limiter.TokensAt(now) >= float64(limiter.Burst()) {
			delete(r.limiters, principal)
		}
	}
}

// KindTooOften is the kind of the error for a caller who is at a Rate. Its status is
// 429.
const KindTooOften paycor.Kind = "change_limit"

// Changes returns the limits on what callers may change: a caller so many times a
// minute, an embedding site with all its users twice as often, and a workspace four
// times. Without it, one caller could fill the disk with audit entries.
func Changes(perMinute int, clock func() time.Time) *Rate {
	return NewRate(func(principal Principal) int {
		switch principal.Kind {
		case KindWorkspace:
			return 4 * perMinute
		case KindHost:
			return 2 * perMinute
		}
		return perMinute
	}, clock)
}

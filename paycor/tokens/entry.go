package tokens

import (
	"time"

	"paycorcred/paycor/upstream"
)

// Cooldown after a failed exchange. It doubles with each failure.
const (
	minCooldown   = 2 * time.Second
	maxCooldown   = 30 * time.Second
	maxRetryAfter = 5 * time.Minute // longest Retry-After that is honored
)

// entry is what is cached about one application.
type entry struct {
	token   Token
	renewAt time.Time
	checked time.Time // when the store was last read

	failure  error // of the last exchange; returned until retryAt
	retryAt  time.Time
	cooldown time.Duration

	inflight *inflightExchange
}

// fresh reports whether the cached token can be returned without reading the
// store.
func (e *entry) fresh(now time.Time, recheck time.Duration) bool {
	return !e.token.Access.IsZero() && now.Before(e.renewAt) && (recheck < 0 || now.Sub(e.checked) < recheck)
}

// startCooldown starts the cooldown after a failed exchange.
func (e *entry) startCooldown(err error, now time.Time) {
	var wait time.Duration
	if failure, ok := upstream.AsFailure(err); ok {
		wait = min(failure.RetryAfter, maxRetryAfter)
	}
	e.cooldown = min(max(2*e.cooldown, minCooldown), maxCooldown)
	e.failure, e.retryAt = err, now.Add(max(e.cooldown, wait))
}

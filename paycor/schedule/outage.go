package schedule

import (
	"time"

	"paycorcred/paycor/verdicts"
)

// Backoff from an environment that is unreachable. It doubles each time.
const (
	minOutageBackoff = time.Minute
	maxOutageBackoff = time.Hour
)

// outages are the environments that are unreachable, by name.
type outages map[string]outage

type outage struct {
	lastFailure time.Time
	end         time.Time // no scheduled verification before
	backoff     time.Duration
}

// record updates the state of an environment after a verification that began at a
// time. If the verdict says nothing about the credential, record returns when to
// verify it again: a backoff later than the environment, so that others come first and
// a credential that always fails delays nobody. A rate limit belongs to one
// subscription key and does not hold back the environment.
func (o outages) record(environment string, verdict verdicts.Verdict, started, now time.Time) (retryAt time.Time) {
	wait := min(time.Duration(verdict.RetryAfter)*time.Second, maxOutageBackoff)
	switch {
	case verdict.Outcome == verdicts.OutcomeThrottled:
		return now.Add(max(wait, maxOutageBackoff/2))
	case verdict.Outcome.Conclusive():
		delete(o, environment)
		return time.Time{}
	}
	if out, until := o.until(environment, now); out && started.Before(o[environment].lastFailure) {
		return latest(until, now).Add(o[environment].backoff) // it ran when the outage began
	}
	backoff := min(max(2*o[environment].backoff, minOutageBackoff), maxOutageBackoff)
	end := now.Add(max(backoff, wait))
	o[environment] = outage{lastFailure: now, end: end, backoff: backoff}
	return end.Add(backoff)
}

// until returns whether an environment is unreachable, as far as is known, and until
// when it is backed off from. An end that is further away than any backoff was set by a
// clock that was ahead.
func (o outages) until(environment string, now time.Time) (out bool, until time.Time) {
	state, out := o[environment]
	if out && state.end.Sub(now) > maxOutageBackoff {
		delete(o, environment)
		return false, time.Time{}
	}
	return out, state.end
}

// backoffUntil returns until when an environment is backed off from. If
// something in it works again, the shortest backoff applies.
func (o outages) backoffUntil(environment string, works bool, now time.Time) time.Time {
	_, until := o.until(environment, now)
	if soon := o[environment].lastFailure.Add(minOutageBackoff); works && soon.Before(until) {
		return soon
	}
	return until
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

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
	until       time.Time // no scheduled verification before
	backoff     time.Duration
}

// record updates the state of an environment. If the verdict says nothing about
// the credential, record returns when to verify it again: a backoff later than
// the environment, so that others come first and a credential that always fails
// delays nobody. A rate limit belongs to one subscription key and does not hold
// back the environment.
func (o outages) record(environment string, verdict verdicts.Verdict, now time.Time) (retryAt time.Time) {
	wait := min(time.Duration(verdict.RetryAfter)*time.Second, maxOutageBackoff)
	switch {
	case verdict.Outcome == verdicts.OutcomeThrottled:
		return now.Add(max(wait, maxOutageBackoff/2))
	case verdict.Outcome.Conclusive():
		delete(o, environment)
		return time.Time{}
	}
	backoff := min(max(2*o[environment].backoff, minOutageBackoff), maxOutageBackoff)
	until := now.Add(max(backoff, wait))
	o[environment] = outage{lastFailure: now, until: until, backoff: backoff}
	return until.Add(backoff)
}

// backoffUntil returns until when an environment is backed off from. If
// something in it works again, the shortest backoff applies.
func (o outages) backoffUntil(environment string, works bool) time.Time {
	state := o[environment]
	if soon := state.lastFailure.Add(minOutageBackoff); works && soon.Before(state.until) {
		return soon
	}
	return state.until
}

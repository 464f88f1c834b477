package web

import (
	"math"
	"net/http"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/quota"
)

// changeLimit limits how often callers change something: each change has an entry in
// the audit trail, so that a caller without a limit could fill the disk. It counts
// every request with an unsafe method, also one that is refused later, except for
// routes that say that they change nothing or have a limit of their own, and those of routes that say that they add
// an entry although their method is safe.
type changeLimit struct{ rate *quota.Rate }

// take counts a request, or returns the error to respond with.
func (l changeLimit) take(r *http.Request, caller paycor.Caller) error {
	policy, safe := infoOf(r).policy, r.Method == http.MethodGet || r.Method == http.MethodHead
	if safe && !policy.recorded || policy.unlimited {
		return nil
	}
	wait := l.rate.Take(quota.PrincipalsOf(caller)...)
	if wait == 0 {
		return nil
	}
	seconds := int(math.Ceil(wait.Seconds()))
	return &paycor.Error{
		Kind: quota.KindTooOften, RetryAfter: time.Duration(seconds) * time.Second, Message: message.New("error.change-limit", seconds),
	}
}

package verdicts

// Outage says why a verification ended without a conclusive verdict.
type Outage string

// The kinds of outage. Only the first two mean that Paycor was not reached.
const (
	OutageNone        Outage = ""
	OutageUnreachable Outage = "unreachable" // no connection, or it was lost
	OutageNoResponse  Outage = "no_response" // not in time
	OutageError       Outage = "error"       // Paycor answered with an error of its own
	OutageThrottled   Outage = "throttled"   // Paycor asked to wait
	OutageUnreadable  Outage = "unreadable"  // an answer that is not one of Paycor's API
	OutageUnsent      Outage = "unsent"      // nothing was sent
)

// Outage returns the kind of outage, or OutageNone for a conclusive verdict.
func (v Verdict) Outage() Outage {
	if v.Outcome.Conclusive() {
		return OutageNone
	}
	switch v.Code {
	case CodeQuota, CodeRateLimited:
		return OutageThrottled
	case CodeDNS, CodeTLS, CodeRefused, CodeBlocked, CodeReset:
		return OutageUnreachable
	case CodeTimeout:
		return OutageNoResponse
	case CodeServerError:
		return OutageError
	case CodeEnvironmentUnusable:
		return OutageUnsent
	}
	return OutageUnreadable
}

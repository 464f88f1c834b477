package tokens

import (
	"net/http"

	"paycorcred/paycor"
	"paycorcred/paycor/upstream"
)

// Fate is what has become of a refresh token or a code whose exchange failed.
type Fate string

// The fates.
const (
	Untouched Fate = "untouched" // it was not processed and is as good as before
	Dead      Fate = "dead"      // Paycor says that it takes it no longer
	Unknown   Fate = "unknown"   // it may have been used up by a request whose answer is lost
)

// FateOf reads it from the error of Refresh or Redeem.
func FateOf(err error) Fate {
	failure, ok := upstream.AsFailure(err)
	switch {
	case !ok:
		return Unknown
	case failure.Unsent || failure.Code == paycor.CodeEnvironmentUnusable:
		return Untouched
	case dead(failure.Code):
		return Dead
	case failure.Status/100 == 4 && failure.Status != http.StatusRequestTimeout && understood(failure.Code):
		return Untouched // whoever says no in the protocol's own words has not said yes before
	}
	return Unknown
}

func dead(code paycor.Code) bool {
	switch code {
	case paycor.CodeRefreshUsed, paycor.CodeCodeRefused, paycor.CodeCodeExpired, paycor.CodeVerifierMismatch, paycor.CodeRedirectMismatch:
		return true
	}
	return false
}

// understood reports that the answer was Paycor's or its gateway's own, and
// not a page of something in between.
func understood(code paycor.Code) bool {
	outcome := code.Verdict().Outcome
	return outcome.Settles() || outcome == paycor.OutcomeThrottled
}

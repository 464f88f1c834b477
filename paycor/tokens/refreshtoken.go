package tokens

import (
	"net/http"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// RefreshTokenStatus is what has become of a refresh token or a code whose exchange failed.
type RefreshTokenStatus string

// The fates.
const (
	RefreshTokenUnused  RefreshTokenStatus = "untouched" // it was not processed and is as good as before
	RefreshTokenInvalid RefreshTokenStatus = "dead"      // Paycor says that it takes it no longer
	RefreshTokenUnknown RefreshTokenStatus = "unknown"   // it may have been used up by a request whose answer is lost
)

// RefreshTokenStatusOf reads it from the error of Refresh or Redeem.
func RefreshTokenStatusOf(err error) RefreshTokenStatus {
	failure, ok := upstream.AsFailure(err)
	switch {
	case !ok:
		return RefreshTokenUnknown
	case failure.Unsent || failure.Code == verdicts.CodeEnvironmentUnusable:
		return RefreshTokenUnused
	case invalidates(failure.Code):
		return RefreshTokenInvalid
	case failure.Status/100 == 4 && failure.Status != http.StatusRequestTimeout && fromPaycor(failure.Code):
		return RefreshTokenUnused // whoever says no in the protocol's own words has not said yes before
	}
	return RefreshTokenUnknown
}

func invalidates(code verdicts.Code) bool {
	switch code {
	case verdicts.CodeRefreshUsed, verdicts.CodeCodeRefused, verdicts.CodeCodeExpired, verdicts.CodeVerifierMismatch, verdicts.CodeRedirectMismatch:
		return true
	}
	return false
}

// fromPaycor reports that the answer was Paycor's or its gateway's own, and
// not a page of something in between.
func fromPaycor(code verdicts.Code) bool {
	outcome := code.Verdict().Outcome
	return outcome.Settles() || outcome == verdicts.OutcomeThrottled
}

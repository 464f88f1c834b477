package tokens

import (
	"net/http"

	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// RefreshTokenStatus says whether a refresh token or an authorization code is
// still valid after a failed exchange.
type RefreshTokenStatus string

// The statuses.
const (
	RefreshTokenUnused  RefreshTokenStatus = "unused"  // not processed; as valid as before
	RefreshTokenInvalid RefreshTokenStatus = "invalid" // Paycor says that it no longer accepts it
	RefreshTokenUnknown RefreshTokenStatus = "unknown" // may have been used by a request whose response was lost
)

// RefreshTokenStatusOf derives the status from an error of Refresh or Redeem.
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
		return RefreshTokenUnused // a server that rejects with an OAuth error has not accepted the value before
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

// fromPaycor reports whether the response came from Paycor or its gateway, and
// not from a proxy in between.
func fromPaycor(code verdicts.Code) bool {
	outcome := code.Verdict().Outcome
	return outcome.Conclusive() || outcome == verdicts.OutcomeThrottled
}

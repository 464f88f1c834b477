package verdicts

import (
	"math"
	"time"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Code names the result of a verification. It is stable; the sentences are not.
type Code string

// The results of a verification. The first groups are about the credential, the
// next about Paycor's limits, the last about reaching Paycor.
const (
	CodeVerified           Code = "verified"
	CodeVerifiedNoAccess   Code = "verified_without_access"   // every read was denied
	CodeLooksSwapped       Code = "looks_swapped"             // nothing was sent; the verdict's fields say which
	CodeKeyRejected        Code = "subscription_key_rejected" // wrong, inactive or of another environment: the gateway does not say which
	CodeKeyInactive        Code = "subscription_key_inactive" // the gateway says so
	CodeKeyMissing         Code = "subscription_key_missing"  // the gateway did not see the key
	CodeClientRejected     Code = "client_rejected"
	CodeSecretRejected     Code = "client_secret_rejected" // the same client works with another secret
	CodeTokenRefused       Code = "token_refused"          // no token and no reason given
	CodeGrantNotAllowed    Code = "grant_not_allowed"
	CodeActivationNeeded   Code = "activation_needed"
	CodeScopeUnknown       Code = "scope_unknown"
	CodeScopeOutdated      Code = "scope_outdated"
	CodeScopeNeeded        Code = "scope_needed"
	CodeTokenNotAccepted   Code = "token_not_accepted" // the API rejects a token that was just issued
	CodeEntityNotActivated Code = "entity_not_activated"
	CodeEntityNotFound     Code = "entity_not_found"
	CodeEntityLeft         Code = "entity_left"
	CodeLegalEntityNeeded  Code = "legal_entity_needed" // the keys work, no Legal Entity ID was given
	CodeRightMissing       Code = "right_missing"
	CodeApplicationRefused Code = "application_refused" // even the call that needs no right is denied

	CodeRefreshUsed         Code = "refresh_token_used"
	CodeRefreshLost         Code = "refresh_lost"          // the answer with the next refresh token never arrived
	CodeRefreshRefused      Code = "refresh_refused"       // no token and no reason given
	CodeCodeRefused         Code = "code_refused"          // the authorization code; no reason given
	CodeCodeExpired         Code = "code_expired"          // the authorization code
	CodeVerifierMismatch    Code = "verifier_mismatch"     // PKCE
	CodeRedirectMismatch    Code = "redirect_not_approved" // not the one the code was issued for
	CodeNoRefreshToken      Code = "no_refresh_token"      // the code resulted in an access token only
	CodeActivationDenied    Code = "activation_denied"     // the person or Paycor declined
	CodeActivationFailed    Code = "activation_failed"     // Paycor's page returned no code
	CodeActivationElsewhere Code = "activation_elsewhere"  // for another company, while the previous access works
	CodeActivationExpired   Code = "activation_expired"    // the state is unknown or expired

	CodeQuota       Code = "quota"
	CodeRateLimited Code = "rate_limited"

	CodeDNS                 Code = "dns"
	CodeTLS                 Code = "tls"
	CodeRefused             Code = "refused"
	CodeBlocked             Code = "blocked" // a proxy or firewall denied the request
	CodeReset               Code = "reset"
	CodeTimeout             Code = "timeout"
	CodeServerError         Code = "server_error"
	CodeHTMLPage            Code = "html_page"
	CodeCaptivePortal       Code = "captive_portal"
	CodeRedirect            Code = "redirect"
	CodeNotJSON             Code = "not_json"
	CodeTruncated           Code = "truncated"
	CodeEmpty               Code = "empty"
	CodeRouteUnknown        Code = "route_unknown"
	CodeEnvironmentUnusable Code = "environment_unusable" // no secret may be sent to its address
	CodeUnexpected          Code = "unexpected"
)

// definition is what a code means.
type definition struct {
	code    Code
	outcome Outcome
	fields  []fields.Field
}

// definitions are all codes in the order of the constants. Their sentences are in the
// catalogue under "verdict." and the code, and with ".fix" appended for what to do.
var definitions = []definition{
	{CodeVerified, OutcomeVerified, nil},
	{CodeVerifiedNoAccess, OutcomeVerified, nil},
	{CodeLooksSwapped, OutcomeRejected, nil},
	{CodeKeyRejected, OutcomeRejected, []fields.Field{fields.SubscriptionKey}},
	{CodeKeyInactive, OutcomeRejected, []fields.Field{fields.SubscriptionKey}},
	{CodeKeyMissing, OutcomeRejected, []fields.Field{fields.SubscriptionKey}},
	{CodeClientRejected, OutcomeRejected, []fields.Field{fields.ClientID, fields.ClientSecret}},
	{CodeSecretRejected, OutcomeRejected, []fields.Field{fields.ClientSecret}},
	{CodeTokenRefused, OutcomeRejected, []fields.Field{fields.ClientID, fields.ClientSecret}},
	{CodeGrantNotAllowed, OutcomeNeedsActivation, nil},
	{CodeActivationNeeded, OutcomeNeedsActivation, nil},
	{CodeScopeUnknown, OutcomeRejected, []fields.Field{fields.Scope}},
	{CodeScopeOutdated, OutcomeRejected, []fields.Field{fields.Scope}},
	{CodeScopeNeeded, OutcomeRejected, []fields.Field{fields.Scope}},
	{CodeTokenNotAccepted, OutcomeRejected, nil},
	{CodeEntityNotActivated, OutcomeRejected, []fields.Field{fields.LegalEntityID}},
	{CodeEntityNotFound, OutcomeRejected, []fields.Field{fields.LegalEntityID}},
	{CodeEntityLeft, OutcomeRejected, []fields.Field{fields.LegalEntityID}},
	{CodeLegalEntityNeeded, OutcomeRejected, []fields.Field{fields.LegalEntityID}},
	{CodeRightMissing, OutcomeRejected, nil},
	{CodeApplicationRefused, OutcomeRejected, nil},

	{CodeRefreshUsed, OutcomeNeedsActivation, nil},
	{CodeRefreshLost, OutcomeNeedsActivation, nil},
	{CodeRefreshRefused, OutcomeNeedsActivation, nil},
	{CodeCodeRefused, OutcomeNeedsActivation, nil},
	{CodeCodeExpired, OutcomeNeedsActivation, nil},
	{CodeVerifierMismatch, OutcomeNeedsActivation, nil},
	{CodeRedirectMismatch, OutcomeNeedsActivation, nil},
	{CodeNoRefreshToken, OutcomeNeedsActivation, nil},
	{CodeActivationDenied, OutcomeNeedsActivation, nil},
	{CodeActivationFailed, OutcomeNeedsActivation, nil},
	{CodeActivationElsewhere, OutcomeNeedsActivation, nil},
	{CodeActivationExpired, OutcomeNeedsActivation, nil},

	{CodeQuota, OutcomeThrottled, nil},
	{CodeRateLimited, OutcomeThrottled, nil},

	{CodeDNS, OutcomeUnreachable, nil},
	{CodeTLS, OutcomeUnreachable, nil},
	{CodeRefused, OutcomeUnreachable, nil},
	{CodeBlocked, OutcomeUnreachable, nil},
	{CodeReset, OutcomeUnreachable, nil},
	{CodeTimeout, OutcomeUnreachable, nil},
	{CodeServerError, OutcomeUnreachable, nil},
	{CodeHTMLPage, OutcomeUnreachable, nil},
	{CodeCaptivePortal, OutcomeUnreachable, nil},
	{CodeRedirect, OutcomeUnreachable, nil},
	{CodeNotJSON, OutcomeUnreachable, nil},
	{CodeTruncated, OutcomeUnreachable, nil},
	{CodeEmpty, OutcomeUnreachable, nil},
	{CodeRouteUnknown, OutcomeUnreachable, nil},
	{CodeEnvironmentUnusable, OutcomeUnreachable, nil},
	{CodeUnexpected, OutcomeUnreachable, nil},
}

// Codes returns every code in the order of the definitions.
func Codes() []Code {
	codes := make([]Code, len(definitions))
	for i, finding := range definitions {
		codes[i] = finding.code
	}
	return codes
}

// Verdict returns the verdict for the code: outcome, blamed fields and messages. An
// unknown code, such as one stored by a newer version, is treated as CodeUnexpected.
func (c Code) Verdict() Verdict {
	found := definitions[len(definitions)-1]
	for _, finding := range definitions {
		if finding.code == c {
			found = finding
		}
	}
	return Verdict{
		Outcome: found.outcome, Fields: append([]fields.Field{}, found.fields...), Code: found.code,
		Message: message.New("verdict." + string(found.code)), Remedy: found.remedy(), Steps: []Step{},
	}
}

func (f definition) remedy() message.Message {
	if f.code == CodeVerified {
		return message.Message{}
	}
	return message.New("verdict." + string(f.code) + ".fix")
}

// Waiting returns the verdict with the seconds that Paycor asks to wait and a remedy
// that names them. Zero seconds change nothing.
func (v Verdict) Waiting(seconds int) Verdict {
	if seconds <= 0 {
		return v
	}
	v.RetryAfter = seconds
	v.Remedy = wait(seconds)
	return v
}

// RemedyAt returns what to do at a time: of the wait that Paycor asked for, only the
// rest is left.
func (v Verdict) RemedyAt(now time.Time) message.Message {
	if v.RetryAfter <= 0 || v.CheckedAt.IsZero() {
		return v.Remedy
	}
	rest := v.CheckedAt.Add(time.Duration(v.RetryAfter) * time.Second).Sub(now)
	return wait(int(math.Ceil(rest.Seconds())))
}

// wait rounds up, because waiting too short only fails again.
func wait(seconds int) message.Message {
	switch {
	case seconds <= 0:
		return message.New("verdict.wait.over")
	case seconds <= 120:
		return message.Count("verdict.wait.seconds", seconds)
	case seconds <= 120*60:
		return message.Count("verdict.wait.minutes", (seconds+59)/60)
	}
	return message.Count("verdict.wait.hours", (seconds+3599)/3600)
}

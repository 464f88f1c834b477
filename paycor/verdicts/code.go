package verdicts

import (
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Code names what a verification found. It is stable; the sentences are not.
type Code string

// What a verification can find. The first group is about the credential, the
// second about Paycor's limits, the third about the way to Paycor.
const (
	CodeVerified           Code = "verified"
	CodeLooksSwapped       Code = "looks_swapped"             // nothing was sent; the verdict's fields say which
	CodeKeyRejected        Code = "subscription_key_rejected" // wrong, inactive or of the other environment: the gateway does not say which
	CodeKeyInactive        Code = "subscription_key_inactive" // the gateway says so
	CodeKeyMissing         Code = "subscription_key_missing"  // the gateway did not see the key
	CodeClientRejected     Code = "client_rejected"
	CodeTokenRefused       Code = "token_refused" // no token and no reason given
	CodeGrantNotAllowed    Code = "grant_not_allowed"
	CodeActivationNeeded   Code = "activation_needed"
	CodeScopeUnknown       Code = "scope_unknown"
	CodeScopeOutdated      Code = "scope_outdated"
	CodeScopeNeeded        Code = "scope_needed"
	CodeTokenNotAccepted   Code = "token_not_accepted" // the API refuses a token that was just given
	CodeEntityNotActivated Code = "entity_not_activated"
	CodeEntityNotFound     Code = "entity_not_found"
	CodeEntityLeft         Code = "entity_left"
	CodeLegalEntityNeeded  Code = "legal_entity_needed" // the keys work, no Legal Entity ID was given
	CodeRightMissing       Code = "right_missing"
	CodeApplicationRefused Code = "application_refused" // even the call that needs no right is refused

	CodeRefreshUsed       Code = "refresh_token_used"
	CodeRefreshLost       Code = "refresh_lost"          // an answer that carried the next refresh token never arrived
	CodeRefreshRefused    Code = "refresh_refused"       // no token and no reason given
	CodeCodeRefused       Code = "code_refused"          // the authorization code; no telling why
	CodeCodeExpired       Code = "code_expired"          // the authorization code
	CodeVerifierMismatch  Code = "verifier_mismatch"     // PKCE
	CodeRedirectMismatch  Code = "redirect_not_approved" // another one than the code was made for
	CodeNoRefreshToken    Code = "no_refresh_token"      // the code gave an access token only
	CodeActivationDenied  Code = "activation_denied"     // the person, or Paycor on its page, said no
	CodeActivationFailed  Code = "activation_failed"     // Paycor's page ended without a code
	CodeActivationExpired Code = "activation_expired"    // the state is not known here, or not any more

	CodeQuota       Code = "quota"
	CodeRateLimited Code = "rate_limited"

	CodeDNS                 Code = "dns"
	CodeTLS                 Code = "tls"
	CodeRefused             Code = "refused"
	CodeBlocked             Code = "blocked" // something in between turned the request away
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
	CodeEnvironmentUnusable Code = "environment_unusable" // its address is none that a secret may be sent to
	CodeUnexpected          Code = "unexpected"
)

// definition is what one code stands for.
type definition struct {
	code    Code
	outcome Outcome
	fields  []fields.Field
}

// definitions are all codes, in the order of the constants. Their sentences are in
// the catalogue: "verdict." and the code, and the same with ".fix" for what to
// do about it.
var definitions = []definition{
	{CodeVerified, OutcomeVerified, nil},
	{CodeLooksSwapped, OutcomeRejected, nil},
	{CodeKeyRejected, OutcomeRejected, []fields.Field{fields.SubscriptionKey}},
	{CodeKeyInactive, OutcomeRejected, []fields.Field{fields.SubscriptionKey}},
	{CodeKeyMissing, OutcomeRejected, []fields.Field{fields.SubscriptionKey}},
	{CodeClientRejected, OutcomeRejected, []fields.Field{fields.ClientID, fields.ClientSecret}},
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

// Codes returns every code, in the order of the catalogue.
func Codes() []Code {
	codes := make([]Code, len(definitions))
	for i, finding := range definitions {
		codes[i] = finding.code
	}
	return codes
}

// Verdict returns the verdict that the code stands for: outcome, blamed
// fields and sentences. A code that is not in the catalogue, such as one
// stored by a newer version, stands for CodeUnexpected's.
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
	if f.outcome == OutcomeVerified {
		return message.Message{}
	}
	return message.New("verdict." + string(f.code) + ".fix")
}

// Waiting returns the verdict with the seconds that Paycor asks to wait, and
// with a remedy that names them. Zero seconds change nothing.
func (v Verdict) Waiting(seconds int) Verdict {
	if seconds <= 0 {
		return v
	}
	v.RetryAfter = seconds
	v.Remedy = wait(seconds)
	return v
}

// wait rounds up, because waiting too short only fails again.
func wait(seconds int) message.Message {
	switch {
	case seconds <= 120:
		return message.Count("verdict.wait.seconds", seconds)
	case seconds <= 120*60:
		return message.Count("verdict.wait.minutes", (seconds+59)/60)
	}
	return message.Count("verdict.wait.hours", (seconds+3599)/3600)
}

package verdicts

import (
	"fmt"
	"paycorcred/paycor/fields"
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

// finding is what one code stands for.
type finding struct {
	code    Code
	outcome Outcome
	fields  []fields.Field
	message string
	remedy  string
}

// findings is the catalogue, in the order of the constants.
var findings = []finding{
	{CodeVerified, OutcomeVerified, nil,
		"Paycor accepts this credential.",
		""},
	{CodeLooksSwapped, OutcomeRejected, nil,
		"A value looks as if it belonged into another field, so nothing was sent to Paycor.",
		"Compare each value with its own line under Security Connections in Paycor's developer portal, then verify again."},
	{CodeKeyRejected, OutcomeRejected, []fields.Field{fields.SubscriptionKey},
		"Paycor's gateway refuses the APIM Subscription Key: it is mistyped, its subscription is inactive, or it belongs to the other environment.",
		"Check the Environment, and copy the key again from the application's Security Connections in that environment's developer portal of Paycor."},
	{CodeKeyInactive, OutcomeRejected, []fields.Field{fields.SubscriptionKey},
		"Paycor's gateway says that the subscription of this APIM Subscription Key is not active.",
		"Have the subscription made active again in Paycor's developer portal, or copy the key of an active one from the application's Security Connections."},
	{CodeKeyMissing, OutcomeRejected, []fields.Field{fields.SubscriptionKey},
		"Paycor's gateway says that no APIM Subscription Key came with the request.",
		"Copy the key again from Security Connections in Paycor's developer portal; if it is in place, ask whoever runs your network whether a proxy removes the header Ocp-Apim-Subscription-Key."},
	{CodeClientRejected, OutcomeRejected, []fields.Field{fields.ClientID, fields.ClientSecret},
		"Paycor does not accept the Client ID together with the Client Secret.",
		"Copy both again from the same application's Security Connections in Paycor's developer portal."},
	{CodeTokenRefused, OutcomeRejected, []fields.Field{fields.ClientID, fields.ClientSecret},
		"Paycor gave no token and did not say why; most often the Client ID or the Client Secret is wrong.",
		"Copy both again from the application's Security Connections in Paycor's developer portal; if they are right, have the application activated."},
	{CodeGrantNotAllowed, OutcomeNeedsActivation, nil,
		"Paycor gives this application a token only after somebody has activated it.",
		"Activate it: a Company, HR or Payroll administrator has to allow it once in Paycor."},
	{CodeActivationNeeded, OutcomeNeedsActivation, nil,
		"This credential works by activation, and nobody has activated it yet.",
		"Activate it: a Company, HR or Payroll administrator has to allow it once in Paycor."},
	{CodeScopeUnknown, OutcomeRejected, []fields.Field{fields.Scope},
		"Paycor does not know this Scope ID for the application.",
		"Copy the Scope ID again from the application's General tab in Paycor's developer portal: each saved change of Data Access makes a new one, and the application has to be activated again for it."},
	{CodeScopeOutdated, OutcomeRejected, []fields.Field{fields.Scope},
		"This Scope ID belongs to an older version of the application: each saved change of Data Access makes a new one.",
		"Copy the newest Scope ID from the application's General tab in Paycor's developer portal, then activate the application again: an activation holds only for the version it was made for."},
	{CodeScopeNeeded, OutcomeRejected, []fields.Field{fields.Scope},
		"Paycor gives this application a token only for a Scope ID, and none was entered.",
		"Copy the Scope ID from the application's General tab in Paycor's developer portal."},
	{CodeTokenNotAccepted, OutcomeRejected, nil,
		"Paycor gave a token and then did not accept it.",
		"Check that Client ID, Client Secret and APIM Subscription Key all come from the same application's Security Connections in Paycor's developer portal, then verify again."},
	{CodeEntityNotActivated, OutcomeRejected, []fields.Field{fields.LegalEntityID},
		"The keys work, but they do not cover this Legal Entity ID.",
		"Choose a legal entity that the application covers, or have the application activated for this one; the ID stands in Paycor's company settings."},
	{CodeEntityNotFound, OutcomeRejected, []fields.Field{fields.LegalEntityID},
		"The keys work, but Paycor knows no legal entity with this ID that could be used.",
		"Look the Legal Entity ID up in Paycor's company settings."},
	{CodeEntityLeft, OutcomeRejected, []fields.Field{fields.LegalEntityID},
		"The keys work, but this legal entity has left Paycor.",
		"Look up in Paycor's company settings the Legal Entity ID that is in use now."},
	{CodeLegalEntityNeeded, OutcomeRejected, []fields.Field{fields.LegalEntityID},
		"The keys work; only the Legal Entity ID is still open.",
		"Choose a legal entity that the application covers, or look the ID up in Paycor's company settings."},
	{CodeRightMissing, OutcomeRejected, nil,
		"The keys work, but the application has no right to read the legal entity.",
		"Under Data Access of the application in Paycor's developer portal, choose View Legal Entity Basic Information in the group Legal Entities, save, and have the application activated again."},
	{CodeApplicationRefused, OutcomeRejected, nil,
		"Paycor gave a token, but refuses every call of this application.",
		"Check in Paycor's developer portal that the application is of type Standard and that rights are chosen under Data Access, then have it activated again."},

	{CodeRefreshUsed, OutcomeNeedsActivation, nil,
		"Paycor no longer takes the refresh token: it was used by another program, withdrawn, or has expired.",
		"Activate the application in Paycor again, and let no other program use the same activation."},
	{CodeRefreshLost, OutcomeNeedsActivation, nil,
		"The answer to the last token refresh was lost on its way from Paycor, and Paycor gives each refresh token only once.",
		"Activate the application in Paycor again; nothing is wrong with the values that are saved here."},
	{CodeRefreshRefused, OutcomeNeedsActivation, nil,
		"Paycor did not renew the token and did not say why; most often the refresh token has been used up.",
		"Verify again in a minute; if it stays so, activate the application in Paycor again."},
	{CodeCodeRefused, OutcomeNeedsActivation, nil,
		"Paycor does not take this authorization code: it was used already, is too old, or belongs to another application.",
		"Begin the activation in Paycor anew, and use the new code at once."},
	{CodeCodeExpired, OutcomeNeedsActivation, nil,
		"The authorization code is too old: Paycor takes one for a few minutes only.",
		"Begin the activation in Paycor anew, and use the new code at once."},
	{CodeVerifierMismatch, OutcomeNeedsActivation, nil,
		"The code verifier does not belong to this authorization code.",
		"Begin the activation in Paycor anew, and copy the code verifier before you press Initiate there."},
	{CodeRedirectMismatch, OutcomeNeedsActivation, nil,
		"The redirect address is not the one that this authorization code was made for.",
		"Compare the redirect address, letter for letter, with Approved Return OAuth URL under Security Connections in Paycor's developer portal, then begin the activation anew."},
	{CodeNoRefreshToken, OutcomeNeedsActivation, nil,
		"Paycor gave a token but no refresh token with it, so the activation would end within the hour.",
		"Check in Paycor's developer portal that the application may use refresh tokens, then begin the activation anew."},
	{CodeActivationDenied, OutcomeNeedsActivation, nil,
		"The activation was not allowed on Paycor's page.",
		"Have a Company, HR or Payroll administrator begin the activation anew and allow it on Paycor's page."},
	{CodeActivationFailed, OutcomeNeedsActivation, nil,
		"Paycor's page ended the activation without allowing it.",
		"Check in Paycor's developer portal that the application is of type Standard and that Scope ID and Approved Return OAuth URL are right, then begin the activation anew."},
	{CodeActivationExpired, OutcomeNeedsActivation, nil,
		"This activation was begun in another session or too long ago, or it is finished already.",
		"Begin the activation in Paycor anew, in this browser, and finish it within ten minutes."},

	{CodeQuota, OutcomeThrottled, nil,
		"The APIM Subscription Key has used up its quota of calls at Paycor.",
		"Wait until the quota is renewed, then verify again."},
	{CodeRateLimited, OutcomeThrottled, nil,
		"Paycor takes no more calls with this APIM Subscription Key for a moment.",
		"Wait a minute, then verify again."},

	{CodeDNS, OutcomeUnreachable, nil,
		"The name of Paycor's server was not found in the network.",
		"Check the DNS of the machine this program runs on, and the environment's address, then verify again."},
	{CodeTLS, OutcomeUnreachable, nil,
		"No secure connection to Paycor came about: the certificate is not trusted or the two sides did not agree.",
		"Check the clock and the trusted certificates of the machine this program runs on, and whether a proxy opens secure connections, then verify again."},
	{CodeRefused, OutcomeUnreachable, nil,
		"No connection to Paycor could be opened.",
		"Check the network, proxy and firewall of the machine this program runs on, then verify again."},
	{CodeBlocked, OutcomeUnreachable, nil,
		"A proxy or firewall between this machine and Paycor turned the request away.",
		"Ask whoever runs your network to let this program through to Paycor, or to put the proxy's sign-in into HTTPS_PROXY, then verify again."},
	{CodeReset, OutcomeUnreachable, nil,
		"The connection to Paycor broke off before an answer came.",
		"Verify again in a minute; if it stays so, check the network and firewall of the machine this program runs on."},
	{CodeTimeout, OutcomeUnreachable, nil,
		"Paycor did not answer in time.",
		"Verify again in a few minutes."},
	{CodeServerError, OutcomeUnreachable, nil,
		"Paycor reports a fault of its own.",
		"Verify again in a few minutes; if it stays so, ask Paycor's support."},
	{CodeHTMLPage, OutcomeUnreachable, nil,
		"A web page came back instead of Paycor's answer, most likely from a proxy or firewall in between.",
		"Ask whoever runs your network to let this program through to Paycor, then verify again."},
	{CodeCaptivePortal, OutcomeUnreachable, nil,
		"A web page came back as if it were Paycor's answer, most likely the sign-in page of your network.",
		"Sign in to the network on the machine this program runs on, then verify again."},
	{CodeRedirect, OutcomeUnreachable, nil,
		"The request was sent on to another address instead of being answered.",
		"Check the environment's address and whether the network has a sign-in page, then verify again."},
	{CodeNotJSON, OutcomeUnreachable, nil,
		"The answer could not be read: it is not in Paycor's form.",
		"Verify again in a few minutes; if it stays so, check whether a proxy changes Paycor's answers."},
	{CodeTruncated, OutcomeUnreachable, nil,
		"Only a part of Paycor's answer arrived.",
		"Verify again in a minute; if it stays so, check whether a proxy cuts Paycor's answers."},
	{CodeEmpty, OutcomeUnreachable, nil,
		"An answer came, but there is nothing in it.",
		"Verify again in a few minutes; if it stays so, check whether a proxy changes Paycor's answers."},
	{CodeRouteUnknown, OutcomeUnreachable, nil,
		"The environment's address is not one where Paycor can be asked.",
		"Check the environment's address with whoever runs this program, then verify again."},
	{CodeEnvironmentUnusable, OutcomeUnreachable, nil,
		"There is no usable address for this environment, so nothing was sent: it has to begin with https:// and name a server.",
		"Ask whoever runs this program to correct the environment's address, then verify again."},
	{CodeUnexpected, OutcomeUnreachable, nil,
		"Paycor's answer is none that this program understands.",
		"Verify again in a few minutes; if it stays so, ask Paycor's support."},
}

// Codes returns every code, in the order of the catalogue.
func Codes() []Code {
	codes := make([]Code, len(findings))
	for i, finding := range findings {
		codes[i] = finding.code
	}
	return codes
}

// Verdict returns the verdict that the code stands for: outcome, blamed
// fields and sentences. A code that is not in the catalogue, such as one
// stored by a newer version, stands for CodeUnexpected's.
func (c Code) Verdict() Verdict {
	found := findings[len(findings)-1]
	for _, finding := range findings {
		if finding.code == c {
			found = finding
		}
	}
	return Verdict{
		Outcome: found.outcome, Fields: append([]fields.Field{}, found.fields...), Code: found.code,
		Message: found.message, Remedy: found.remedy, Steps: []Step{},
	}
}

// Waiting returns the verdict with the seconds that Paycor asks to wait, and
// with a remedy that names them. Zero seconds change nothing.
func (v Verdict) Waiting(seconds int) Verdict {
	if seconds <= 0 {
		return v
	}
	v.RetryAfter = seconds
	v.Remedy = fmt.Sprintf("Wait %s, then verify again.", inWords(seconds))
	return v
}

// inWords rounds up, because waiting too short only fails again.
func inWords(seconds int) string {
	switch {
	case seconds == 1:
		return "1 second"
	case seconds <= 120:
		return fmt.Sprintf("%d seconds", seconds)
	case seconds <= 120*60:
		return fmt.Sprintf("%d minutes", (seconds+59)/60)
	}
	return fmt.Sprintf("%d hours", (seconds+3599)/3600)
}

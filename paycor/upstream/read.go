package upstream

import (
	"net/http"
	"strings"
	"time"

	"paycorcred/paycor/redact"
	"paycorcred/paycor/verdicts"
)

// Read reads an answer whose status is not 2xx. It sets the failure's code if that
// is the same for every request: limits, internal errors, web pages, redirects and
// the gateway's errors about the key. If it is "", the answer is about the request
// itself, and the caller decides by the text.
func Read(answer Answer, redactor redact.Redactor, now time.Time) (*Failure, ErrorText) {
	wording := readErrorText(answer)
	if tokens := tokensIn(answer.Body); len(tokens) > 0 {
		redactor = redactor.With(tokens...)
	}
	failure := &Failure{
		Code:          commonCode(answer, wording),
		Layer:         wording.layer(answer.Status),
		Status:        answer.Status,
		Detail:        redactor.Redact(wording.shown),
		CorrelationID: wording.correlation(answer.Header, redactor),
	}
	switch {
	case challengesForKey(answer.Header):
		failure.Layer = LayerGateway
	case failure.Code == verdicts.CodeBlocked:
		failure.Layer = "" // neither the gateway nor Paycor saw the request
	}
	if !failure.Code.Verdict().Outcome.Conclusive() {
		failure.RetryAfter = retryAfter(answer.Header, wording.Text, now)
	}
	return failure, wording
}

func commonCode(answer Answer, wording ErrorText) verdicts.Code {
	status := answer.Status
	switch {
	case status == http.StatusTooManyRequests && wording.mentions("quota"):
		return verdicts.CodeQuota
	case status == http.StatusTooManyRequests:
		return verdicts.CodeRateLimited
	case status == http.StatusUnauthorized && challengesForKey(answer.Header), mentionsKey(status, wording):
		return keyFailureCode(wording)
	case status == http.StatusNetworkAuthenticationRequired:
		return verdicts.CodeCaptivePortal
	case status == http.StatusProxyAuthRequired:
		return verdicts.CodeBlocked
	case status/100 == 3:
		return verdicts.CodeRedirect
	case wording.Shape == ShapeHTML:
		return verdicts.CodeHTMLPage
	case isIntermediary(answer) && wording.Shape != ShapeOAuth:
		return verdicts.CodeBlocked
	case status == http.StatusForbidden && isQuota(answer, wording):
		return verdicts.CodeQuota
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return verdicts.CodeTimeout
	case status >= 500:
		return verdicts.CodeServerError
	case status == http.StatusNotFound && wording.Shape == ShapeGateway:
		return verdicts.CodeRouteUnknown
	}
	return ""
}

// challengesForKey reports whether the gateway demands a subscription key.
func challengesForKey(header http.Header) bool {
	for _, value := range header.Values("WWW-Authenticate") {
		if strings.Contains(strings.ToLower(value), "azureapimanagementkey") {
			return true
		}
	}
	return false
}

// mentionsKey reports whether the text is about the subscription key, in case the
// gateway's challenge header did not reach us.
func mentionsKey(status int, wording ErrorText) bool {
	return (status == http.StatusUnauthorized || status == http.StatusForbidden) &&
		wording.Shape != ShapeHTML && (wording.mentions("subscription key", "subscription-key", "subscriptionkey", "ocp-apim") ||
		wording.Shape != ShapeOAuth && wording.mentions("api key", "apikey", "api-key") ||
		wording.Shape == ShapeGateway && wording.mentions("subscription"))
}

// keyFailureCode tells a wrong, a missing and an inactive key apart, which only the
// wording does. A sentence that lists several reasons, as the gateway's usual one
// does, decides nothing.
func keyFailureCode(wording ErrorText) verdicts.Code {
	wrong := wording.mentions("invalid", "incorrect", "unknown", "wrong")
	missing := wording.mentions("missing", "not provided", "not supplied", "not found in request", "not present", "absent", "no api key", "no subscription key")
	inactive := wording.mentions("inactive", "not active", "suspended", "cancelled", "canceled", "disabled", "deactivated", "expired", "submitted state")
	switch {
	case missing && !wrong && !inactive:
		return verdicts.CodeKeyMissing
	case inactive && !wrong && !missing:
		return verdicts.CodeKeyInactive
	}
	return verdicts.CodeKeyRejected
}

// isQuota reports a used-up quota, for which the gateway also answers 403. Waiting
// does not bring a missing right, so Retry-After alone is proof.
func isQuota(answer Answer, wording ErrorText) bool {
	return answer.Header.Get("Retry-After") != "" || wording.mentions("call volume", "quota exceeded", "quota has been exceeded", "out of quota") ||
		wording.Shape == ShapeGateway && wording.mentions("quota")
}

// readCall reads the answer to an API call. It returns nil for a 2xx. What Read does
// not decide is about the token (401) or its rights (403); the verification step
// decides about a 400 or 404.
func readCall(answer Answer, redactor redact.Redactor, now time.Time) *Failure {
	if answer.Status/100 == 2 {
		return nil
	}
	failure, wording := Read(answer, redactor, now)
	switch {
	case failure.Code != "":
		return failure
	case answer.wrapped: // it does not say whose error it is, so it says nothing about the credential
		failure.Code = verdicts.CodeServerError
		return failure
	}
	switch answer.Status {
	case http.StatusUnauthorized:
		failure.Code = verdicts.CodeTokenNotAccepted
		// The gateway says "Access denied" about a key and "Unauthorized" about a token.
		if wording.Shape == ShapeGateway && wording.mentions("access denied") && !wording.mentions("token", "jwt") {
			failure.Code = verdicts.CodeKeyRejected
		}
		if insufficientScope(answer.Header) {
			failure.Code = verdicts.CodeRightMissing
		}
	case http.StatusForbidden:
		failure.Code = verdicts.CodeRightMissing
		if wording.AboutNetwork() {
			failure.Code = verdicts.CodeBlocked
		}
	default:
		failure.Code = verdicts.CodeUnexpected
	}
	return failure
}

// insufficientScope reports RFC 6750's error for a missing right, which some servers
// send with a 401.
func insufficientScope(header http.Header) bool {
	return strings.Contains(strings.ToLower(strings.Join(header.Values("WWW-Authenticate"), " ")), "insufficient_scope")
}

package upstream

import (
	"net/http"
	"paycorcred/paycor/redact"
	"paycorcred/paycor/verdicts"
	"strings"
	"time"
)

// Read reads an answer whose status is not 2xx. The failure's code is set
// where it is the same for every request: limits, faults, pages, redirects,
// and the gateway's word about the key. Where it is "", the answer is about
// what was asked, and whoever asked decides with the wording.
func Read(answer Answer, redactor redact.Redactor, now time.Time) (*Failure, Wording) {
	wording := readWording(answer)
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
	case challenged(answer.Header):
		failure.Layer = LayerGateway
	case failure.Code == verdicts.CodeBlocked:
		failure.Layer = "" // neither of the two has seen the request
	}
	if !failure.Code.Verdict().Outcome.Conclusive() {
		failure.RetryAfter = retryAfter(answer.Header, wording.Text, now)
	}
	return failure, wording
}

func commonCode(answer Answer, wording Wording) verdicts.Code {
	status := answer.Status
	switch {
	case status == http.StatusTooManyRequests && wording.mentions("quota"):
		return verdicts.CodeQuota
	case status == http.StatusTooManyRequests:
		return verdicts.CodeRateLimited
	case status == http.StatusUnauthorized && challenged(answer.Header), aboutKey(status, wording):
		return keyCode(wording)
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

// challenged reports whether the gateway asks for a subscription key.
func challenged(header http.Header) bool {
	for _, value := range header.Values("WWW-Authenticate") {
		if strings.Contains(strings.ToLower(value), "azureapimanagementkey") {
			return true
		}
	}
	return false
}

// aboutKey reports whether the gateway's text is about the subscription key,
// for gateways whose challenge does not reach us.
func aboutKey(status int, wording Wording) bool {
	return (status == http.StatusUnauthorized || status == http.StatusForbidden) &&
		wording.Shape != ShapeHTML && (wording.mentions("subscription key", "subscription-key", "subscriptionkey", "ocp-apim") ||
		wording.Shape != ShapeOAuth && wording.mentions("api key", "apikey", "api-key") ||
		wording.Shape == ShapeGateway && wording.mentions("subscription"))
}

// keyCode: only words tell the three apart, and only the missing key is worth
// sending in another way. A sentence that names several reasons, as the
// gateway's usual one does, names none.
func keyCode(wording Wording) verdicts.Code {
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

// isQuota: the gateway says 403 for a quota that is used up, too. A right that
// is missing does not come back by waiting, so Retry-After alone tells.
func isQuota(answer Answer, wording Wording) bool {
	return answer.Header.Get("Retry-After") != "" || wording.mentions("call volume", "quota exceeded", "quota has been exceeded", "out of quota") ||
		wording.Shape == ShapeGateway && wording.mentions("quota")
}

// readCall reads the answer to a call of the API. It returns nil for a 2xx.
// What is left after the common readings is about the token (401) or about
// what the token may see (403); a 400 or 404 is for the ladder to place.
func readCall(answer Answer, redactor redact.Redactor, now time.Time) *Failure {
	if answer.Status/100 == 2 {
		return nil
	}
	failure, wording := Read(answer, redactor, now)
	if failure.Code != "" {
		return failure
	}
	switch answer.Status {
	case http.StatusUnauthorized:
		failure.Code = verdicts.CodeTokenNotAccepted
		// "Access denied" is how the gateway begins about a key; about a token it says "Unauthorized".
		if wording.Shape == ShapeGateway && wording.mentions("access denied") && !wording.mentions("token", "jwt") {
			failure.Code = verdicts.CodeKeyRejected
		}
		if insufficient(answer.Header) {
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

// insufficient reports RFC 6750's word for a right that is missing, which some
// send with a 401.
func insufficient(header http.Header) bool {
	return strings.Contains(strings.ToLower(strings.Join(header.Values("WWW-Authenticate"), " ")), "insufficient_scope")
}

package apim

import (
	"net/http"
	"strings"
	"time"

	"paycorcred/paycor"
)

// Read reads an answer whose status is not 2xx. The failure's code is set
// where it is the same for every request: limits, faults, pages, redirects,
// and the gateway's word about the key. Where it is "", the answer is about
// what was asked, and whoever asked decides with the wording.
func Read(answer Answer, redactor paycor.Redactor, now time.Time) (*Failure, Wording) {
	wording := readWording(answer)
	failure := &Failure{
		Code:          commonCode(answer, wording),
		Layer:         wording.layer(answer.Status),
		Status:        answer.Status,
		Detail:        redactor.Redact(wording.shown),
		CorrelationID: wording.correlation(answer.Header, redactor),
	}
	if challenged(answer.Header) {
		failure.Layer = LayerGateway
	}
	if !failure.Code.Verdict().Outcome.Settles() {
		failure.RetryAfter = retryAfter(answer.Header, wording.Text, now)
	}
	return failure, wording
}

func commonCode(answer Answer, wording Wording) paycor.Code {
	status := answer.Status
	switch {
	case status == http.StatusTooManyRequests && wording.mentions("quota"):
		return paycor.CodeQuota
	case status == http.StatusTooManyRequests:
		return paycor.CodeRateLimited
	case status == http.StatusUnauthorized && challenged(answer.Header), aboutKey(status, wording):
		return keyCode(wording)
	case status == http.StatusNetworkAuthenticationRequired:
		return paycor.CodeCaptivePortal
	case status/100 == 3:
		return paycor.CodeRedirect
	case wording.Shape == ShapeHTML:
		return paycor.CodeHTMLPage
	case status == http.StatusForbidden && isQuota(answer, wording):
		return paycor.CodeQuota
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return paycor.CodeTimeout
	case status >= 500:
		return paycor.CodeServerError
	case status == http.StatusNotFound && wording.Shape == ShapeGateway:
		return paycor.CodeRouteUnknown
	case status == http.StatusProxyAuthRequired:
		return paycor.CodeHTMLPage
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
		wording.Shape != ShapeHTML && wording.mentions("subscription key", "subscription-key")
}

// keyCode: only the word "missing" tells the two apart, and only the missing
// key is worth sending in another way.
func keyCode(wording Wording) paycor.Code {
	if wording.mentions("missing") && !wording.mentions("invalid", "inactive", "expired") {
		return paycor.CodeKeyMissing
	}
	return paycor.CodeKeyRejected
}

// isQuota: the gateway says 403 for a quota that is used up, too. A right that
// is missing does not come back by waiting, so Retry-After alone tells.
func isQuota(answer Answer, wording Wording) bool {
	return answer.Header.Get("Retry-After") != "" || wording.Shape == ShapeGateway && wording.mentions("quota", "call volume")
}

// readCall reads the answer to a call of the API. It returns nil for a 2xx.
// What is left after the common readings is about the token (401) or about
// what the token may see (403); a 400 or 404 is for the ladder to place.
func readCall(answer Answer, redactor paycor.Redactor, now time.Time) *Failure {
	if answer.Status/100 == 2 {
		return nil
	}
	failure, wording := Read(answer, redactor, now)
	if failure.Code != "" {
		return failure
	}
	switch answer.Status {
	case http.StatusUnauthorized:
		failure.Code = paycor.CodeTokenNotAccepted
		// "Access denied" is how the gateway begins about a key; about a token it says "Unauthorized".
		if wording.Shape == ShapeGateway && wording.mentions("access denied") && !wording.mentions("token", "jwt") {
			failure.Code = paycor.CodeKeyRejected
		}
	case http.StatusForbidden:
		failure.Code = paycor.CodeRightMissing
	default:
		failure.Code = paycor.CodeUnexpected
	}
	return failure
}

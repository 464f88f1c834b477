package upstream

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"paycorcred/paycor/verdicts"
)

// isIntermediary reports whether a refusal comes from a proxy or firewall on the
// way, by headers that only those send. Without it a plain "denied" of theirs would
// read like Paycor rejecting the client.
func isIntermediary(answer Answer) bool {
	if answer.Status < 400 {
		return false
	}
	if answer.Status == http.StatusProxyAuthRequired || answer.Header.Get("Proxy-Authenticate") != "" {
		return true
	}
	for _, name := range []string{"X-Squid-Error", "X-Blocked-By", "X-Proxy-Error", "X-Bluecoat-Via", "Cf-Mitigated", "X-Amzn-Waf-Action"} {
		if answer.Header.Get(name) != "" {
			return true
		}
	}
	if strings.Contains(strings.ToLower(answer.Header.Get("Proxy-Status")), "error=") {
		return true
	}
	server := strings.ToLower(answer.Header.Get("Server"))
	for _, name := range []string{"squid", "zscaler", "bluecoat", "proxysg", "fortigate", "fortinet", "forcepoint", "websense", "netskope", "sophos", "mcafee", "barracuda"} {
		if strings.Contains(server, name) {
			return true
		}
	}
	return answer.Status == http.StatusUnauthorized && challengesWindows(answer.Header)
}

// challengesWindows reports a challenge for Windows authentication, which Paycor
// does not use.
func challengesWindows(header http.Header) bool {
	for _, value := range header.Values("WWW-Authenticate") {
		scheme, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(value)), " ")
		if scheme == "ntlm" || scheme == "negotiate" {
			return true
		}
	}
	return false
}

// AboutNetwork reports whether a text is about the origin of the request rather than
// about the caller.
func (w ErrorText) AboutNetwork() bool {
	words := w.Words()
	for _, word := range []string{"ip", "firewall", "waf", "blocked", "blacklisted", "blocklist", "whitelist", "whitelisted", "allowlist", "geolocation", "country", "vpn", "proxy"} {
		if _, said := words[word]; said {
			return true
		}
	}
	return false
}

// Words returns the words of the text in lower case.
func (w ErrorText) Words() map[string]struct{} {
	words := map[string]struct{}{}
	for _, word := range strings.FieldsFunc(strings.ToLower(w.Text), func(r rune) bool { return (r < 'a' || r > 'z') && r < 0x80 }) {
		words[word] = struct{}{}
	}
	return words
}

// UnwrapError converts a success whose body is an error, as some servers answer, to
// the error it is. A body with one of the expected names is a success, whatever else
// it contains.
func UnwrapError(answer Answer, expected ...string) Answer {
	if answer.Status/100 != 2 || answer.Cut {
		return answer
	}
	body := trimBody(answer.Body)
	object, ok := parseObject(body)
	if !ok || object.Has(expected...) {
		return answer
	}
	said, _ := strconv.Atoi(object.Text("statuscode", "status", "httpstatus", "httpstatuscode"))
	words := object.Text("message", "title", "detail", "errordescription", "errormessage", "error", "description", "reason")
	inner, isInner := parseObject(object["error"])
	errorsSaid := len(texts(object["errors"], 3)) > 0
	switch {
	case said >= 400 && said <= 599 && (words != "" || isInner || errorsSaid):
		answer.Status = said
	case object.Text("error") != "", isInner && len(inner) > 0, errorsSaid,
		object.Text("errorcode") != "" && words != "",
		object.Has("correlationid") && object.Has("title", "detail"),
		words != "" && (string(object["success"]) == "false" || string(object["issuccess"]) == "false"):
		answer.Status, answer.wrapped = http.StatusBadRequest, true
	}
	return answer
}

// proxyError is a proxy's rejection of a CONNECT request.
type proxyError struct{ status int }

func (p proxyError) Error() string {
	return "the proxy does not open a connection: status " + strconv.Itoa(p.status)
}

func proxyConnectError(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode/100 == 2 {
		return nil
	}
	return proxyError{answer.StatusCode}
}

// proxyErrorCode tells a proxy that denies the connection from one that cannot reach
// Paycor.
func proxyErrorCode(err error) verdicts.Code {
	var refusal proxyError
	switch {
	case !errors.As(err, &refusal):
		return ""
	case refusal.status == http.StatusGatewayTimeout:
		return verdicts.CodeTimeout
	case refusal.status >= 500:
		return verdicts.CodeRefused
	}
	return verdicts.CodeBlocked
}

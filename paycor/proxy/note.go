package proxy

import (
	"net/http"
	"slices"
	"strings"

	"paycorcred/paycor/proxy/h1"
	"paycorcred/paycor/usage"
)

// noteOf returns what a response's headers say beyond its status. header holds
// the headers that the caller gets, with rewritten locations.
func noteOf(response *h1.Response, header http.Header) usage.Note {
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized && hasChallenge(response.Header, "AzureApiManagementKey"):
		return usage.NoteKey
	case len(header["Content-Type"]) > 0 && hasPrefixFold(header["Content-Type"][0], "text/html"):
		return usage.NotePage
	case status < 300:
		return ""
	case status < 400:
		if to := header["Location"]; len(to) > 0 && (!strings.HasPrefix(to[0], "/") || strings.HasPrefix(to[0], "//")) {
			return usage.NoteRedirect
		}
	case status == http.StatusUnauthorized && (response.Empty() || hasChallenge(response.Header, "Bearer")):
		return usage.NoteToken
	case status == http.StatusUnauthorized:
		return usage.NoteUnauthorized
	case status == http.StatusForbidden && len(response.Header["Retry-After"]) > 0:
		return usage.NoteQuota
	}
	return ""
}

// hasChallenge reports whether a response asks for an authentication scheme.
func hasChallenge(header http.Header, scheme string) bool {
	return slices.ContainsFunc(header["Www-Authenticate"], func(value string) bool { return hasPrefixFold(value, scheme) })
}

func hasPrefixFold(value, prefix string) bool {
	return len(value) >= len(prefix) && strings.EqualFold(value[:len(prefix)], prefix)
}

package proxy

import (
	"net/http"
	"paycorcred/paycor/usage"
	"slices"
	"strings"
)

// noteOf returns what the headers of an answer tell beyond its status. header
// is what of them is passed back, with addresses that lead through here.
func noteOf(a *answer, header http.Header) usage.Note {
	switch status := a.StatusCode; {
	case status == http.StatusUnauthorized && challenged(a.Header, "AzureApiManagementKey"):
		return usage.NoteKey
	case len(header["Content-Type"]) > 0 && begins(header["Content-Type"][0], "text/html"):
		return usage.NotePage
	case status < 300:
		return ""
	case status < 400:
		if to := header["Location"]; len(to) > 0 && (!strings.HasPrefix(to[0], "/") || strings.HasPrefix(to[0], "//")) {
			return usage.NoteElsewhere
		}
	case status == http.StatusUnauthorized && (a.empty() || challenged(a.Header, "Bearer")):
		return usage.NoteToken
	case status == http.StatusUnauthorized:
		return usage.NoteUnauthorized
	case status == http.StatusForbidden && len(a.Header["Retry-After"]) > 0:
		return usage.NoteQuota
	}
	return ""
}

// challenged reports whether an answer asks for a scheme of authentication.
func challenged(header http.Header, scheme string) bool {
	return slices.ContainsFunc(header["Www-Authenticate"], func(value string) bool { return begins(value, scheme) })
}

// begins reports whether a value begins with a text, in whatever case.
func begins(value, text string) bool {
	return len(value) >= len(text) && strings.EqualFold(value[:len(text)], text)
}

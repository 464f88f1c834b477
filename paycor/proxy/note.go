package proxy

import (
	"net/http"
	"slices"
	"strings"

	"paycorcred/paycor"
)

// noteOf returns what the headers of an answer tell beyond its status. header
// is what of them is passed back, with addresses that lead through here.
func noteOf(a *answer, header http.Header) paycor.Note {
	switch status := a.StatusCode; {
	case status == http.StatusUnauthorized && challenged(a.Header, "AzureApiManagementKey"):
		return paycor.NoteKey
	case len(header["Content-Type"]) > 0 && begins(header["Content-Type"][0], "text/html"):
		return paycor.NotePage
	case status < 300:
		return ""
	case status < 400:
		if to := header["Location"]; len(to) > 0 && (!strings.HasPrefix(to[0], "/") || strings.HasPrefix(to[0], "//")) {
			return paycor.NoteElsewhere
		}
	case status == http.StatusUnauthorized && (a.empty() || challenged(a.Header, "Bearer")):
		return paycor.NoteToken
	case status == http.StatusUnauthorized:
		return paycor.NoteUnauthorized
	case status == http.StatusForbidden && len(a.Header["Retry-After"]) > 0:
		return paycor.NoteQuota
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

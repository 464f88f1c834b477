package tokens

import (
	"net/http"
	"net/url"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
	"slices"
	"strings"
	"unicode"
)

// errorCodes of RFC 6749, 5.2, without "_" and in small letters, in the order
// in which a text is searched for them. invalid_grant is about the credentials
// of the request, and client_credentials has none but the client's own.
var errorCodes = []struct {
	name string
	code verdicts.Code
}{
	{"unauthorizedclient", verdicts.CodeGrantNotAllowed},
	{"unsupportedgranttype", verdicts.CodeGrantNotAllowed},
	{"invalidscope", verdicts.CodeScopeUnknown},
	{"invalidclient", verdicts.CodeClientRejected},
	{"invalidgrant", verdicts.CodeClientRejected},
	{"temporarilyunavailable", verdicts.CodeServerError},
	{"servererror", verdicts.CodeServerError},
	{"slowdown", verdicts.CodeRateLimited},
	{"toomanyrequests", verdicts.CodeRateLimited},
	{"ratelimitexceeded", verdicts.CodeRateLimited},
	{"quotaexceeded", verdicts.CodeQuota},
}

// errorCodeOf decides what a refused token request means, after the gateway and
// everything on the way have been ruled out. A 401 without any telling word,
// the empty one too, is about the client: it says "I do not know who you are",
// the gateway was content with the key, and Client ID and Client Secret are
// the only other thing in the request that says who asks. A 400 or 403
// without any telling word stays what it is, a refusal without a reason: in
// it the most perishable thing that was sent comes under suspicion first.
func errorCodeOf(status int, wording upstream.Wording, form url.Values) verdicts.Code {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity:
	case http.StatusNotFound:
		return verdicts.CodeRouteUnknown
	default:
		return verdicts.CodeUnexpected
	}
	code := codeByOAuthError(wording)
	if singleUse(form) && (code == "" || code == verdicts.CodeClientRejected && isInvalidGrant(wording)) {
		if once := codeOfSingleUseValue(wording, form); once != "" {
			return once
		}
	}
	if code == "" {
		code = codeByText(wording)
	}
	switch {
	case code == verdicts.CodeScopeUnknown && (singleUse(form) || saysOutdated(wording.Text)):
		return verdicts.CodeScopeOutdated // the scope of an activation was good when it was made
	case code == verdicts.CodeScopeUnknown && form.Get("scope") == "":
		return verdicts.CodeScopeNeeded
	case code != "":
		return code
	case status == http.StatusUnauthorized && wording.Shape == upstream.ShapeGateway:
		return verdicts.CodeKeyRejected // the gateway itself knows nobody else to turn away
	case status == http.StatusUnauthorized:
		return verdicts.CodeClientRejected
	case form.Has("refresh_token"):
		return verdicts.CodeRefreshRefused
	case form.Has("code"):
		return verdicts.CodeCodeRefused
	}
	return verdicts.CodeTokenRefused
}

// isInvalidGrant reports the error code invalid_grant, and no other.
func isInvalidGrant(wording upstream.Wording) bool {
	for _, text := range []string{wording.Code, wording.Text} {
		letters := strings.Map(letter, text)
		switch {
		case strings.Contains(letters, "invalidclient"):
			return false
		case strings.Contains(letters, "invalidgrant"):
			return true
		}
	}
	return false
}

// codeOfSingleUseValue decides about what can be taken only once: the refresh token,
// or the code with its verifier and its redirect address. A text that names
// several reasons, as RFC 6749's own sentence does, names none.
func codeOfSingleUseValue(wording upstream.Wording, form url.Values) verdicts.Code {
	words := strings.FieldsFunc(strings.ToLower(wording.Text), func(r rune) bool { return !unicode.IsLetter(r) })
	certain := isInvalidGrant(wording)
	if form.Has("refresh_token") {
		if certain || containsAny(words, "refresh", "refreshtoken") {
			return verdicts.CodeRefreshUsed
		}
		return ""
	}
	letters := strings.Map(letter, wording.Text)
	var reasons []verdicts.Code
	for _, reason := range []struct {
		code verdicts.Code
		said bool
	}{
		{verdicts.CodeVerifierMismatch, containsAny(words, "verifier", "pkce", "challenge") || strings.Contains(letters, "codeverifier")},
		{verdicts.CodeRedirectMismatch, containsAny(words, "redirect", "redirection") || strings.Contains(letters, "redirecturi")},
		{verdicts.CodeCodeExpired, containsAny(words, "expired", "expiry", "old", "timeout")},
		{verdicts.CodeCodeRefused, containsAny(words, "used", "redeemed", "unknown", "known", "revoked")},
	} {
		if reason.said {
			reasons = append(reasons, reason.code)
		}
	}
	switch {
	case len(reasons) == 1:
		return reasons[0]
	case certain || len(reasons) > 1 || containsAny(words, "code"):
		return verdicts.CodeCodeRefused
	}
	return ""
}

// codeByOAuthError looks for an error code, first where it belongs and then
// anywhere in the text.
func codeByOAuthError(wording upstream.Wording) verdicts.Code {
	for _, text := range []string{wording.Code, wording.Text} {
		letters := strings.Map(letter, text)
		for _, known := range errorCodes {
			if strings.Contains(letters, known.name) {
				return known.code
			}
		}
	}
	return ""
}

// codeByText goes by what a text is about: the grant, the scope or the client.
//
// Text that is no more than text may be anybody's: a word in it blames the
// client only where it is about what a client is known by.
func codeByText(wording upstream.Wording) verdicts.Code {
	text := wording.Text
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	letters := strings.Map(letter, text)
	switch {
	case containsAny(words, "grant", "grants", "granttype", "activation", "activated", "activate"),
		strings.Contains(letters, "clientcredentials") && containsAny(words, "disabled", "disallowed", "unsupported", "allowed", "enabled", "permitted", "supported"):
		return verdicts.CodeGrantNotAllowed
	case containsAny(words, "scope", "scopes"):
		return verdicts.CodeScopeUnknown
	case containsAny(words, "https"):
		return verdicts.CodeRouteUnknown // "Client sent an HTTP request to an HTTPS server"
	case wording.AboutNetwork() && !containsAny(words, "secret", "clientid", "clientsecret", "credential", "credentials"):
		return verdicts.CodeBlocked
	case wording.Shape == upstream.ShapeText && !containsAny(words, "clientid", "clientsecret", "secret", "credential", "credentials", "authentication") &&
		!strings.Contains(letters, "invalidclient") && !strings.Contains(letters, "unknownclient"):
		return ""
	case containsAny(words, "client", "clientid", "clientsecret", "secret", "credential", "credentials", "authentication"):
		return verdicts.CodeClientRejected
	}
	return ""
}

func containsAny(words []string, any ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(any, word) })
}

// letter keeps letters alone, in lower case.
func letter(r rune) rune {
	if unicode.IsLetter(r) {
		return unicode.ToLower(r)
	}
	return -1
}

func isCode(err error, code verdicts.Code) bool {
	failure, ok := upstream.AsFailure(err)
	return ok && failure.Code == code
}

func isScopeError(err error) bool {
	return isCode(err, verdicts.CodeScopeUnknown) || isCode(err, verdicts.CodeScopeOutdated)
}

// saysOutdated reports whether a text about a scope says that it was good once.
func saysOutdated(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	return containsAny(words, "version", "older", "old", "outdated", "obsolete", "superseded", "replaced", "previous", "expired", "deprecated", "longer", "retired")
}

func unexplained(err error) bool { return isCode(err, verdicts.CodeTokenRefused) }

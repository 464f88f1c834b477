package tokens

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// oauthErrors are the error codes of RFC 6749, section 5.2, in lowercase without
// "_", in the order in which a text is searched for them. invalid_grant refers
// to the request's credentials; with client_credentials these are the client's.
var oauthErrors = []struct {
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

// errorCodeOf classifies a rejected token request, once errors of the gateway
// and of the network are excluded. A 401 without a reason is about the client:
// the gateway accepted the key, and only Client ID and Client Secret identify
// the caller otherwise. A 400 or 403 without a reason blames the single-use
// value, if one was sent, because it is the most likely to be invalid.
func errorCodeOf(status int, wording upstream.ErrorText, form url.Values) verdicts.Code {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity:
	case http.StatusNotFound:
		return verdicts.CodeRouteUnknown
	default:
		return verdicts.CodeUnexpected
	}
	code := codeByOAuthError(wording)
	if singleUse(form) && (code == "" || code == verdicts.CodeClientRejected && isInvalidGrant(wording)) {
		if singleUseCode := codeOfSingleUseValue(wording, form); singleUseCode != "" {
			return singleUseCode
		}
	}
	if code == "" {
		code = codeByText(wording)
	}
	switch {
	case code == verdicts.CodeScopeUnknown && (singleUse(form) || saysOutdated(wording.Text)):
		return verdicts.CodeScopeOutdated // the scope was valid when the application was activated
	case code == verdicts.CodeScopeUnknown && form.Get("scope") == "":
		return verdicts.CodeScopeNeeded
	case code != "":
		return code
	case status == http.StatusUnauthorized && wording.Shape == upstream.ShapeGateway:
		return verdicts.CodeKeyRejected // the gateway itself only checks the key
	case status == http.StatusUnauthorized:
		return verdicts.CodeClientRejected
	case form.Has("refresh_token"):
		return verdicts.CodeRefreshRefused
	case form.Has("code"):
		return verdicts.CodeCodeRefused
	}
	return verdicts.CodeTokenRefused
}

// isInvalidGrant reports whether the error code is invalid_grant and no other.
func isInvalidGrant(wording upstream.ErrorText) bool {
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

// codeOfSingleUseValue says what is wrong with the refresh token, or with the
// authorization code, its verifier and its redirect URI. A text that gives
// several reasons, such as RFC 6749's own sentence, gives none.
func codeOfSingleUseValue(wording upstream.ErrorText, form url.Values) verdicts.Code {
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
		code    verdicts.Code
		matches bool
	}{
		{verdicts.CodeVerifierMismatch, containsAny(words, "verifier", "pkce", "challenge") || strings.Contains(letters, "codeverifier")},
		{verdicts.CodeRedirectMismatch, containsAny(words, "redirect", "redirection") || strings.Contains(letters, "redirecturi")},
		{verdicts.CodeCodeExpired, containsAny(words, "expired", "expiry", "old", "timeout")},
		{verdicts.CodeCodeRefused, containsAny(words, "used", "redeemed", "unknown", "known", "revoked")},
	} {
		if reason.matches {
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

// codeByOAuthError looks for an error code, first in the field for it and then
// anywhere in the text.
func codeByOAuthError(wording upstream.ErrorText) verdicts.Code {
	for _, text := range []string{wording.Code, wording.Text} {
		letters := strings.Map(letter, text)
		for _, known := range oauthErrors {
			if strings.Contains(letters, known.name) {
				return known.code
			}
		}
	}
	return ""
}

// codeByText classifies a text by its subject: the grant, the scope or the
// client. Plain text may come from any proxy, so it blames the client only if
// it names something that identifies a client.
func codeByText(wording upstream.ErrorText) verdicts.Code {
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

// letter is for strings.Map: it keeps letters only, in lowercase.
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

// saysOutdated reports whether a text about a scope says that it was valid
// before.
func saysOutdated(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	return containsAny(words, "version", "older", "old", "outdated", "obsolete", "superseded", "replaced", "previous", "expired", "deprecated", "longer", "retired")
}

func unexplained(err error) bool { return isCode(err, verdicts.CodeTokenRefused) }

package oauth

import (
	"net/http"
	"slices"
	"strings"
	"unicode"

	"paycorcred/paycor"
	"paycorcred/paycor/apim"
)

// errorCodes of RFC 6749, 5.2, without "_" and in small letters, in the order
// in which a text is searched for them. invalid_grant is about the credentials
// of the request, and client_credentials has none but the client's own.
var errorCodes = []struct {
	name string
	code paycor.Code
}{
	{"unauthorizedclient", paycor.CodeGrantNotAllowed},
	{"unsupportedgranttype", paycor.CodeGrantNotAllowed},
	{"invalidscope", paycor.CodeScopeUnknown},
	{"invalidclient", paycor.CodeClientRejected},
	{"invalidgrant", paycor.CodeClientRejected},
	{"temporarilyunavailable", paycor.CodeServerError},
	{"servererror", paycor.CodeServerError},
}

// refusal decides what a refused token request means, after the gateway and
// everything on the way have been ruled out. A 401 without any telling word,
// the empty one too, is about the client: it says "I do not know who you are",
// the gateway was content with the key, and Client ID and Client Secret are
// the only other thing in the request that says who asks. A 400 or 403
// without any telling word stays what it is, a refusal without a reason.
func refusal(status int, wording apim.Wording, scoped bool) paycor.Code {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity:
	case http.StatusNotFound:
		return paycor.CodeRouteUnknown
	default:
		return paycor.CodeUnexpected
	}
	code := byErrorCode(wording)
	if code == "" {
		code = byWords(wording.Text)
	}
	switch {
	case code == paycor.CodeScopeUnknown && !scoped:
		return paycor.CodeScopeNeeded
	case code != "":
		return code
	case status == http.StatusUnauthorized && wording.Shape == apim.ShapeGateway:
		return paycor.CodeKeyRejected // the gateway itself knows nobody else to turn away
	case status == http.StatusUnauthorized:
		return paycor.CodeClientRejected
	}
	return paycor.CodeTokenRefused
}

// byErrorCode looks for an error code, first where it belongs and then
// anywhere in the text.
func byErrorCode(wording apim.Wording) paycor.Code {
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

// byWords goes by what a text is about: the grant, the scope or the client.
func byWords(text string) paycor.Code {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	letters := strings.Map(letter, text)
	switch {
	case containsAny(words, "grant", "grants", "granttype", "activation", "activated", "activate"),
		strings.Contains(letters, "clientcredentials") && containsAny(words, "disabled", "disallowed", "unsupported", "allowed", "enabled", "permitted", "supported"):
		return paycor.CodeGrantNotAllowed
	case containsAny(words, "scope", "scopes"):
		return paycor.CodeScopeUnknown
	case containsAny(words, "client", "clientid", "clientsecret", "secret", "credential", "credentials", "authentication"):
		return paycor.CodeClientRejected
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

func isCode(err error, code paycor.Code) bool {
	failure, ok := apim.AsFailure(err)
	return ok && failure.Code == code
}

func aboutScope(err error) bool { return isCode(err, paycor.CodeScopeUnknown) }

func unexplained(err error) bool { return isCode(err, paycor.CodeTokenRefused) }

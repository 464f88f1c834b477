package upstream

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"paycorcred/paycor"
	"paycorcred/paycor/redact"
)

// redactor returns a redactor for the call's secrets: key, Client Secret, token, the
// token's three parts, and the personal data in its claims.
func (c Call) redactor() redact.Redactor {
	return redact.New(append(tokenSecrets(c.Token.Reveal()), c.SubscriptionKey, c.ClientSecret)...)
}

// minPersonal keeps initials from redacting every text.
const minPersonal = 3

// maxPersonal bounds how many values are searched for: a token with thousands of
// words would keep the processor busy for minutes. A real one has a few dozen.
const maxPersonal = 100

// personalSecrets returns the personal data in the claims, because an answer may echo
// it: names as a whole and word by word, e-mail, address and phone number, at any
// depth.
func personalSecrets(payload []byte) []paycor.Secret {
	var found []paycor.Secret
	seen := map[string]bool{}
	for _, text := range personalTexts(payload, 4) {
		pieces := append(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), text)
		if strings.Trim(text, "0123456789abcdefABCDEF.:") == "" {
			pieces = []string{text} // a network address, whose parts are ordinary numbers
		}
		for _, piece := range append(pieces, strings.Fields(text)...) {
			if len(found) >= maxPersonal {
				return found
			}
			if len(piece) >= minPersonal && !seen[piece] && !slices.Contains(commonWords, strings.ToLower(piece)) {
				seen[piece] = true
				found = append(found, paycor.NewSecret(piece))
				for _, other := range []string{strings.ToUpper(piece), strings.ToLower(piece)} {
					if other != piece && !isASCII(piece) { // the redactor only folds ASCII
						found = append(found, paycor.NewSecret(other))
					}
				}
			}
		}
	}
	return found
}

// personalPhrases is personalSecrets without single words of a name, because a
// company may be named after its owner.
func personalPhrases(payload []byte) []paycor.Secret {
	var found []paycor.Secret
	for _, text := range personalTexts(payload, 4) {
		if len(found) < maxPersonal && len(text) >= minPhrase && strings.ContainsAny(text, " @.:") {
			found = append(found, paycor.NewSecret(text))
		}
	}
	return found
}

// minPhrase keeps personalPhrases from redacting a company's whole name.
const minPhrase = 6

// commonWords occur in too many addresses to identify a person.
var commonWords = []string{"com", "net", "org", "www", "http", "https", "mail", "email", "example", "invalid", "paycor", "the", "and"}

// personalTexts returns the text of claims about a person.
func personalTexts(payload []byte, depth int) []string {
	var found []string
	claims, _ := parseObject(payload)
	for _, name := range sortedNames(claims) {
		switch {
		case isPersonalClaim(name):
			found = append(found, texts(claims[name], 3)...)
		case depth > 0 && !isCompanyClaim(name):
			var list []json.RawMessage
			if json.Unmarshal(claims[name], &list) != nil {
				list = []json.RawMessage{claims[name]}
			}
			for _, inner := range list[:min(len(list), maxPersonal)] {
				found = append(found, personalTexts(inner, depth-1)...)
			}
		}
	}
	return found
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) < 0
}

func isCompanyClaim(claim string) bool {
	for _, company := range []string{"client", "company", "tenant", "product", "application"} {
		if strings.Contains(claim, company) {
			return true
		}
	}
	return false
}

// isPersonalClaim goes by the claim's name, in lower case without "_" and "-". It may
// be a URL.
func isPersonalClaim(claim string) bool {
	if slices.Contains([]string{"ip", "upn", "sub", "login", "user", "actor", "nickname"}, claim) {
		return true
	}
	for _, mark := range []string{"mail", "phone", "address", "ipaddr", "birth", "userid", "login", "clientip", "remoteip"} {
		if strings.Contains(claim, mark) {
			return true
		}
	}
	return strings.Contains(claim, "name") && !isCompanyClaim(claim)
}

// jwtPattern matches a JWT in a text.
var jwtPattern = regexp.MustCompile(`eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*`)

// tokensIn returns the JWTs in a text, their parts and their personal data: an answer
// may contain one that we did not send.
func tokensIn(text []byte) []paycor.Secret {
	var found []paycor.Secret
	for _, token := range jwtPattern.FindAll(text, 4) {
		found = append(found, tokenSecrets(string(token))...)
	}
	return found
}

func tokenSecrets(token string) []paycor.Secret {
	secrets := []paycor.Secret{paycor.NewSecret(token)}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return secrets
	}
	for _, part := range parts {
		secrets = append(secrets, paycor.NewSecret(part))
	}
	return append(secrets, personalSecrets(payloadOf(token))...)
}

// payloadOf returns the claims of a token, or nothing if it is not a JWT.
func payloadOf(token string) []byte {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	payload, _ := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	return payload
}

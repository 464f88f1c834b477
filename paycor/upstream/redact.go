package upstream

import (
	"encoding/base64"
	"encoding/json"
	"paycorcred/paycor"
	"paycorcred/paycor/redact"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// redactor knows the call's secrets: the key, the client's secret, the token,
// the token's three parts, and what the token tells about a person.
func (c Call) redactor() redact.Redactor {
	return redact.New(append(tokenSecrets(c.Token.Reveal()), c.SubscriptionKey, c.ClientSecret)...)
}

// shortestPersonal keeps initials from withholding every text.
const shortestPersonal = 3

// mostPersonal bounds how much is looked for: a token of thousands of words
// would keep the processor busy for minutes. What an honest token tells about
// a person is a few dozen.
const mostPersonal = 100

// person returns what the claims tell about a person, because an answer may
// repeat it: names whole and by the word, e-mail, address, telephone, at any
// depth.
func person(payload []byte) []paycor.Secret {
	var found []paycor.Secret
	seen := map[string]bool{}
	for _, text := range personal(payload, 4) {
		pieces := append(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), text)
		if strings.Trim(text, "0123456789abcdefABCDEF.:") == "" {
			pieces = []string{text} // an address in the network: its parts are any number
		}
		for _, piece := range append(pieces, strings.Fields(text)...) {
			if len(found) >= mostPersonal {
				return found
			}
			if len(piece) >= shortestPersonal && !seen[piece] && !slices.Contains(mailWords, strings.ToLower(piece)) {
				seen[piece] = true
				found = append(found, paycor.NewSecret(piece))
				for _, other := range []string{strings.ToUpper(piece), strings.ToLower(piece)} {
					if other != piece && !isASCII(piece) { // the redactor itself folds ASCII alone
						found = append(found, paycor.NewSecret(other))
					}
				}
			}
		}
	}
	return found
}

// wholePerson is person without the single words of a name: a company may well
// be called after its owner.
func wholePerson(payload []byte) []paycor.Secret {
	var found []paycor.Secret
	for _, text := range personal(payload, 4) {
		if len(found) < mostPersonal && len(text) >= shortestRedactable && strings.ContainsAny(text, " @.:") {
			found = append(found, paycor.NewSecret(text))
		}
	}
	return found
}

// shortestRedactable keeps wholePerson from withholding a company's name whole.
const shortestRedactable = 6

// mailWords stand in too many addresses to tell of a person.
var mailWords = []string{"com", "net", "org", "www", "http", "https", "mail", "email", "example", "invalid", "paycor", "the", "and"}

// personal returns the texts of the claims that are about a person.
func personal(payload []byte, depth int) []string {
	var found []string
	claims, _ := parseObject(payload)
	for _, name := range sortedNames(claims) {
		switch {
		case isPersonal(name):
			found = append(found, texts(claims[name], 3)...)
		case depth > 0 && !aboutCompany(name):
			var list []json.RawMessage
			if json.Unmarshal(claims[name], &list) != nil {
				list = []json.RawMessage{claims[name]}
			}
			for _, inner := range list[:min(len(list), mostPersonal)] {
				found = append(found, personal(inner, depth-1)...)
			}
		}
	}
	return found
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) < 0
}

func aboutCompany(claim string) bool {
	for _, company := range []string{"client", "company", "tenant", "product", "application"} {
		if strings.Contains(claim, company) {
			return true
		}
	}
	return false
}

// isPersonal goes by the claim's name, in small letters without "_" and "-",
// which may be a whole URL.
func isPersonal(claim string) bool {
	if slices.Contains([]string{"ip", "upn", "sub", "login", "user", "actor", "nickname"}, claim) {
		return true
	}
	for _, mark := range []string{"mail", "phone", "address", "ipaddr", "birth", "userid", "login", "clientip", "remoteip"} {
		if strings.Contains(claim, mark) {
			return true
		}
	}
	return strings.Contains(claim, "name") && !aboutCompany(claim)
}

// jwt is what a token looks like in a text.
var jwt = regexp.MustCompile(`eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*`)

// tokensIn returns the tokens that stand in a text, their parts, and whom they
// name: an answer may hold one that nobody here has sent.
func tokensIn(text []byte) []paycor.Secret {
	var found []paycor.Secret
	for _, token := range jwt.FindAll(text, 4) {
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
	return append(secrets, person(payloadOf(token))...)
}

// payloadOf returns the claims of a token; nothing where it is no JWT.
func payloadOf(token string) []byte {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	payload, _ := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	return payload
}

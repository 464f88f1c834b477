package apim

import (
	"encoding/base64"
	"slices"
	"strings"

	"paycorcred/paycor"
)

// redactor knows the call's secrets: the key, the token, the token's three
// parts, and what the token tells about a person.
func (c Call) redactor() paycor.Redactor {
	secrets := []paycor.Secret{c.SubscriptionKey, c.Token}
	parts := strings.Split(c.Token.Reveal(), ".")
	if len(parts) != 3 {
		return paycor.NewRedactor(secrets...)
	}
	for _, part := range parts {
		secrets = append(secrets, paycor.NewSecret(part))
	}
	if payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "=")); err == nil {
		secrets = append(secrets, person(payload)...)
	}
	return paycor.NewRedactor(secrets...)
}

// shortestPersonal keeps initials from withholding every text.
const shortestPersonal = 3

// mostPersonal bounds how much is looked for: a token of thousands of words
// would keep the processor busy for minutes. What an honest token tells about
// a person is a few dozen.
const mostPersonal = 100

// person returns what the claims tell about a person, because an answer may
// repeat it: names whole and by the word, e-mail, address, telephone.
func person(payload []byte) []paycor.Secret {
	var found []paycor.Secret
	claims, _ := parseObject(payload)
	for _, name := range sortedNames(claims) {
		if !isPersonal(name) {
			continue
		}
		for _, text := range texts(claims[name], 3) {
			for _, piece := range append(strings.Fields(text), text) {
				if len(found) == mostPersonal {
					return found
				}
				if len(piece) >= shortestPersonal {
					found = append(found, paycor.NewSecret(piece))
				}
			}
		}
	}
	return found
}

// isPersonal goes by the claim's name, in small letters without "_" and "-",
// which may be a whole URL.
func isPersonal(claim string) bool {
	for _, company := range []string{"client", "company", "tenant", "product"} {
		if strings.Contains(claim, company) {
			return false
		}
	}
	if slices.Contains([]string{"ip", "upn", "sub"}, claim) {
		return true
	}
	for _, mark := range []string{"name", "mail", "phone", "address", "ipaddr", "birth"} {
		if strings.Contains(claim, mark) {
			return true
		}
	}
	return false
}

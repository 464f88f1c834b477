package apim

import (
	"encoding/base64"
	"slices"
	"strings"

	"paycorcred/paycor"
)

// impersonal are the claims of an access token that name nobody. The texts of
// all others are kept out of what is shown, because the token names a person.
var impersonal = []string{"iss", "aud", "scope", "clientid", "jti", "amr", "idp", "azp", "typ", "alg", "paycorclients", "granttype", "roles"}

// shortestPersonal keeps initials and flags from withholding every text.
const shortestPersonal = 4

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
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return paycor.NewRedactor(secrets...)
	}
	claims, _ := parseObject(payload)
	for name, value := range claims {
		if slices.Contains(impersonal, name) {
			continue
		}
		for _, text := range texts(value, 3) {
			if len(text) >= shortestPersonal && strings.Trim(text, "0123456789.") != "" || name == "ip" || name == "ipaddr" {
				secrets = append(secrets, paycor.NewSecret(text))
			}
			if strings.HasSuffix(name, "name") { // an answer may greet somebody by half the name
				for _, word := range strings.Fields(text) {
					if len(word) >= shortestPersonal {
						secrets = append(secrets, paycor.NewSecret(word))
					}
				}
			}
		}
	}
	return paycor.NewRedactor(secrets...)
}

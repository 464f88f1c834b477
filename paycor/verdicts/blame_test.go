package verdicts_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

func TestOnlyNewValuesAreBlamed(t *testing.T) {
	secret, key := fields.ClientSecret, fields.SubscriptionKey
	for name, c := range map[string]struct {
		code    verdicts.Code
		changed []fields.Field
		want    verdicts.Code
		blamed  []fields.Field
	}{
		"only the secret":             {verdicts.CodeClientRejected, []fields.Field{secret}, verdicts.CodeSecretRejected, []fields.Field{secret}},
		"secret and key":              {verdicts.CodeClientRejected, []fields.Field{secret, key}, verdicts.CodeSecretRejected, []fields.Field{secret}},
		"client and secret":           {verdicts.CodeClientRejected, []fields.Field{fields.ClientID, secret}, verdicts.CodeClientRejected, []fields.Field{fields.ClientID, secret}},
		"only the client":             {verdicts.CodeClientRejected, []fields.Field{fields.ClientID}, verdicts.CodeClientRejected, []fields.Field{fields.ClientID}},
		"only the key, secret blamed": {verdicts.CodeClientRejected, []fields.Field{key}, verdicts.CodeClientRejected, []fields.Field{fields.ClientID, secret}},
		"only the key":                {verdicts.CodeKeyRejected, []fields.Field{key}, verdicts.CodeKeyRejected, []fields.Field{key}},
		"no reason given":             {verdicts.CodeTokenRefused, []fields.Field{secret}, verdicts.CodeTokenRefused, []fields.Field{secret}},
	} {
		verdict := c.code.Verdict()
		verdict.CorrelationID = "kept"
		narrowed := verdict.Blaming(c.changed)
		assert.Equal(t, c.want, narrowed.Code, name)
		assert.Equal(t, c.blamed, narrowed.Fields, name)
		assert.Equal(t, c.want.Verdict().Message, narrowed.Message, name)
		assert.Equal(t, "kept", narrowed.CorrelationID, name)
		assert.Equal(t, c.code, verdict.Code, "the verdict itself stays")
	}
}

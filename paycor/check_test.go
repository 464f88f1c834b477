package paycor_test

import (
	"fmt"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Values of the usual shapes, invented.
const (
	clientID        = "0a1b2c3d4e5f60718293"
	clientSecret    = "Zq8/x+9ZkAw2LmPa7/Rt+5Yb1Nc0Ud3Ve6Wf4Xg8hK"
	subscriptionKey = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	scopeID         = "00112233445566778899aabbccddeeff"
	entityID        = "501123"
)

var rules = paycor.Rules{Environments: paycor.Environments()}

// good returns a draft with which nothing is wrong.
func good() paycor.Draft {
	return paycor.Draft{
		Name: "Payroll", Description: "Nightly headcount", Environment: "production", Grant: paycor.GrantClientCredentials,
		ClientID: clientID, ClientSecret: paycor.NewSecret(clientSecret), SubscriptionKey: paycor.NewSecret(subscriptionKey),
		LegalEntityID: entityID, Scope: scopeID,
	}
}

// with returns the good draft with one field changed.
func with(field fields.Field, value string) paycor.Draft {
	return set(good(), field, value)
}

func set(d paycor.Draft, field fields.Field, value string) paycor.Draft {
	switch field {
	case fields.Name:
		d.Name = value
	case fields.Description:
		d.Description = value
	case fields.Environment:
		d.Environment = value
	case fields.Grant:
		d.Grant = paycor.Grant(value)
	case fields.ClientID:
		d.ClientID = value
	case fields.ClientSecret:
		d.ClientSecret = paycor.NewSecret(value)
	case fields.SubscriptionKey:
		d.SubscriptionKey = paycor.NewSecret(value)
	case fields.LegalEntityID:
		d.LegalEntityID = paycor.TypedID(value)
	case fields.Scope:
		d.Scope = value
	}
	return d
}

// allFields are the fields in the order of the form.
var allFields = []fields.Field{
	fields.Name, fields.Description, fields.Environment, fields.ClientID, fields.ClientSecret,
	fields.SubscriptionKey, fields.LegalEntityID, fields.Scope, fields.Grant,
}

// lines writes problems as "field code: message", to be read in a failure.
func lines(problems []fields.Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, fmt.Sprintf("%s %s: %s", p.Field, p.Code, p.Message))
	}
	return out
}

func TestCheckFindsNothing(t *testing.T) {
	for name, draft := range map[string]paycor.Draft{
		"all fields":              good(),
		"no description":          with(fields.Description, ""),
		"no scope":                with(fields.Scope, ""),
		"no grant":                with(fields.Grant, ""),
		"activation":              with(fields.Grant, "authorization_code"),
		"sandbox":                 with(fields.Environment, "sandbox"),
		"blanks around the name":  with(fields.Name, " \u00a0Payroll\n"),
		"blanks around the id":    with(fields.LegalEntityID, "\u00a0501123\t\n"),
		"zeros before the id":     with(fields.LegalEntityID, "00501123"),
		"longest name":            with(fields.Name, strings.Repeat("é", 100)),
		"longest description":     with(fields.Description, strings.Repeat("é", 1000)),
		"lines in a description":  with(fields.Description, "one\r\ntwo\n\tthree"),
		"joined emoji":            with(fields.Name, "👩\u200d👧 payroll ❤\ufe0f"),
		"Persian":                 with(fields.Name, "می\u200cخواهم"),
		"markup":                  with(fields.Name, `"><script>alert(1)</script>`),
		"capital hexadecimal":     with(fields.ClientID, strings.ToUpper(clientID)),
		"short Client Secret":     with(fields.ClientSecret, clientSecret[:41]),
		"replacement in the name": with(fields.Name, "Payroll \ufffd"),
	} {
		t.Run(name, func(t *testing.T) {
			report := paycor.Check(draft, rules)
			assert.Empty(t, lines(report.Problems))
			assert.Empty(t, lines(report.Warnings))
		})
	}
}

func TestCheckNamesTheProblem(t *testing.T) {
	const (
		n, d, env, grant = fields.Name, fields.Description, fields.Environment, fields.Grant
		id, secret, key  = fields.ClientID, fields.ClientSecret, fields.SubscriptionKey
		entity, scope    = fields.LegalEntityID, fields.Scope
		wholeNumber      = "legal_entity_id not_an_integer: Legal Entity ID is a whole number: digits only, such as 123456. Look it up in Paycor's company settings."
		outOfRange       = "legal_entity_id out_of_range: Legal Entity ID is a number from 1 to 2147483647. Look it up in Paycor's company settings."
	)
	for name, test := range map[string]struct {
		field       fields.Field
		value, want string
	}{
		"no name":                   {n, "", "name required: Enter a Credential Name."},
		"blank name":                {n, " \n\u3000", "name required: Enter a Credential Name."},
		"name nobody sees":          {n, "\u200d", "name required: Enter a Credential Name."},
		"long name":                 {n, strings.Repeat("é", 101), "name too_long: Credential Name has 101 characters; the most is 100. Shorten it."},
		"name of bytes":             {n, "Pay\xffroll", "name not_text: Credential Name holds something that is not text. Type it again."},
		"name of half a character":  {n, "Payroll\xe2\x80", "name not_text: Credential Name holds something that is not text. Type it again."},
		"zero-width space in name":  {n, "Pay\u200broll", "name invisible_characters: Credential Name holds an invisible character. Type it again instead of pasting it."},
		"override in name":          {n, "Pay\u202eroll", "name invisible_characters: Credential Name holds an invisible character. Type it again instead of pasting it."},
		"NUL in name":               {n, "Pay\x00roll", "name invisible_characters: Credential Name holds an invisible character. Type it again instead of pasting it."},
		"tag in name":               {n, "Pay\U000e0070roll", "name invisible_characters: Credential Name holds an invisible character. Type it again instead of pasting it."},
		"braille blank as name":     {n, "\u2800", "name invisible_characters: Credential Name holds an invisible character. Type it again instead of pasting it."},
		"line break in name":        {n, "Pay\nroll", "name invisible_characters: Credential Name holds a line break or a tab. Write it on one line."},
		"line separator in name":    {n, "Pay\u2028roll", "name invisible_characters: Credential Name holds a line break or a tab. Write it on one line."},
		"long description":          {d, strings.Repeat("é", 1001), "description too_long: Credential Description has 1001 characters; the most is 1000. Shorten it."},
		"description of bytes":      {d, "\xff", "description not_text: Credential Description holds something that is not text. Type it again."},
		"override in description":   {d, "a\u2066b", "description invisible_characters: Credential Description holds an invisible character. Type it again instead of pasting it."},
		"no environment":            {env, "", "environment required: Choose an Environment."},
		"unknown environment":       {env, "staging", "environment unknown_value: There is no such Environment here. Choose one of: production, sandbox."},
		"environment in capitals":   {env, "Production", "environment unknown_value: There is no such Environment here. Choose one of: production, sandbox."},
		"unknown grant":             {grant, "password", "grant unknown_value: There is no such Grant. Choose one of: client_credentials, authorization_code."},
		"no Client ID":              {id, "", "client_id required: Enter the Client ID."},
		"no Client Secret":          {secret, "", "client_secret required: Enter the Client Secret."},
		"no key":                    {key, "", "subscription_key required: Enter the APIM Subscription Key."},
		"blank Client ID":           {id, " \t", "client_id required: Enter the Client ID."},
		"Client ID nobody sees":     {id, "\u200b\ufeff", "client_id required: Enter the Client ID."},
		"blank scope":               {scope, " ", "scope blanks: Scope ID looks empty but is not. Clear it."},
		"scope of quotes":           {scope, `""`, "scope quotes: Scope ID stands in quotes. Remove the quotes, or copy the value from Paycor again."},
		"long Client ID":            {id, strings.Repeat("é", 4097), "client_id too_long: Client ID has 4097 characters; the most is 4096. Copy only the value from Paycor."},
		"long Client Secret":        {secret, strings.Repeat("é", 1_000_000), "client_secret too_long: Client Secret has 1000000 characters; the most is 4096. Copy only the value from Paycor."},
		"key of bytes":              {key, subscriptionKey[:31] + "\xff", "subscription_key not_text: APIM Subscription Key holds something that is not text. Copy it from Paycor again."},
		"key that was not readable": {key, subscriptionKey[:31] + "\ufffd", "subscription_key not_text: APIM Subscription Key holds something that is not text. Copy it from Paycor again."},
		"blank behind the secret":   {secret, clientSecret + " ", "client_secret blanks: Client Secret begins or ends with a space. Remove the space, or copy the value from Paycor again."},
		"NBSP before the Client ID": {id, "\u00a0" + clientID, "client_id blanks: Client ID begins or ends with a space. Remove the space, or copy the value from Paycor again."},
		"line break behind the key": {key, subscriptionKey + "\r\n", "subscription_key blanks: APIM Subscription Key begins or ends with a line break. Remove the line break, or copy the value from Paycor again."},
		"blank inside the secret":   {secret, clientSecret[:20] + " " + clientSecret[20:], "client_secret blanks: Client Secret has a space inside. Copy only the value from Paycor."},
		"NBSP inside the scope":     {scope, scopeID[:20] + "\u00a0" + scopeID[20:], "scope blanks: Scope ID has a space inside. Copy only the value from Paycor."},
		"two lines in the key":      {key, subscriptionKey + "\n" + scopeID, "subscription_key blanks: APIM Subscription Key has a line break inside. Copy only the value from Paycor."},
		"zero-width in the secret":  {secret, clientSecret[:20] + "\u200b" + clientSecret[20:], "client_secret invisible_characters: Client Secret holds an invisible character. Remove the invisible character, or copy the value from Paycor again."},
		"BOM before the Client ID":  {id, "\ufeff" + clientID, "client_id invisible_characters: Client ID holds an invisible character. Remove the invisible character, or copy the value from Paycor again."},
		"bearer before the secret":  {secret, "bEARER " + clientSecret, `client_secret bearer_prefix: Client Secret begins with "Bearer". Remove "Bearer", or copy the value from Paycor again.`},
		"header before the key":     {key, "ocp-apim-Subscription-Key: " + subscriptionKey, "subscription_key header_name: APIM Subscription Key begins with the name of a header. Remove the name and the colon, or copy the value from Paycor again."},
		"label before the id":       {id, "Client ID: " + clientID, `client_id header_name: Client ID begins with a label, such as "Client ID:". Remove the label, or copy the value from Paycor again.`},
		"quotes around the secret":  {secret, "“" + clientSecret + "”", "client_secret quotes: Client Secret stands in quotes. Remove the quotes, or copy the value from Paycor again."},
		"two things":                {key, `"` + subscriptionKey + "\"\n", "subscription_key blanks: APIM Subscription Key begins or ends with a line break and stands in quotes. Remove the line break and the quotes, or copy the value from Paycor again."},
		"three things":              {key, "\u200b'Bearer " + subscriptionKey + "'", `subscription_key invisible_characters: APIM Subscription Key holds an invisible character, stands in quotes and begins with "Bearer". Remove the invisible character, the quotes and "Bearer", or copy the value from Paycor again.`},
		"no entity":                 {entity, "", "legal_entity_id required: Enter the Legal Entity ID."},
		"blank entity":              {entity, " ", "legal_entity_id required: Enter the Legal Entity ID."},
		"entity nobody sees":        {entity, "\u200b", "legal_entity_id required: Enter the Legal Entity ID."},
		"entity zero":               {entity, "0", outOfRange},
		"entity beyond int32":       {entity, "2147483648", outOfRange},
		"entity of 20 digits":       {entity, "12345678901234567890", outOfRange},
		"entity with an exponent":   {entity, "1e3", "legal_entity_id not_an_integer: Legal Entity ID is written with an exponent, as a spreadsheet shows a large number. Remove the exponent, or copy the value from Paycor again."},
		"entity with a fraction":    {entity, "1.5", wholeNumber},
		"entity with a plus":        {entity, "+1", "legal_entity_id not_an_integer: Legal Entity ID begins with a sign. Remove the sign, or copy the value from Paycor again."},
		"entity below zero":         {entity, "-1", wholeNumber},
		"entity with a comma":       {entity, "501,123", "legal_entity_id not_an_integer: Legal Entity ID has separators between its digits. Remove the separators, or copy the value from Paycor again."},
		"entity with a blank":       {entity, "501 123", "legal_entity_id not_an_integer: Legal Entity ID has separators between its digits. Remove the separators, or copy the value from Paycor again."},
		"entity in Arabic digits":   {entity, "٥٠١١٢٣", "legal_entity_id not_an_integer: Legal Entity ID has digits of another script. Remove that script, or copy the value from Paycor again."},
		"entity as a name":          {entity, "Acme Corporation", wholeNumber},
		"entity in quotes":          {entity, "'501123'", "legal_entity_id quotes: Legal Entity ID stands in quotes. Remove the quotes, or copy the value from Paycor again."},
		"entity with a BOM":         {entity, "\ufeff501123", "legal_entity_id invisible_characters: Legal Entity ID holds an invisible character. Remove the invisible character, or copy the value from Paycor again."},
		"entity with a label":       {entity, "Legal Entity ID: 501123", `legal_entity_id header_name: Legal Entity ID begins with a label, such as "Client ID:". Remove the label, or copy the value from Paycor again.`},
		"entity of bytes":           {entity, "501123\xff", "legal_entity_id not_text: Legal Entity ID holds something that is not text. Type it again."},
		"another Client ID":         {entity, "ffffffffffffffffffff", "legal_entity_id not_an_integer: Legal Entity ID looks like a Client ID. Enter the number from Paycor's company settings, digits only."},
		"another key as entity":     {entity, strings.Repeat("f", 32), "legal_entity_id not_an_integer: Legal Entity ID looks like an APIM Subscription Key. Enter the number from Paycor's company settings, digits only."},
		"the secret in the key":     {key, clientSecret, "subscription_key same_value: APIM Subscription Key and Client Secret hold the same value. Copy each from its own line in Paycor."},
		"the key in the secret":     {secret, subscriptionKey, "client_secret same_value: Client Secret and APIM Subscription Key hold the same value. Copy each from its own line in Paycor."},
		"the entity in the id":      {id, entityID, "client_id same_value: Client ID and Legal Entity ID hold the same value. Copy each from its own line in Paycor."},
		"the key in the scope":      {scope, subscriptionKey, "scope same_value: Scope ID and APIM Subscription Key hold the same value. Copy each from its own line in Paycor."},
	} {
		t.Run(name, func(t *testing.T) {
			report := paycor.Check(with(test.field, test.value), rules)
			assert.Equal(t, []string{test.want}, lines(report.Problems))
			assert.Empty(t, lines(report.Warnings))
		})
	}
}

func TestCheckWarnsOfShapes(t *testing.T) {
	const (
		otherID     = "ffffffffffffffffffff"
		otherKey    = "ffffffffffffffffffffffffffffffff"
		otherSecret = "Aq8/x+9ZkAw2LmPa7/Rt+5Yb1Nc0Ud3Ve6Wf4Xg8hK"
		swapEnd     = " Check that each value is in its own field."
		copied      = ". Check that all of it was copied, and nothing else."
		shapeEnd    = "; this one differs" + copied
	)
	for name, test := range map[string]struct {
		field       fields.Field
		value, want string
		swap        bool
	}{
		"a number in Client ID":     {fields.ClientID, "678556", "Client ID looks like a Legal Entity ID." + swapEnd, true},
		"a key in Client ID":        {fields.ClientID, otherKey, "Client ID looks like an APIM Subscription Key." + swapEnd, true},
		"a secret in Client ID":     {fields.ClientID, otherSecret, "Client ID looks like a Client Secret." + swapEnd, true},
		"32 hex in Client Secret":   {fields.ClientSecret, otherKey, "Client Secret looks like an APIM Subscription Key." + swapEnd, true},
		"an id in Client Secret":    {fields.ClientSecret, otherID, "Client Secret looks like a Client ID." + swapEnd, true},
		"a number in Client Secret": {fields.ClientSecret, "678556", "Client Secret looks like a Legal Entity ID." + swapEnd, true},
		"a secret in the key":       {fields.SubscriptionKey, otherSecret, "APIM Subscription Key looks like a Client Secret." + swapEnd, true},
		"an id in the key":          {fields.SubscriptionKey, otherID, "APIM Subscription Key looks like a Client ID." + swapEnd, true},
		"short Client ID":           {fields.ClientID, clientID[1:], "Client ID usually has 20 characters, each 0–9 or a–f; this one has 19" + copied, false},
		"letter beyond f":           {fields.ClientID, clientID[1:] + "g", "Client ID usually has 20 characters, each 0–9 or a–f" + shapeEnd, false},
		"short Client Secret":       {fields.ClientSecret, clientSecret[2:], "Client Secret usually has 41 or 42 letters and digits; this one has 40" + copied, false},
		"long Client Secret":        {fields.ClientSecret, clientSecret + "x", "Client Secret usually has 41 or 42 letters and digits; this one has 43" + copied, false},
		"odd Client Secret":         {fields.ClientSecret, clientSecret[1:] + "~", "Client Secret usually has 41 or 42 letters and digits" + shapeEnd, false},
		"short key":                 {fields.SubscriptionKey, subscriptionKey[1:], "APIM Subscription Key usually has 32 characters, each 0–9 or a–f; this one has 31" + copied, false},
		"short scope":               {fields.Scope, scopeID[1:], "Scope ID usually has 32 characters, each 0–9 or a–f; this one has 31" + copied, false},
		"an id in the scope":        {fields.Scope, otherID, "Scope ID usually has 32 characters, each 0–9 or a–f; this one has 20" + copied, false},
		"longest":                   {fields.SubscriptionKey, strings.Repeat("é", 4096), "APIM Subscription Key usually has 32 characters, each 0–9 or a–f; this one has 4096" + copied, false},
	} {
		t.Run(name, func(t *testing.T) {
			code := fields.ProblemUnusualShape
			if test.swap {
				code = fields.ProblemLooksLike
			}
			want := []fields.Problem{{Field: test.field, Code: code, Message: test.want}}
			report := paycor.Check(with(test.field, test.value), rules)
			assert.Empty(t, lines(report.Problems))
			assert.Equal(t, lines(want), lines(report.Warnings))
			if test.swap {
				assert.Equal(t, want, report.Swapped())
			} else {
				assert.Empty(t, report.Swapped())
			}
		})
	}
}

func TestCheckKeepsTheRules(t *testing.T) {
	secrets := []fields.Field{fields.ClientSecret, fields.SubscriptionKey}
	empty := paycor.Draft{}
	for name, test := range map[string]struct {
		draft paycor.Draft
		rules paycor.Rules
		want  []string
	}{
		"nothing at all": {empty, rules, []string{
			"name required: Enter a Credential Name.",
			"environment required: Choose an Environment.",
			"client_id required: Enter the Client ID.",
			"client_secret required: Enter the Client Secret.",
			"subscription_key required: Enter the APIM Subscription Key.",
			"legal_entity_id required: Enter the Legal Entity ID.",
		}},
		"only to be verified": {empty, paycor.Rules{Environments: rules.Environments, Verification: true}, []string{
			"environment required: Choose an Environment.",
			"client_id required: Enter the Client ID.",
			"client_secret required: Enter the Client Secret.",
			"subscription_key required: Enter the APIM Subscription Key.",
		}},
		"verified with a name nobody could read": {
			with(fields.Name, "a\x00b"), paycor.Rules{Environments: rules.Environments, Verification: true},
			[]string{"name invisible_characters: Credential Name holds an invisible character. Type it again instead of pasting it."},
		},
		"verified with an entity nobody sees": {
			with(fields.LegalEntityID, "\u200b"), paycor.Rules{Environments: rules.Environments, Verification: true},
			[]string{"legal_entity_id blanks: Legal Entity ID looks empty but is not. Clear it."},
		},
		"verified with a wrong entity": {
			with(fields.LegalEntityID, "0"), paycor.Rules{Environments: rules.Environments, Verification: true},
			[]string{"legal_entity_id out_of_range: Legal Entity ID is a number from 1 to 2147483647. Look it up in Paycor's company settings."},
		},
		"secrets saved already": {
			set(with(fields.ClientSecret, ""), fields.SubscriptionKey, ""),
			paycor.Rules{Environments: rules.Environments, Stored: secrets}, nil,
		},
		"one secret saved already": {
			set(with(fields.ClientSecret, ""), fields.SubscriptionKey, ""),
			paycor.Rules{Environments: rules.Environments, Stored: secrets[:1]},
			[]string{"subscription_key required: Enter the APIM Subscription Key."},
		},
		"saved already, and a blank typed": {
			with(fields.ClientSecret, " "), paycor.Rules{Environments: rules.Environments, Stored: secrets},
			[]string{"client_secret blanks: Client Secret looks empty but is not. Clear it to keep the saved one, or enter the new one."},
		},
		"saved already, and replaced badly": {
			with(fields.ClientSecret, "Bearer"), paycor.Rules{Environments: rules.Environments, Stored: secrets},
			[]string{`client_secret bearer_prefix: Client Secret begins with "Bearer". Remove "Bearer", or copy the value from Paycor again.`},
		},
		"saved already, for another environment": {
			set(with(fields.ClientSecret, ""), fields.SubscriptionKey, ""),
			paycor.Rules{Environments: rules.Environments, Stored: secrets, StoredEnvironment: "sandbox"},
			[]string{
				"client_secret required: Enter the Client Secret for this Environment. The saved one is sent only to the Environment it was saved for.",
				"subscription_key required: Enter the APIM Subscription Key for this Environment. The saved one is sent only to the Environment it was saved for.",
			},
		},
		"asked about in another environment": {
			with(fields.SubscriptionKey, "\u200b"),
			paycor.Rules{Environments: rules.Environments, Stored: secrets, StoredEnvironment: "sandbox", Verification: true},
			[]string{"subscription_key required: Enter the APIM Subscription Key for this Environment. The saved one is sent only to the Environment it was saved for."},
		},
		"entered again for another environment": {
			good(), paycor.Rules{Environments: rules.Environments, Stored: secrets, StoredEnvironment: "sandbox"}, nil,
		},
		"saved already, for the same environment": {
			set(with(fields.ClientSecret, ""), fields.SubscriptionKey, ""),
			paycor.Rules{Environments: rules.Environments, Stored: secrets, StoredEnvironment: "production"}, nil,
		},
		"saved already, and no environment chosen": {
			set(with(fields.ClientSecret, ""), fields.Environment, ""),
			paycor.Rules{Environments: rules.Environments, Stored: secrets, StoredEnvironment: "sandbox"},
			[]string{"environment required: Choose an Environment."},
		},
		"saved already, and an unknown environment": {
			set(with(fields.ClientSecret, ""), fields.Environment, "staging"),
			paycor.Rules{Environments: rules.Environments, Stored: secrets, StoredEnvironment: "sandbox"},
			[]string{"environment unknown_value: There is no such Environment here. Choose one of: production, sandbox."},
		},
		"a secret in what everybody reads": {
			set(with(fields.Name, clientSecret), fields.Description, "key: "+subscriptionKey+", for the night"), rules,
			[]string{
				"name same_value: Credential Name holds the Client Secret. Remove it: this text is shown to everybody who sees the credential.",
				"description same_value: Credential Description holds the APIM Subscription Key. Remove it: this text is shown to everybody who sees the credential.",
			},
		},
		"a word that is a secret too": {
			set(with(fields.Description, "Nightly"), fields.ClientSecret, "Night"), rules, nil,
		},
		"no environments": {
			good(), paycor.Rules{},
			[]string{"environment unknown_value: There is no Environment to choose. Ask whoever runs this server to add one."},
		},
		"one of its own": {
			with(fields.Environment, "simulator"), paycor.Rules{Environments: []paycor.Environment{{Name: "simulator"}}}, nil,
		},
		"one value everywhere": {
			set(set(set(with(fields.ClientID, subscriptionKey), fields.ClientSecret, subscriptionKey), fields.Scope, subscriptionKey), fields.Name, ""),
			rules, []string{
				"name required: Enter a Credential Name.",
				"client_id same_value: Client ID and APIM Subscription Key hold the same value. Copy each from its own line in Paycor.",
				"client_secret same_value: Client Secret and Client ID hold the same value. Copy each from its own line in Paycor.",
				"scope same_value: Scope ID and APIM Subscription Key hold the same value. Copy each from its own line in Paycor.",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, lines(paycor.Check(test.draft, test.rules).Problems))
		})
	}
}

func TestCheckWarnsOfAllSwapsAtOnce(t *testing.T) {
	swapped := set(set(with(fields.ClientID, "678556"), fields.ClientSecret, subscriptionKey), fields.SubscriptionKey, clientSecret)
	report := paycor.Check(swapped, rules)
	assert.Empty(t, lines(report.Problems))
	require.Len(t, report.Swapped(), 3)
	assert.Equal(t, report.Warnings, report.Swapped())
}

// Whatever is wrong with a field, nothing of what was typed is in a message.
func TestNoMessageRepeatsAValue(t *testing.T) {
	soil := map[string]string{
		"plain": "%s", "blanks": " %s ", "inner blank": "%s %s", "line break": "%s\n", "zero-width": "%s\u200b%s", "bearer": "Bearer %s",
		"header": "Authorization: %s", "label": "client_id=%s", "quotes": `"%s"`, "bytes": "%s\xff", "unread": "%s\ufffd", "NUL": "%s\x00",
		"too long": "%s" + strings.Repeat("x", 4097), "format": "%s%%d%%s%%v%%!", "everything": "\ufeff\"Bearer %s \"\n",
	}
	for name, format := range soil {
		for _, value := range []string{"c4n4ry-9Kq", "987654321987", strings.Repeat("b", 20), strings.Repeat("c", 32), strings.Repeat("Zq8", 14)} {
			typed := strings.ReplaceAll(format, "%s", value)
			all := good()
			for _, field := range allFields {
				all = set(all, field, typed)
			}
			drafts := []paycor.Draft{all}
			for _, field := range allFields {
				drafts = append(drafts, with(field, typed))
			}
			t.Run(name+" "+value, func(t *testing.T) {
				for _, draft := range drafts {
					report := paycor.Check(draft, rules)
					for _, problem := range append(report.Problems, report.Warnings...) {
						assert.NotContains(t, problem.Message, value[:6])
						assert.NotContains(t, problem.Message, "%!")
					}
				}
			})
		}
	}
}

// The words of every message are those the house has agreed upon.
func TestMessagesReadWell(t *testing.T) {
	for message := range sentences(t) {
		assert.Regexp(t, `^[A-Z].*[^.]\.$`, message)
		for _, word := range []string{"invalid", "please", "oops", "%!", "  ", "..", "error"} {
			assert.NotContains(t, strings.ToLower(message), word)
		}
	}
}

package paycor_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Invented values of the usual shapes.
const (
	clientID        = "0a1b2c3d4e5f60718293"
	clientSecret    = "Zq8/x+9ZkAw2LmPa7/Rt+5Yb1Nc0Ud3Ve6Wf4Xg8hK"
	subscriptionKey = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	scopeID         = "00112233445566778899aabbccddeeff"
	entityID        = "501123"
)

var rules = paycor.Rules{Environments: paycor.Environments()}

// good returns a valid draft.
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
	case fields.Tags:
		d.Tags = paycor.Tags(value)
	case fields.Owner:
		d.Owner = value
	}
	return d
}

// allFields are the fields in the order of the form.
var allFields = []fields.Field{
	fields.Name, fields.Description, fields.Environment, fields.ClientID, fields.ClientSecret,
	fields.SubscriptionKey, fields.LegalEntityID, fields.Scope, fields.Grant, fields.Tags, fields.Owner,
}

// lines formats problems as "field code: message" for failure messages.
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
		wholeNumber      = "legal_entity_id not_an_integer: problem.entity-not-integer"
		outOfRange       = "legal_entity_id out_of_range: problem.entity-out-of-range (2147483647)"
	)
	for name, test := range map[string]struct {
		field       fields.Field
		value, want string
	}{
		"no name":                   {n, "", "name required: problem.name-required"},
		"blank name":                {n, " \n\u3000", "name required: problem.name-required"},
		"name nobody sees":          {n, "\u200d", "name required: problem.name-required"},
		"long name":                 {n, strings.Repeat("é", 101), "name too_long: problem.text-too-long (label.name, 101, 100)"},
		"name of bytes":             {n, "Pay\xffroll", "name not_text: problem.text-not-text (label.name)"},
		"name of half a character":  {n, "Payroll\xe2\x80", "name not_text: problem.text-not-text (label.name)"},
		"zero-width space in name":  {n, "Pay\u200broll", "name invisible_characters: problem.text-invisible (label.name)"},
		"override in name":          {n, "Pay\u202eroll", "name invisible_characters: problem.text-invisible (label.name)"},
		"NUL in name":               {n, "Pay\x00roll", "name invisible_characters: problem.text-invisible (label.name)"},
		"tag in name":               {n, "Pay\U000e0070roll", "name invisible_characters: problem.text-invisible (label.name)"},
		"braille blank as name":     {n, "\u2800", "name invisible_characters: problem.text-invisible (label.name)"},
		"line break in name":        {n, "Pay\nroll", "name invisible_characters: problem.text-line-break (label.name)"},
		"line separator in name":    {n, "Pay\u2028roll", "name invisible_characters: problem.text-line-break (label.name)"},
		"long description":          {d, strings.Repeat("é", 1001), "description too_long: problem.text-too-long (label.description, 1001, 1000)"},
		"description of bytes":      {d, "\xff", "description not_text: problem.text-not-text (label.description)"},
		"override in description":   {d, "a\u2066b", "description invisible_characters: problem.text-invisible (label.description)"},
		"no environment":            {env, "", "environment required: problem.environment-required"},
		"unknown environment":       {env, "staging", "environment unknown_value: problem.environment-unknown (production, sandbox)"},
		"environment in capitals":   {env, "Production", "environment unknown_value: problem.environment-unknown (production, sandbox)"},
		"unknown grant":             {grant, "password", "grant unknown_value: problem.grant-unknown (client_credentials, authorization_code)"},
		"no Client ID":              {id, "", "client_id required: problem.required (label.client_id)"},
		"no Client Secret":          {secret, "", "client_secret required: problem.required (label.client_secret)"},
		"no key":                    {key, "", "subscription_key required: problem.required (label.subscription_key)"},
		"blank Client ID":           {id, " \t", "client_id required: problem.required (label.client_id)"},
		"Client ID nobody sees":     {id, "\u200b\ufeff", "client_id required: problem.required (label.client_id)"},
		"blank scope":               {scope, " ", "scope blanks: problem.looks-empty (label.scope)"},
		"scope of quotes":           {scope, `""`, "scope quotes: problem.artifacts (label.scope, artifact.quotes, artifact.quotes.rest)"},
		"long Client ID":            {id, strings.Repeat("é", 4097), "client_id too_long: problem.value-too-long (label.client_id, 4097, 4096)"},
		"long Client Secret":        {secret, strings.Repeat("é", 1_000_000), "client_secret too_long: problem.value-too-long (label.client_secret, 1000000, 4096)"},
		"key of bytes":              {key, subscriptionKey[:31] + "\xff", "subscription_key not_text: problem.value-not-text (label.subscription_key)"},
		"key that was not readable": {key, subscriptionKey[:31] + "\ufffd", "subscription_key not_text: problem.value-not-text (label.subscription_key)"},
		"blank behind the secret":   {secret, clientSecret + " ", "client_secret blanks: problem.artifacts (label.client_secret, artifact.space, artifact.space.rest)"},
		"NBSP before the Client ID": {id, "\u00a0" + clientID, "client_id blanks: problem.artifacts (label.client_id, artifact.space, artifact.space.rest)"},
		"line break behind the key": {key, subscriptionKey + "\r\n", "subscription_key blanks: problem.artifacts (label.subscription_key, artifact.line-break, artifact.line-break.rest)"},
		"blank inside the secret":   {secret, clientSecret[:20] + " " + clientSecret[20:], "client_secret blanks: problem.value-space (label.client_secret)"},
		"NBSP inside the scope":     {scope, scopeID[:20] + "\u00a0" + scopeID[20:], "scope blanks: problem.value-space (label.scope)"},
		"two lines in the key":      {key, subscriptionKey + "\n" + scopeID, "subscription_key blanks: problem.value-line-break (label.subscription_key)"},
		"zero-width in the secret":  {secret, clientSecret[:20] + "\u200b" + clientSecret[20:], "client_secret invisible_characters: problem.artifacts (label.client_secret, artifact.invisible, artifact.invisible.rest)"},
		"BOM before the Client ID":  {id, "\ufeff" + clientID, "client_id invisible_characters: problem.artifacts (label.client_id, artifact.invisible, artifact.invisible.rest)"},
		"bearer before the secret":  {secret, "bEARER " + clientSecret, "client_secret bearer_prefix: problem.artifacts (label.client_secret, artifact.bearer, artifact.bearer.rest)"},
		"header before the key":     {key, "ocp-apim-Subscription-Key: " + subscriptionKey, "subscription_key header_name: problem.artifacts (label.subscription_key, artifact.header, artifact.header.rest)"},
		"label before the id":       {id, "Client ID: " + clientID, "client_id header_name: problem.artifacts (label.client_id, artifact.label, artifact.label.rest)"},
		"quotes around the secret":  {secret, "“" + clientSecret + "”", "client_secret quotes: problem.artifacts (label.client_secret, artifact.quotes, artifact.quotes.rest)"},
		"two things":                {key, `"` + subscriptionKey + "\"\n", "subscription_key blanks: problem.artifacts (label.subscription_key, list.last (artifact.line-break, artifact.quotes), list.last (artifact.line-break.rest, artifact.quotes.rest))"},
		"three things":              {key, "\u200b'Bearer " + subscriptionKey + "'", "subscription_key invisible_characters: problem.artifacts (label.subscription_key, list.last (list.next (artifact.invisible, artifact.quotes), artifact.bearer), list.last (list.next (artifact.invisible.rest, artifact.quotes.rest), artifact.bearer.rest))"},
		"no entity":                 {entity, "", "legal_entity_id required: problem.required (label.legal_entity_id)"},
		"blank entity":              {entity, " ", "legal_entity_id required: problem.required (label.legal_entity_id)"},
		"entity nobody sees":        {entity, "\u200b", "legal_entity_id required: problem.required (label.legal_entity_id)"},
		"entity zero":               {entity, "0", outOfRange},
		"entity beyond int32":       {entity, "2147483648", outOfRange},
		"entity of 20 digits":       {entity, "12345678901234567890", outOfRange},
		"entity with an exponent":   {entity, "1e3", "legal_entity_id not_an_integer: problem.artifacts (label.legal_entity_id, artifact.exponent, artifact.exponent.rest)"},
		"entity with a fraction":    {entity, "1.5", wholeNumber},
		"entity with a plus":        {entity, "+1", "legal_entity_id not_an_integer: problem.artifacts (label.legal_entity_id, artifact.sign, artifact.sign.rest)"},
		"entity below zero":         {entity, "-1", wholeNumber},
		"entity with a comma":       {entity, "501,123", "legal_entity_id not_an_integer: problem.artifacts (label.legal_entity_id, artifact.separators, artifact.separators.rest)"},
		"entity with a blank":       {entity, "501 123", "legal_entity_id not_an_integer: problem.artifacts (label.legal_entity_id, artifact.separators, artifact.separators.rest)"},
		"entity in Arabic digits":   {entity, "٥٠١١٢٣", "legal_entity_id not_an_integer: problem.artifacts (label.legal_entity_id, artifact.digits, artifact.digits.rest)"},
		"entity as a name":          {entity, "Acme Corporation", wholeNumber},
		"entity in quotes":          {entity, "'501123'", "legal_entity_id quotes: problem.artifacts (label.legal_entity_id, artifact.quotes, artifact.quotes.rest)"},
		"entity with a BOM":         {entity, "\ufeff501123", "legal_entity_id invisible_characters: problem.artifacts (label.legal_entity_id, artifact.invisible, artifact.invisible.rest)"},
		"entity with a label":       {entity, "Legal Entity ID: 501123", "legal_entity_id header_name: problem.artifacts (label.legal_entity_id, artifact.label, artifact.label.rest)"},
		"entity of bytes":           {entity, "501123\xff", "legal_entity_id not_text: problem.entity-not-text"},
		"another Client ID":         {entity, "ffffffffffffffffffff", "legal_entity_id not_an_integer: problem.entity-looks-like (label.legal_entity_id, label.client_id)"},
		"another key as entity":     {entity, strings.Repeat("f", 32), "legal_entity_id not_an_integer: problem.entity-looks-like (label.legal_entity_id, label.subscription_key)"},
		"the secret in the key":     {key, clientSecret, "subscription_key same_value: problem.same-value (label.subscription_key, label.client_secret)"},
		"the key in the secret":     {secret, subscriptionKey, "client_secret same_value: problem.same-value (label.client_secret, label.subscription_key)"},
		"the entity in the id":      {id, entityID, "client_id same_value: problem.same-value (label.client_id, label.legal_entity_id)"},
		"the key in the scope":      {scope, subscriptionKey, "scope same_value: problem.same-value (label.scope, label.subscription_key)"},
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
	)
	for name, test := range map[string]struct {
		field       fields.Field
		value, want string
		swap        bool
	}{
		"a number in Client ID":     {fields.ClientID, "678556", "problem.looks-like (label.client_id, label.legal_entity_id)", true},
		"a key in Client ID":        {fields.ClientID, otherKey, "problem.looks-like (label.client_id, label.subscription_key)", true},
		"a secret in Client ID":     {fields.ClientID, otherSecret, "problem.looks-like (label.client_id, label.client_secret)", true},
		"32 hex in Client Secret":   {fields.ClientSecret, otherKey, "problem.looks-like (label.client_secret, label.subscription_key)", true},
		"an id in Client Secret":    {fields.ClientSecret, otherID, "problem.looks-like (label.client_secret, label.client_id)", true},
		"a number in Client Secret": {fields.ClientSecret, "678556", "problem.looks-like (label.client_secret, label.legal_entity_id)", true},
		"a secret in the key":       {fields.SubscriptionKey, otherSecret, "problem.looks-like (label.subscription_key, label.client_secret)", true},
		"an id in the key":          {fields.SubscriptionKey, otherID, "problem.looks-like (label.subscription_key, label.client_id)", true},
		"short Client ID":           {fields.ClientID, clientID[1:], "problem.shape-hex-length (label.client_id, 20, 19)", false},
		"letter beyond f":           {fields.ClientID, clientID[1:] + "g", "problem.shape-hex (label.client_id, 20)", false},
		"short Client Secret":       {fields.ClientSecret, clientSecret[2:], "problem.shape-letters-length (label.client_secret, 41, 42, 40)", false},
		"long Client Secret":        {fields.ClientSecret, clientSecret + "x", "problem.shape-letters-length (label.client_secret, 41, 42, 43)", false},
		"odd Client Secret":         {fields.ClientSecret, clientSecret[1:] + "~", "problem.shape-letters (label.client_secret, 41, 42)", false},
		"short key":                 {fields.SubscriptionKey, subscriptionKey[1:], "problem.shape-hex-length (label.subscription_key, 32, 31)", false},
		"short scope":               {fields.Scope, scopeID[1:], "problem.shape-hex-length (label.scope, 32, 31)", false},
		"an id in the scope":        {fields.Scope, otherID, "problem.shape-hex-length (label.scope, 32, 20)", false},
		"longest":                   {fields.SubscriptionKey, strings.Repeat("é", 4096), "problem.shape-hex-length (label.subscription_key, 32, 4096)", false},
	} {
		t.Run(name, func(t *testing.T) {
			code := fields.ProblemUnusualShape
			if test.swap {
				code = fields.ProblemLooksLike
			}
			want := []fields.Problem{{Field: test.field, Code: code, Message: message.Text(test.want)}}
			report := paycor.Check(with(test.field, test.value), rules)
			assert.Empty(t, lines(report.Problems))
			assert.Equal(t, lines(want), lines(report.Warnings))
			if test.swap {
				assert.Equal(t, lines(want), lines(report.Swapped()))
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
			"name required: problem.name-required",
			"environment required: problem.environment-required",
			"client_id required: problem.required (label.client_id)",
			"client_secret required: problem.required (label.client_secret)",
			"subscription_key required: problem.required (label.subscription_key)",
			"legal_entity_id required: problem.required (label.legal_entity_id)",
		}},
		"only to be verified": {empty, paycor.Rules{Environments: rules.Environments, Verification: true}, []string{
			"environment required: problem.environment-required",
			"client_id required: problem.required (label.client_id)",
			"client_secret required: problem.required (label.client_secret)",
			"subscription_key required: problem.required (label.subscription_key)",
		}},
		"verified with a name nobody could read": {
			with(fields.Name, "a\x00b"), paycor.Rules{Environments: rules.Environments, Verification: true},
			[]string{"name invisible_characters: problem.text-invisible (label.name)"},
		},
		"verified with an entity nobody sees": {
			with(fields.LegalEntityID, "\u200b"), paycor.Rules{Environments: rules.Environments, Verification: true},
			[]string{"legal_entity_id blanks: problem.looks-empty (label.legal_entity_id)"},
		},
		"verified with a wrong entity": {
			with(fields.LegalEntityID, "0"), paycor.Rules{Environments: rules.Environments, Verification: true},
			[]string{"legal_entity_id out_of_range: problem.entity-out-of-range (2147483647)"},
		},
		"secrets saved already": {
			set(with(fields.ClientSecret, ""), fields.SubscriptionKey, ""),
			paycor.Rules{Environments: rules.Environments, Stored: secrets}, nil,
		},
		"one secret saved already": {
			set(with(fields.ClientSecret, ""), fields.SubscriptionKey, ""),
			paycor.Rules{Environments: rules.Environments, Stored: secrets[:1]},
			[]string{"subscription_key required: problem.required (label.subscription_key)"},
		},
		"saved already, and a blank typed": {
			with(fields.ClientSecret, " "), paycor.Rules{Environments: rules.Environments, Stored: secrets},
			[]string{"client_secret blanks: problem.looks-empty-stored (label.client_secret)"},
		},
		"saved already, and replaced badly": {
			with(fields.ClientSecret, "Bearer"), paycor.Rules{Environments: rules.Environments, Stored: secrets},
			[]string{"client_secret bearer_prefix: problem.artifacts (label.client_secret, artifact.bearer, artifact.bearer.rest)"},
		},
		"saved already, for another environment": {
			set(with(fields.ClientSecret, ""), fields.SubscriptionKey, ""),
			paycor.Rules{Environments: rules.Environments, Stored: secrets, StoredEnvironment: "sandbox"},
			[]string{
				"client_secret required: problem.required-moved (label.client_secret)",
				"subscription_key required: problem.required-moved (label.subscription_key)",
			},
		},
		"asked about in another environment": {
			with(fields.SubscriptionKey, "\u200b"),
			paycor.Rules{Environments: rules.Environments, Stored: secrets, StoredEnvironment: "sandbox", Verification: true},
			[]string{"subscription_key required: problem.required-moved (label.subscription_key)"},
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
			[]string{"environment required: problem.environment-required"},
		},
		"saved already, and an unknown environment": {
			set(with(fields.ClientSecret, ""), fields.Environment, "staging"),
			paycor.Rules{Environments: rules.Environments, Stored: secrets, StoredEnvironment: "sandbox"},
			[]string{"environment unknown_value: problem.environment-unknown (production, sandbox)"},
		},
		"a secret in what everybody reads": {
			set(with(fields.Name, clientSecret), fields.Description, "key: "+subscriptionKey+", for the night"), rules,
			[]string{
				"name same_value: problem.reveals-secret (label.name, label.client_secret)",
				"description same_value: problem.reveals-secret (label.description, label.subscription_key)",
			},
		},
		"a word that is a secret too": {
			set(with(fields.Description, "Nightly"), fields.ClientSecret, "Night"), rules, nil,
		},
		"no environments": {
			good(), paycor.Rules{},
			[]string{"environment unknown_value: problem.environment-none"},
		},
		"one of its own": {
			with(fields.Environment, "simulator"), paycor.Rules{Environments: []paycor.Environment{{Name: "simulator"}}}, nil,
		},
		"one value everywhere": {
			set(set(set(with(fields.ClientID, subscriptionKey), fields.ClientSecret, subscriptionKey), fields.Scope, subscriptionKey), fields.Name, ""),
			rules, []string{
				"name required: problem.name-required",
				"client_id same_value: problem.same-value (label.client_id, label.subscription_key)",
				"client_secret same_value: problem.same-value (label.client_secret, label.client_id)",
				"scope same_value: problem.same-value (label.scope, label.subscription_key)",
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

// No message contains any part of the value it is about.
func TestNoMessageRepeatsAValue(t *testing.T) {
	artifact := map[string]string{
		"plain": "%s", "blanks": " %s ", "inner blank": "%s %s", "line break": "%s\n", "zero-width": "%s\u200b%s", "bearer": "Bearer %s",
		"header": "Authorization: %s", "label": "client_id=%s", "quotes": `"%s"`, "bytes": "%s\xff", "unread": "%s\ufffd", "NUL": "%s\x00",
		"too long": "%s" + strings.Repeat("x", 4097), "format": "%s%%d%%s%%v%%!", "everything": "\ufeff\"Bearer %s \"\n",
	}
	for name, format := range artifact {
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
						assert.NotContains(t, problem.Message.In(locale.English), value[:6])
						assert.NotContains(t, problem.Message.In(locale.English), "%!")
					}
				}
			})
		}
	}
}

// Every message follows the rules for sentences.
func TestMessagesReadWell(t *testing.T) {
	for message := range sentences(t) {
		assert.Regexp(t, `^[A-Z].*[^.]\.$`, message)
		for _, word := range []string{"invalid", "please", "oops", "%!", "  ", "..", "error"} {
			assert.NotContains(t, strings.ToLower(message), word)
		}
	}
}

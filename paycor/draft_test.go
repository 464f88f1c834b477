package paycor_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

func TestClean(t *testing.T) {
	typed := paycor.Draft{
		Name: "\t Payroll \u00a0", Description: "\n a \n b ", Environment: " production ", ClientID: " id ",
		ClientSecret: paycor.NewSecret(" secret "), SubscriptionKey: paycor.NewSecret(" key\n"), LegalEntityID: " 7\r\n", Scope: " scope ",
	}
	want := typed
	want.Name, want.Description, want.LegalEntityID, want.Grant = "Payroll", "a \n b", "7", paycor.GrantClientCredentials
	assert.Equal(t, want, typed.Clean(), "blanks in copied values are shown, not hidden")
	assert.Equal(t, want, typed.Clean().Clean())

	typed.Grant = paycor.GrantAuthorizationCode
	assert.Equal(t, paycor.GrantAuthorizationCode, typed.Clean().Grant)
}

func TestValueOfEveryField(t *testing.T) {
	for _, field := range allFields {
		assert.Equal(t, "typed", with(field, "typed").Value(field), field)
	}
	assert.Empty(t, good().Value("password"))
}

func TestPatchOver(t *testing.T) {
	stored := good()
	for _, field := range allFields {
		for name, value := range map[string]string{"changed": "another", "emptied": ""} {
			t.Run(string(field)+" "+name, func(t *testing.T) {
				assert.Equal(t, with(field, value), patch(field, value).ApplyTo(stored))
				assert.Equal(t, good(), stored, "the stored one was changed")
			})
		}
	}
	t.Run("nothing", func(t *testing.T) {
		assert.Equal(t, good(), paycor.Patch{}.ApplyTo(stored))
	})
	t.Run("everything", func(t *testing.T) {
		empty, grant, secret, id := "", paycor.Grant(""), paycor.Secret{}, paycor.TypedID("")
		all := paycor.Patch{
			Name: &empty, Description: &empty, Environment: &empty, Grant: &grant, ClientID: &empty,
			ClientSecret: &secret, SubscriptionKey: &secret, LegalEntityID: &id, Scope: &empty,
		}
		assert.Equal(t, paycor.Draft{}, all.ApplyTo(stored))
	})
}

// patch changes one field.
func patch(field fields.Field, value string) paycor.Patch {
	var p paycor.Patch
	secret, grant, id := paycor.NewSecret(value), paycor.Grant(value), paycor.TypedID(value)
	switch field {
	case fields.Name:
		p.Name = &value
	case fields.Description:
		p.Description = &value
	case fields.Environment:
		p.Environment = &value
	case fields.Grant:
		p.Grant = &grant
	case fields.ClientID:
		p.ClientID = &value
	case fields.ClientSecret:
		p.ClientSecret = &secret
	case fields.SubscriptionKey:
		p.SubscriptionKey = &secret
	case fields.LegalEntityID:
		p.LegalEntityID = &id
	case fields.Scope:
		p.Scope = &value
	case fields.Tags:
		tags := paycor.Tags(value)
		p.Tags = &tags
	case fields.Owner:
		p.Owner = &value
	}
	return p
}

// Absent and null both mean "keep"; an empty text clears the field.
func TestPatchFromJSON(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want paycor.Draft
	}{
		"empty object":    {`{}`, good()},
		"all null":        {`{"name":null,"description":null,"environment":null,"grant":null,"client_id":null,"client_secret":null,"subscription_key":null,"legal_entity_id":null,"scope":null}`, good()},
		"name":            {`{"name":"Other"}`, with(fields.Name, "Other")},
		"no description":  {`{"description":""}`, with(fields.Description, "")},
		"secret":          {`{"client_secret":"` + canary + `"}`, with(fields.ClientSecret, canary)},
		"tags":            {`{"tags":["Bakery","payroll"]}`, with(fields.Tags, "Bakery, payroll")},
		"no tags":         {`{"tags":[]}`, with(fields.Tags, "")},
		"no secret":       {`{"client_secret":""}`, with(fields.ClientSecret, "")},
		"legal entity":    {`{"legal_entity_id":7}`, with(fields.LegalEntityID, "7")},
		"no legal entity": {`{"legal_entity_id":0}`, with(fields.LegalEntityID, "0")},
	} {
		t.Run(name, func(t *testing.T) {
			var p paycor.Patch
			require.NoError(t, json.Unmarshal([]byte(test.body), &p))
			assert.Equal(t, test.want, p.ApplyTo(good()))
		})
	}
}

func TestFill(t *testing.T) {
	stored := set(good(), fields.Grant, "authorization_code")
	t.Run("everything blank", func(t *testing.T) {
		assert.Equal(t, stored, paycor.Draft{}.Fill(stored))
	})
	t.Run("nothing stored", func(t *testing.T) {
		assert.Equal(t, good(), good().Fill(paycor.Draft{}))
	})
	for _, field := range allFields {
		t.Run(string(field)+" typed", func(t *testing.T) {
			assert.Equal(t, set(stored, field, "typed"), set(paycor.Draft{}, field, "typed").Fill(stored))
		})
		t.Run(string(field)+" blank", func(t *testing.T) {
			assert.Equal(t, stored, set(stored, field, "").Fill(stored))
		})
		t.Run(string(field)+" of blanks", func(t *testing.T) {
			want := set(stored, field, " ") // a mistake that Check must find
			switch field {
			case fields.Name, fields.Description, fields.LegalEntityID, fields.Tags, fields.Owner:
				want = stored
			}
			assert.Equal(t, want, set(stored, field, " ").Fill(stored))
		})
	}
}

func TestSameForPaycor(t *testing.T) {
	same := map[string]paycor.Draft{
		"the same":            good(),
		"another name":        with(fields.Name, "Other"),
		"another description": with(fields.Description, ""),
		"no grant":            with(fields.Grant, ""),
		"blanks around an id": with(fields.LegalEntityID, " 501123\n"),
		"zeros before an id":  with(fields.LegalEntityID, "00501123"),
		"other tags":          with(fields.Tags, "bakery"),
		"another owner":       with(fields.Owner, "Ann"),
	}
	for name, draft := range same {
		t.Run(name, func(t *testing.T) {
			assert.True(t, good().SameToPaycor(draft))
			assert.True(t, draft.SameToPaycor(good()))
		})
	}
	for _, field := range allFields[2:9] {
		t.Run("another "+string(field), func(t *testing.T) {
			assert.False(t, good().SameToPaycor(with(field, "1")))
			assert.False(t, with(field, "1").SameToPaycor(good()))
		})
	}
	assert.False(t, with(fields.LegalEntityID, "x").SameToPaycor(with(fields.LegalEntityID, "y")))
}

// A draft as JSON contains no secret, so a sender has to reveal it explicitly.
func TestDraftInJSON(t *testing.T) {
	out, err := json.Marshal(paycor.VerifyRequest{ID: "c1", Draft: good()})
	require.NoError(t, err)
	assert.JSONEq(t, fmt.Sprintf(`{"id":"c1","name":"Payroll","description":"Nightly headcount","environment":"production",
		"grant":"client_credentials","client_id":%q,"client_secret":"[secret]","subscription_key":"[secret]",
		"legal_entity_id":501123,"scope":%q,"rotate_by":"","tags":[],"owner":""}`, clientID, scopeID), string(out))
}

// Secrets stay in the environment they were saved for.
func TestReusableIn(t *testing.T) {
	bare := set(set(good(), fields.ClientSecret, ""), fields.SubscriptionKey, "")
	for environment, want := range map[string]paycor.Draft{
		"": good(), "production": good(), "sandbox": bare, "Production": bare, "production ": bare,
	} {
		assert.Equal(t, want, good().ReusableIn(environment), "%q", environment)
	}
	nowhere := with(fields.Environment, "")
	assert.Equal(t, nowhere, nowhere.ReusableIn("sandbox"), "nothing says where it belongs")
}

// Values in each other's fields are put right, whatever fields they are.
func TestValuesInEachOthersFieldsAreSwapped(t *testing.T) {
	const id, secret, key, entity = "0123456789abcdef0123", "invented/secret+for/tests/0000000000000001", "00112233445566778899aabbccddeeff", "654321"
	draft := func(id, secret, key, entity string) paycor.Draft {
		return paycor.Draft{ClientID: id, ClientSecret: paycor.NewSecret(secret), SubscriptionKey: paycor.NewSecret(key), LegalEntityID: paycor.TypedID(entity)}
	}
	right := draft(id, secret, key, entity)
	for name, typed := range map[string]paycor.Draft{
		"two":           draft(key, secret, id, entity),
		"with a number": draft(entity, secret, key, id),
		"in a ring":     draft(secret, key, id, entity),
		"two pairs":     draft(entity, key, secret, id),
	} {
		got, ok := typed.Unswapped()
		assert.True(t, ok, name)
		assert.Equal(t, right, got, name)
	}
	for name, typed := range map[string]paycor.Draft{
		"right":                      right,
		"blank":                      {},
		"both fields have keys":      draft(key, secret, key, entity),
		"the other field is unusual": draft(key, secret, "something else", entity),
		"the other field is blank":   draft(key, secret, "", entity),
		"two for one field":          draft(key, key, secret, entity),
	} {
		got, ok := typed.Unswapped()
		assert.False(t, ok, name)
		assert.Equal(t, typed, got, name)
	}
}

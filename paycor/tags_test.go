package paycor_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

func TestTagsAreStoredInOneForm(t *testing.T) {
	for typed, want := range map[string]string{
		"":                                 "",
		" , ,":                             "",
		"payroll":                          "payroll",
		"Payroll,  bakery ,PAYROLL":        "bakery, payroll",
		"two   words\tof one tag, another": "another, two words of one tag",
		"Nómina, ÉTÉ":                      "nómina, été",
	} {
		draft := with(fields.Tags, typed).Clean()
		assert.Equal(t, paycor.Tags(want), draft.Tags, typed)
		assert.Empty(t, paycor.Check(draft, rules).Problems, typed)
	}
}

func TestTagsAreAListInJSON(t *testing.T) {
	for tags, want := range map[paycor.Tags]string{"": `[]`, "a": `["a"]`, "a, b c": `["a","b c"]`} {
		encoded, err := json.Marshal(tags)
		require.NoError(t, err)
		assert.Equal(t, want, string(encoded))
		read := paycor.Tags("other")
		require.NoError(t, json.Unmarshal(encoded, &read))
		assert.Equal(t, tags, read)
	}
	for _, wrong := range []string{`"a, b"`, `7`, `[7]`, `{"a":"b"}`} {
		var read paycor.Tags
		assert.Error(t, json.Unmarshal([]byte(wrong), &read), wrong)
	}
	kept := paycor.Tags("kept")
	require.NoError(t, json.Unmarshal([]byte(`null`), &kept))
	assert.Equal(t, paycor.Tags("kept"), kept)
}

func TestTagsAreBounded(t *testing.T) {
	many := func(n int) string {
		tags := make([]string, n)
		for i := range tags {
			tags[i] = fmt.Sprintf("%02d%s", i, strings.Repeat("é", 38))
		}
		return strings.Join(tags, ",")
	}
	for typed, want := range map[string]fields.ProblemCode{
		many(20):                many20,
		many(21):                fields.ProblemTooLong,
		strings.Repeat("é", 41): fields.ProblemTooLong,
		"pay\u202eroll":         fields.ProblemInvisible,
		"pay\xffroll":           fields.ProblemNotText,
	} {
		var code fields.ProblemCode
		for _, problem := range paycor.Check(with(fields.Tags, typed), rules).Problems {
			assert.Equal(t, fields.Tags, problem.Field)
			code = problem.Code
		}
		assert.Equal(t, want, code, typed)
	}
}

const many20 = fields.ProblemCode("") // as many as are allowed

// Tags are stored in lower case, so a secret among them is found in any case.
func TestASecretAmongTagsIsFound(t *testing.T) {
	draft := good()
	secret := draft.ClientSecret.Reveal()
	require.GreaterOrEqual(t, len(secret), paycor.MinSecretLength)
	for _, text := range []string{secret, strings.ToUpper(secret), "a, " + strings.ToLower(secret)} {
		for _, field := range []fields.Field{fields.Tags, fields.Owner} {
			problems := paycor.Check(set(draft, field, text), rules).Problems
			require.NotEmpty(t, problems, "%s: %s", field, text)
			assert.Equal(t, field, problems[0].Field)
			if len(secret) <= 40 {
				assert.Equal(t, fields.ProblemSameValue, problems[0].Code)
			}
		}
	}
}

func TestTagsAreAddedAndRemoved(t *testing.T) {
	assert.Equal(t, paycor.Tags("bakery, nightly, payroll"), paycor.Tags("bakery, payroll").With(" Nightly,BAKERY"))
	assert.Equal(t, paycor.Tags("bakery"), paycor.Tags("").With("bakery"))
	assert.Equal(t, paycor.Tags("payroll"), paycor.Tags("bakery, payroll").Without("Bakery, none"))
	assert.Empty(t, paycor.Tags("bakery").Without("bakery"))
}

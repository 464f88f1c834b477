package paycor_test

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// The labels are exactly those of Paycor's connection guide.
func TestLabels(t *testing.T) {
	for field, want := range map[fields.Field]string{
		fields.Name:            "Credential Name",
		fields.Description:     "Credential Description",
		fields.Environment:     "Environment",
		fields.ClientID:        "Client ID",
		fields.ClientSecret:    "Client Secret",
		fields.SubscriptionKey: "APIM Subscription Key",
		fields.LegalEntityID:   "Legal Entity ID",
		fields.Scope:           "Scope ID",
		fields.Grant:           "Grant",
	} {
		assert.Equal(t, want, field.Label().In(locale.English))
	}
	for _, field := range allFields {
		assert.Equal(t, field == fields.ClientSecret || field == fields.SubscriptionKey, field.Secret(), field)
	}
}

// Programs branch on these codes, so they must not change.
func TestProblemCodesAreStable(t *testing.T) {
	for code, want := range map[fields.ProblemCode]string{
		fields.ProblemRequired:     "required",
		fields.ProblemTooLong:      "too_long",
		fields.ProblemNotText:      "not_text",
		fields.ProblemWrongType:    "wrong_type",
		fields.ProblemUnknownField: "unknown_field",
		fields.ProblemDuplicate:    "duplicate_field",
		fields.ProblemUnknownValue: "unknown_value",
		fields.ProblemNotInteger:   "not_an_integer",
		fields.ProblemOutOfRange:   "out_of_range",
		fields.ProblemBlanks:       "blanks",
		fields.ProblemInvisible:    "invisible_characters",
		fields.ProblemBearer:       "bearer_prefix",
		fields.ProblemHeaderName:   "header_name",
		fields.ProblemQuotes:       "quotes",
		fields.ProblemSameValue:    "same_value",
		fields.ProblemLooksLike:    "looks_like_another_field",
		fields.ProblemUnusualShape: "unusual_shape",
	} {
		assert.Equal(t, want, string(code))
		assert.Equal(t, code == fields.ProblemLooksLike, fields.Problem{Code: code}.Swap())
	}
}

func TestEnvironments(t *testing.T) {
	environments := paycor.Environments()
	require.Len(t, environments, 2)
	assert.Equal(t, "production", environments[0].Name)
	assert.Equal(t, "sandbox", environments[1].Name)
	for _, environment := range environments {
		for _, address := range []string{environment.APIURL, environment.AuthorizeURL, environment.PortalURL} {
			parsed, err := url.Parse(address)
			require.NoError(t, err)
			assert.Equal(t, "https", parsed.Scheme)
			assert.NotEqual(t, byte('/'), address[len(address)-1])
		}
	}
	environments[0].APIURL = "changed"
	assert.NotEqual(t, "changed", paycor.Environments()[0].APIURL, "callers share one list")
}

func TestParseRights(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want paycor.Rights
		err  string
	}{
		"one":            {"view", paycor.Rights{paycor.RightView}, ""},
		"all":            {"view,read,use,edit,admin", paycor.AllRights(), ""},
		"blanks":         {" view , edit ", paycor.Rights{paycor.RightView, paycor.RightEdit}, ""},
		"twice":          {"view,view", paycor.Rights{paycor.RightView}, ""},
		"none":           {"", nil, "cli.rights-unknown (, view,read,use,edit,admin)"},
		"comma too many": {"view,", nil, "cli.rights-unknown (, view,read,use,edit,admin)"},
		"unknown":        {"view,own", nil, "cli.rights-unknown (own, view,read,use,edit,admin)"},
		"in capitals":    {"View", nil, "cli.rights-unknown (View, view,read,use,edit,admin)"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := paycor.ParseRights(test.text)
			assert.Equal(t, test.want, got)
			if test.err != "" {
				assert.EqualError(t, err, test.err)
				return
			}
			require.NoError(t, err)
			again, err := paycor.ParseRights(got.String())
			require.NoError(t, err)
			assert.Equal(t, got, again)
		})
	}
}

// No right includes another.
func TestRightsAreSeparate(t *testing.T) {
	for _, held := range paycor.AllRights() {
		for _, asked := range paycor.AllRights() {
			assert.Equal(t, held == asked, paycor.Rights{held}.Has(asked), "%s for %s", held, asked)
		}
		assert.False(t, paycor.Rights(nil).Has(held))
	}
	paycor.AllRights()[0] = "changed"
	assert.Equal(t, paycor.RightView, paycor.AllRights()[0], "callers share one list")
}

func TestMayTouch(t *testing.T) {
	assert.True(t, paycor.Caller{}.MayTouch("c1"))
	assert.True(t, paycor.Caller{Credentials: []string{"c1", "c2"}}.MayTouch("c2"))
	assert.False(t, paycor.Caller{Credentials: []string{"c1"}}.MayTouch("c2"))
	assert.False(t, paycor.Caller{Credentials: []string{"c1"}}.MayTouch(""))
}

func TestErrors(t *testing.T) {
	plain := paycor.Errorf(paycor.KindNotFound, "error.site-exists", "c1")
	caused := &paycor.Error{Kind: paycor.KindUnavailable, Message: message.Text("Try again."), Err: io.ErrUnexpectedEOF}

	assert.EqualError(t, plain, "error.site-exists (c1)")
	assert.EqualError(t, caused, "Try again.: unexpected EOF")
	assert.ErrorIs(t, caused, io.ErrUnexpectedEOF)

	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(plain))
	assert.Equal(t, paycor.KindUnavailable, paycor.KindOf(fmt.Errorf("saving: %w", caused)))
	assert.Equal(t, paycor.Kind(""), paycor.KindOf(errors.New("other")))
	assert.Equal(t, paycor.Kind(""), paycor.KindOf(nil))
}

func TestOutcomesThatSettle(t *testing.T) {
	for _, outcome := range settling {
		assert.True(t, outcome.Conclusive(), outcome)
	}
	for _, outcome := range append([]verdicts.Outcome{"", "of a later version"}, troubles...) {
		assert.False(t, outcome.Conclusive(), outcome)
	}
}

func TestStepsStandInOrder(t *testing.T) {
	assert.Equal(t, []verdicts.StepName{"format", "key", "token", "entities", "legal_entity", "data_access"}, verdicts.StepNames())
}

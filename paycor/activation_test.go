package paycor_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/verdicts"
)

func TestWhatAnActivationCanBeFinishedWith(t *testing.T) {
	secret := paycor.NewSecret
	for name, c := range map[string]struct {
		answer paycor.ActivationAnswer
		want   map[fields.Field]fields.ProblemCode
	}{
		"refresh token": {paycor.ActivationAnswer{RefreshToken: secret("r")}, nil},
		"code":          {paycor.ActivationAnswer{Code: secret("c"), CodeVerifier: secret("v"), RedirectURI: "http://localhost/x"}, nil},
		"nothing":       {paycor.ActivationAnswer{}, map[fields.Field]fields.ProblemCode{fields.RefreshToken: fields.ProblemRequired}},
		"both": {paycor.ActivationAnswer{RefreshToken: secret("r"), Code: secret("c")},
			map[fields.Field]fields.ProblemCode{fields.RefreshToken: fields.ProblemSameValue}},
		"code alone": {paycor.ActivationAnswer{Code: secret("c")},
			map[fields.Field]fields.ProblemCode{fields.CodeVerifier: fields.ProblemRequired, fields.RedirectURI: fields.ProblemRequired}},
		"a blank":             {paycor.ActivationAnswer{RefreshToken: secret("r s")}, map[fields.Field]fields.ProblemCode{fields.RefreshToken: fields.ProblemBlanks}},
		"a line break":        {paycor.ActivationAnswer{RefreshToken: secret("r\n")}, map[fields.Field]fields.ProblemCode{fields.RefreshToken: fields.ProblemBlanks}},
		"an invisible letter": {paycor.ActivationAnswer{RefreshToken: secret("r\u200b")}, map[fields.Field]fields.ProblemCode{fields.RefreshToken: fields.ProblemInvisible}},
		"quotes":              {paycor.ActivationAnswer{RefreshToken: secret("\"r\"")}, map[fields.Field]fields.ProblemCode{fields.RefreshToken: fields.ProblemQuotes}},
		"far too long":        {paycor.ActivationAnswer{RefreshToken: secret(strings.Repeat("r", 5000))}, map[fields.Field]fields.ProblemCode{fields.RefreshToken: fields.ProblemTooLong}},
	} {
		t.Run(name, func(t *testing.T) {
			got := map[fields.Field]fields.ProblemCode{}
			for _, problem := range c.answer.Check() {
				got[problem.Field] = problem.Code
				assert.True(t, strings.HasSuffix(problem.Message.In(locale.English), "."))
			}
			assert.Equal(t, len(c.want), len(got))
			for field, code := range c.want {
				assert.Equal(t, code, got[field], field)
			}
		})
	}
}

func TestHowPaycorsPageCanEnd(t *testing.T) {
	for refusal, want := range map[string]verdicts.Code{
		"access_denied": verdicts.CodeActivationDenied, "invalid_scope": verdicts.CodeScopeUnknown, "server_error": verdicts.CodeServerError,
		"temporarily_unavailable": verdicts.CodeServerError, "unauthorized_client": verdicts.CodeActivationFailed, "": verdicts.CodeActivationFailed, "<b>": verdicts.CodeActivationFailed,
	} {
		assert.Equal(t, want, verdicts.RefusalCode(refusal), refusal)
	}
}

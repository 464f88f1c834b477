package paycor_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
)

func TestWhatAnActivationCanBeFinishedWith(t *testing.T) {
	secret := paycor.NewSecret
	for name, c := range map[string]struct {
		answer paycor.ActivationAnswer
		want   map[paycor.Field]paycor.ProblemCode
	}{
		"refresh token": {paycor.ActivationAnswer{RefreshToken: secret("r")}, nil},
		"code":          {paycor.ActivationAnswer{Code: secret("c"), CodeVerifier: secret("v"), RedirectURI: "http://localhost/x"}, nil},
		"nothing":       {paycor.ActivationAnswer{}, map[paycor.Field]paycor.ProblemCode{paycor.FieldRefreshToken: paycor.ProblemRequired}},
		"both": {paycor.ActivationAnswer{RefreshToken: secret("r"), Code: secret("c")},
			map[paycor.Field]paycor.ProblemCode{paycor.FieldRefreshToken: paycor.ProblemSameValue}},
		"code alone": {paycor.ActivationAnswer{Code: secret("c")},
			map[paycor.Field]paycor.ProblemCode{paycor.FieldCodeVerifier: paycor.ProblemRequired, paycor.FieldRedirectURI: paycor.ProblemRequired}},
		"a blank":             {paycor.ActivationAnswer{RefreshToken: secret("r s")}, map[paycor.Field]paycor.ProblemCode{paycor.FieldRefreshToken: paycor.ProblemBlanks}},
		"a line break":        {paycor.ActivationAnswer{RefreshToken: secret("r\n")}, map[paycor.Field]paycor.ProblemCode{paycor.FieldRefreshToken: paycor.ProblemBlanks}},
		"an invisible letter": {paycor.ActivationAnswer{RefreshToken: secret("r\u200b")}, map[paycor.Field]paycor.ProblemCode{paycor.FieldRefreshToken: paycor.ProblemInvisible}},
		"quotes":              {paycor.ActivationAnswer{RefreshToken: secret("\"r\"")}, map[paycor.Field]paycor.ProblemCode{paycor.FieldRefreshToken: paycor.ProblemQuotes}},
		"far too long":        {paycor.ActivationAnswer{RefreshToken: secret(strings.Repeat("r", 5000))}, map[paycor.Field]paycor.ProblemCode{paycor.FieldRefreshToken: paycor.ProblemTooLong}},
	} {
		t.Run(name, func(t *testing.T) {
			got := map[paycor.Field]paycor.ProblemCode{}
			for _, problem := range c.answer.Check() {
				got[problem.Field] = problem.Code
				assert.True(t, strings.HasSuffix(problem.Message, "."))
			}
			assert.Equal(t, len(c.want), len(got))
			for field, code := range c.want {
				assert.Equal(t, code, got[field], field)
			}
		})
	}
}

func TestHowPaycorsPageCanEnd(t *testing.T) {
	for refusal, want := range map[string]paycor.Code{
		"access_denied": paycor.CodeActivationDenied, "invalid_scope": paycor.CodeScopeUnknown, "server_error": paycor.CodeServerError,
		"temporarily_unavailable": paycor.CodeServerError, "unauthorized_client": paycor.CodeActivationFailed, "": paycor.CodeActivationFailed, "<b>": paycor.CodeActivationFailed,
	} {
		assert.Equal(t, want, paycor.RefusalCode(refusal), refusal)
	}
}

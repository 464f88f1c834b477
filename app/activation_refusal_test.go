package app_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app"
	"paycorcred/paycor"
)

func TestARefusedActivationCarriesItsVerdict(t *testing.T) {
	e := &exchange{status: 422, kind: "application/problem+json",
		answer: `{"status":422,"detail":"Refused.","code":"activation","verdict":{"outcome":"needs_activation","code":"code_expired","message":"Too old.","remedy":"Begin anew."}}`}
	_, err := app.NewClient(e.fetch).Activate(t.Context(), "id1", paycor.ActivationAnswer{RefreshToken: paycor.NewSecret("refresh-1")}, nil)
	var known *paycor.Error
	require.ErrorAs(t, err, &known)
	require.NotNil(t, known.Verdict)
	assert.Equal(t, paycor.CodeCodeExpired, known.Verdict.Code)
	assert.Equal(t, "Begin anew.", known.Verdict.Remedy)
}

package credentials_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// An activation belongs to one credential: its verdict does not apply to another
// one with the same values.
func TestVerdictOfActivationIsNotReused(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved, service := h.Activate(t), h.As(env.Administrator())
	verdict, err := service.VerifyDraft(t.Context(), paycor.VerifyRequest{ID: saved.ID, Draft: paycor.Draft{Grant: paycor.GrantAuthorizationCode}}, nil)
	require.NoError(t, err)
	require.Equal(t, verdicts.OutcomeVerified, verdict.Outcome)

	twin := h.Draft()
	twin.Grant = paycor.GrantAuthorizationCode
	created, err := service.Create(t.Context(), twin, paycor.CreateOptions{})
	require.NoError(t, err)
	assert.NotEqual(t, paycor.StateVerified, created.State)
	require.NotNil(t, created.Verdict)
	assert.Equal(t, verdicts.OutcomeNeedsActivation, created.Verdict.Outcome)
}

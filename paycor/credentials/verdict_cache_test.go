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

// An activation is of one credential: that it works says nothing of another
// with the same values, which nobody has activated.
func TestTheVerdictOfAnActivationIsNoOtherCredentials(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved, service := h.Activate(t), h.As(env.Administrator())
	verdict, err := service.VerifyDraft(t.Context(), paycor.VerifyRequest{ID: saved.ID, Draft: paycor.Draft{Grant: paycor.GrantAuthorizationCode}}, nil)
	require.NoError(t, err)
	require.Equal(t, verdicts.OutcomeVerified, verdict.Outcome)

	twin := h.Draft()
	twin.Grant = paycor.GrantAuthorizationCode
	made, err := service.Create(t.Context(), twin, paycor.CreateOptions{})
	require.NoError(t, err)
	assert.NotEqual(t, paycor.StateVerified, made.State)
	require.NotNil(t, made.Verdict)
	assert.Equal(t, verdicts.OutcomeNeedsActivation, made.Verdict.Outcome)
}

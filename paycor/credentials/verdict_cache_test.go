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

// Who may not edit a credential of an application does not get at its activation, nor at
// a verdict about it, with the same values.
func TestVerdictOfActivationIsNotReused(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved, service := h.Activate(t), h.As(env.Administrator())
	verdict, err := service.VerifyDraft(t.Context(), paycor.VerifyRequest{ID: saved.ID, Draft: paycor.Draft{Grant: paycor.GrantAuthorizationCode}}, nil)
	require.NoError(t, err)
	require.Equal(t, verdicts.OutcomeVerified, verdict.Outcome)

	_, err = service.Share(t.Context(), saved.ID, &paycor.Sharing{}, "")
	require.NoError(t, err)
	twin := h.Draft()
	twin.Grant = paycor.GrantAuthorizationCode
	stranger := env.Person(paycor.RightView, paycor.RightEdit)
	stranger.ID = "stranger"
	service = h.As(stranger)
	verdict, err = service.VerifyDraft(t.Context(), paycor.VerifyRequest{Draft: twin}, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.OutcomeNeedsActivation, verdict.Outcome)
	created, err := service.Create(t.Context(), twin, paycor.CreateOptions{})
	require.NoError(t, err)
	assert.NotEqual(t, paycor.StateVerified, created.State)
	assert.NotEqual(t, saved.ApplicationID, created.ApplicationID)
	require.NotNil(t, created.Verdict)
	assert.Equal(t, verdicts.OutcomeNeedsActivation, created.Verdict.Outcome)
}

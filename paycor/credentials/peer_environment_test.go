package credentials_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// birch is a credential of the peer, entered for the first environment.
func (r *peerSimulation) birch() paycor.Draft {
	details := r.other.Lookup(paycortest.BirchClinic).Details()
	return paycor.Draft{
		Name: "Birch", Environment: "simulator", ClientID: details.ClientID, ClientSecret: paycor.NewSecret(details.ClientSecret),
		SubscriptionKey: paycor.NewSecret(details.PrimaryKey), LegalEntityID: id(details.Entities[0].ID),
	}
}

func TestTryPeerEnvironment(t *testing.T) {
	r := simulatePeers(t)
	service := r.As(env.Administrator())
	saved, err := service.Create(t.Context(), r.birch(), paycor.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, verdicts.CodeKeyRejected, saved.Verdict.Code)
	require.True(t, saved.Verdict.MayBelongToPeer())
	require.Zero(t, r.other.Counts().Requests, "nothing is tried without a request")

	for name, request := range map[string]paycor.VerifyRequest{
		"a draft":         {Draft: r.birch()},
		"a saved one":     {ID: saved.ID},
		"a change to one": {ID: saved.ID, Draft: paycor.Draft{Environment: "simulator", Name: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := service.TryPeerEnvironment(t.Context(), request)
			require.NoError(t, err)
			assert.Equal(t, "mirror", answer.Environment)
			assert.True(t, answer.Works)
			assert.Equal(t, verdicts.CodeVerified, answer.Verdict.Code)
		})
	}
	current, err := service.Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Equal(t, saved.Credential, current, "it changes nothing")

	trail := env.Trail(t, r.store)
	assert.Equal(t, audit.ActionTryPeer, trail[0].Action)
	assert.Equal(t, "verified", trail[0].Outcome)
	assert.Equal(t, audit.OutcomeStarted, trail[1].Outcome)
	assert.Equal(t, []string{"verified environment=mirror", "environment=mirror"}, []string{trail[0].Detail, trail[1].Detail}, "where the values were sent")
}

func TestPeerEnvironmentRejectsOrFails(t *testing.T) {
	r := simulatePeers(t)
	service := r.As(env.Administrator())
	wrong := r.sample(paycortest.SunriseBakery)
	wrong.SubscriptionKey = paycor.NewSecret("0000000000000000000000000000beef")
	answer, err := service.TryPeerEnvironment(t.Context(), paycor.VerifyRequest{Draft: wrong})
	require.NoError(t, err)
	assert.False(t, answer.Works)
	assert.Equal(t, verdicts.CodeKeyRejected, answer.Verdict.Code)

	r.other.AddFault(paycortest.Fault{Kind: paycortest.ServerError, Status: 503})
	answer, err = service.TryPeerEnvironment(t.Context(), paycor.VerifyRequest{Draft: r.birch()})
	require.NoError(t, err)
	assert.False(t, answer.Works)
	assert.Equal(t, verdicts.OutcomeUnreachable, answer.Verdict.Outcome)
}

// The caller cannot choose where a stored secret is sent.
func TestStoredSecretIsSentToPeerOnly(t *testing.T) {
	r := simulatePeers(t)
	service := r.As(env.Administrator())
	saved, err := service.Create(t.Context(), r.sample(paycortest.SunriseBakery), paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		request paycor.VerifyRequest
		rights  paycor.Rights
		kind    paycor.Kind
	}{
		"no peer":              {paycor.VerifyRequest{Draft: with(r.birch(), "alone")}, paycor.AllRights(), paycor.KindConflict},
		"a one-sided peer":     {paycor.VerifyRequest{Draft: with(r.birch(), "onesided")}, paycor.AllRights(), paycor.KindConflict},
		"stored, for another":  {paycor.VerifyRequest{ID: saved.ID, Draft: paycor.Draft{Environment: "alone"}}, paycor.AllRights(), paycor.KindInvalid},
		"stored, for the peer": {paycor.VerifyRequest{ID: saved.ID, Draft: paycor.Draft{Environment: "mirror"}}, paycor.AllRights(), paycor.KindInvalid},
		"without the right":    {paycor.VerifyRequest{ID: saved.ID}, paycor.Rights{paycor.RightView}, paycor.KindForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.As(env.Person(c.rights...)).TryPeerEnvironment(t.Context(), c.request)
			assert.Equal(t, c.kind, paycor.KindOf(err), "%v", err)
			assert.Zero(t, r.other.Counts().Requests+r.paycor.Counts().Requests)
		})
	}
}

func with(draft paycor.Draft, environment string) paycor.Draft {
	draft.Environment = environment
	return draft
}

// Tokens of an activation belong to one environment: trying the peer spends none
// of them and tests only the key.
func TestTryPeerEnvironmentSpendsNoRefreshToken(t *testing.T) {
	r := simulatePeers(t)
	service := r.As(env.Administrator())
	draft := r.birch()
	draft.Grant = paycor.GrantAuthorizationCode
	saved, err := service.Create(t.Context(), draft, paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	answer, err := service.TryPeerEnvironment(t.Context(), paycor.VerifyRequest{ID: saved.ID})
	require.NoError(t, err)
	assert.True(t, answer.Works, "the peer accepts the key")
	assert.Equal(t, verdicts.CodeActivationNeeded, answer.Verdict.Code)
	for _, request := range r.other.Requests() {
		assert.Equal(t, paycortest.AtAPI, request.Place)
	}
}

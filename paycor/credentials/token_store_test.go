package credentials_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

func codeOf(err error) verdicts.Code {
	failure, ok := upstream.AsFailure(err)
	if !ok {
		return ""
	}
	return failure.Code
}

func TestTokenOfVerificationIsUsed(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved := h.Create(t)
	service := h.As(env.Administrator())
	for want := 1; want <= 2; want++ {
		verdict, err := service.Verify(t.Context(), saved.ID, nil)
		require.NoError(t, err)
		assert.Equal(t, verdicts.CodeVerified, verdict.Code, verdict.Detail)
		assert.Equal(t, want, h.Paycor.Counts().Tokens, "a verification tests the secret with a new token")
	}
	_, err := h.TokenSource().Token(t.Context(), env.TokenKey(saved))
	require.NoError(t, err)
	assert.Equal(t, 2, h.Paycor.Counts().Tokens, "its token is used afterward")
}

func TestRestartNeedsNoExchange(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	activated := h.Activate(t)
	before := h.Paycor.Counts().Tokens
	h.TokenSource().Forget(env.TokenKey(activated)) // as after a restart
	_, err := h.TokenSource().Token(t.Context(), env.TokenKey(activated))
	require.NoError(t, err)
	assert.Equal(t, before, h.Paycor.Counts().Tokens)
	verdict, err := h.As(env.Administrator()).Verify(t.Context(), activated.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeVerified, verdict.Code)
	assert.Equal(t, before, h.Paycor.Counts().Tokens, "verifying an activated credential spends no refresh token")
}

// Rejected tokens are replaced at once three times in a row, then after pauses that grow.
func TestRejectedTokensAreRenewed(t *testing.T) {
	clock := testkit.NewClock(time.Now())
	h := env.Simulate(t, paycortest.HarborLogistics, func(c *backend.Config) { c.Clock = clock.Now })
	activated := h.Activate(t)
	h.App.ExpireTokens()
	before := h.Paycor.Counts().Tokens
	verdict, err := h.As(env.Administrator()).Verify(t.Context(), activated.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeVerified, verdict.Code)
	assert.Equal(t, before+1, h.Paycor.Counts().Tokens)

	clock.Pass(2 * time.Minute) // that was another row

	h.App.AddFault(paycortest.Fault{Kind: paycortest.TokenNotAccepted})
	verify := func() {
		t.Helper()
		verdict, err = h.As(env.Administrator()).Verify(t.Context(), activated.ID, nil)
		require.NoError(t, err)
		assert.Equal(t, verdicts.CodeTokenNotAccepted, verdict.Code)
	}
	before = h.Paycor.Counts().Tokens
	for range 6 {
		verify()
	}
	assert.Equal(t, before+3, h.Paycor.Counts().Tokens, "three at once, and no loop")
	for n, pause := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second} {
		clock.Pass(pause - time.Second)
		verify()
		assert.Equal(t, before+3+n, h.Paycor.Counts().Tokens, "too early: %s", pause)
		clock.Pass(time.Second)
		verify()
		assert.Equal(t, before+4+n, h.Paycor.Counts().Tokens, "after %s", pause)
	}

	h.App.ClearFaults()
	clock.Pass(4 * time.Minute)
	h.App.ExpireTokens()
	before = h.Paycor.Counts().Tokens
	verdict, err = h.As(env.Administrator()).Verify(t.Context(), activated.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeVerified, verdict.Code)
	assert.Equal(t, before+1, h.Paycor.Counts().Tokens, "the row has ended")
}

func TestUsedRefreshTokenNeedsActivation(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	activated := h.Activate(t)
	assert.True(t, activated.HasRefreshToken)
	h.App.AddFault(paycortest.Fault{Kind: paycortest.RefreshUsed})
	h.ExpireToken(t, activated.ID)
	_, err := h.TokenSource().Token(t.Context(), env.TokenKey(activated))
	assert.Equal(t, verdicts.CodeRefreshUsed, codeOf(err))
	found := h.Credential(t, activated.ID)
	assert.Equal(t, paycor.StateNeedsActivation, found.State)
	assert.Equal(t, verdicts.CodeRefreshUsed, found.Verdict.Code)
	assert.False(t, found.HasRefreshToken)

	before := h.Paycor.Counts().Tokens
	h.TokenSource().Forget(env.TokenKey(activated))
	_, err = h.TokenSource().Token(t.Context(), env.TokenKey(activated))
	assert.Equal(t, verdicts.CodeRefreshUsed, codeOf(err))
	verdict, err := h.As(env.Administrator()).Verify(t.Context(), activated.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeRefreshUsed, verdict.Code)
	assert.Equal(t, before, h.Paycor.Counts().Tokens, "an invalid refresh token is not sent again")

	h.App.ClearFaults()
	again, err := h.As(env.Administrator()).Activate(t.Context(), activated.ID, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(h.App.IssueRefreshToken())}, nil)
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, again.State)
	assert.Equal(t, activated.ID, again.ID)
}

func TestLostResponseToRefresh(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	activated := h.Activate(t)
	h.App.AddFault(paycortest.Fault{Kind: paycortest.LostAnswer, Count: 1})
	h.ExpireToken(t, activated.ID)
	_, err := h.TokenSource().Token(t.Context(), env.TokenKey(activated))
	assert.Equal(t, verdicts.CodeReset, codeOf(err), "not known yet")
	assert.Equal(t, paycor.StateVerified, h.Credential(t, activated.ID).State)
	h.App.AddFault(paycortest.Fault{Kind: paycortest.InvalidKey, Count: 1})
	_, err = h.TokenSource().TokenIgnoringCooldown(t.Context(), env.TokenKey(activated))
	assert.Equal(t, verdicts.CodeKeyRejected, codeOf(err), "this one was not processed and says nothing about the earlier one")
	_, err = h.TokenSource().TokenIgnoringCooldown(t.Context(), env.TokenKey(activated))
	assert.Equal(t, verdicts.CodeRefreshLost, codeOf(err))
	assert.Equal(t, verdicts.CodeRefreshLost, h.Credential(t, activated.ID).Verdict.Code)
	before := h.Paycor.Counts().Tokens
	_, err = h.TokenSource().TokenIgnoringCooldown(t.Context(), env.TokenKey(activated))
	assert.Equal(t, verdicts.CodeRefreshLost, codeOf(err))
	assert.Equal(t, before, h.Paycor.Counts().Tokens)
}

func TestOutageDoesNotEndActivation(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	activated := h.Activate(t)
	h.ExpireToken(t, activated.ID)
	for _, fault := range []paycortest.Fault{{Kind: paycortest.ServerError, Place: paycortest.AtToken}, {Kind: paycortest.Cut, Place: paycortest.AtToken},
		{Kind: paycortest.RateLimit, Place: paycortest.AtToken}, {Kind: paycortest.InvalidKey, Place: paycortest.AtToken}} {
		h.App.AddFault(fault)
		_, err := h.TokenSource().TokenIgnoringCooldown(t.Context(), env.TokenKey(activated))
		assert.Error(t, err)
		h.App.ClearFaults()
	}
	_, err := h.TokenSource().TokenIgnoringCooldown(t.Context(), env.TokenKey(activated))
	assert.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, h.Credential(t, activated.ID).State)
}

func TestChangeDropsTokens(t *testing.T) {
	for name, c := range map[string]struct {
		patch           paycor.Patch
		access, refresh bool // kept
	}{
		"name":             {paycor.Patch{Name: ptr("Another")}, true, true},
		"client secret":    {paycor.Patch{ClientSecret: ptr(paycor.NewSecret("another/secret+of/Harbor+Logistics/0000003"))}, false, true},
		"subscription key": {paycor.Patch{SubscriptionKey: ptr(paycor.NewSecret("000000000000000000000000000000c2"))}, false, true},
		"scope":            {paycor.Patch{Scope: ptr("000000000000000000000000000000e2")}, false, true},
		"client id":        {paycor.Patch{ClientID: ptr("00000000000000000a09")}, false, false},
		"legal entity":     {paycor.Patch{LegalEntityID: ptr(paycor.TypedID("502241"))}, true, true},
		"grant":            {paycor.Patch{Grant: ptr(paycor.GrantClientCredentials)}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := env.Simulate(t, paycortest.HarborLogistics)
			activated := h.Activate(t)
			saved, err := h.As(env.Administrator()).Update(t.Context(), activated.ID, c.patch, paycor.UpdateOptions{SkipVerify: true, Force: true})
			require.NoError(t, err)
			secrets := h.Secrets(t, activated.ID)
			assert.Equal(t, c.access, !secrets[fields.AccessToken].IsZero())
			assert.Equal(t, c.refresh, !secrets[fields.RefreshToken].IsZero())
			assert.Equal(t, c.refresh, saved.HasRefreshToken)
			assert.Equal(t, c.refresh, !saved.ActivatedAt.IsZero())
		})
	}
}

// A change during a refresh must not lose the next refresh token.
func TestChangeDuringRefreshKeepsRefreshToken(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	activated := h.Activate(t)
	h.ExpireToken(t, activated.ID)
	old := h.Secrets(t, activated.ID)[fields.RefreshToken]
	h.App.AddFault(paycortest.Fault{Kind: paycortest.Slow, Place: paycortest.AtToken, Delay: 300 * time.Millisecond, Count: 1})
	done := make(chan error, 1)
	go func() { _, err := h.TokenSource().Token(context.Background(), env.TokenKey(activated)); done <- err }()
	require.Eventually(t, func() bool {
		var state store.TokenState
		_ = h.Store.View(t.Context(), func(r store.Reader) (err error) { state, err = r.TokenState("default", activated.ID); return err })
		return state.LeaseOwner != ""
	}, time.Minute, time.Millisecond)
	_, err := h.As(env.Administrator()).Update(t.Context(), activated.ID, paycor.Patch{SubscriptionKey: ptr(paycor.NewSecret("000000000000000000000000000000c2"))}, paycor.UpdateOptions{SkipVerify: true})
	require.NoError(t, err)
	require.NoError(t, <-done)
	secrets := h.Secrets(t, activated.ID)
	assert.NotEqual(t, old, secrets[fields.RefreshToken])
	assert.True(t, h.Paycor.RefreshTokenLives(secrets[fields.RefreshToken].Reveal()))
	assert.True(t, secrets[fields.AccessToken].IsZero(), "an access token of the old values is not stored")
}

func TestNoTokenLeaks(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	activated := h.Activate(t)
	h.App.ExpireTokens()
	_, err := h.As(env.Administrator()).Verify(t.Context(), activated.ID, nil)
	require.NoError(t, err)
	seen := h.Secrets(t, activated.ID)
	entries, err := h.As(env.Administrator()).History(t.Context(), activated.ID)
	require.NoError(t, err)
	activation, err := h.As(env.Administrator()).StartActivation(t.Context(), activated.ID, env.RedirectURI)
	require.NoError(t, err)
	address, err := url.Parse(opened(t, h, env.Administrator(), activation))
	require.NoError(t, err)
	files := ""
	for _, name := range []string{"test.db", "test.db-wal"} {
		content, err := os.ReadFile(filepath.Join(h.Directory, name))
		require.NoError(t, err)
		files += string(content)
	}
	require.Contains(t, files, activated.ClientID, "the files are read")
	assert.NotContains(t, files+h.Log.String(), address.Query().Get("state"), "only the hash of a state is stored")
	written := files + encoded(t, entries) + encoded(t, h.Credential(t, activated.ID)) + h.Log.String()
	for _, field := range []fields.Field{fields.AccessToken, fields.RefreshToken, fields.ClientSecret, fields.SubscriptionKey} {
		require.False(t, seen[field].IsZero(), field)
		assert.NotContains(t, written, seen[field].Reveal(), field)
	}
	var actions []audit.Action
	for _, entry := range entries.Entries {
		if entry.Outcome != audit.OutcomeStarted {
			actions = append(actions, entry.Action)
		}
	}
	assert.Equal(t, []audit.Action{audit.ActionVerify, audit.ActionExchange, audit.ActionTokenLost, audit.ActionVerify, audit.ActionActivate, audit.ActionCreate}, actions,
		"the refused access token has an entry of its own")
}

// A new secret is tested with a real exchange before it is saved. The test
// never costs the activation, whatever its result.
func TestNewValuesOfAnActivatedCredentialAreTested(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	activated := h.Activate(t)
	service := h.As(env.Administrator())
	secret := paycor.NewSecret("another/secret+of/Harbor+Logistics/0000003")
	draft := paycor.VerifyRequest{ID: activated.ID, Draft: paycor.Draft{ClientSecret: secret}}
	verdict, err := service.VerifyDraft(t.Context(), draft, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeClientRejected, verdict.Code)
	assert.Equal(t, paycor.StateVerified, h.Credential(t, activated.ID).State)

	h.App.Change(func(d *paycortest.Details) { d.ClientSecret = secret.Reveal() })
	verdict, err = service.VerifyDraft(t.Context(), draft, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeVerified, verdict.Code)
	assert.True(t, h.Paycor.RefreshTokenLives(h.Secrets(t, activated.ID)[fields.RefreshToken].Reveal()), "the next refresh token was kept")
	saved, err := service.Update(t.Context(), activated.ID, paycor.Patch{ClientSecret: &secret}, paycor.UpdateOptions{})
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, saved.State)
	_, err = h.TokenSource().Token(t.Context(), env.TokenKey(activated))
	assert.NoError(t, err)
}

func TestAPastedRefreshTokenWhoseAnswerIsLost(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	saved := h.Create(t)
	h.App.AddFault(paycortest.Fault{Kind: paycortest.LostAnswer})
	_, err := h.As(env.Administrator()).Activate(t.Context(), saved.ID, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(h.App.IssueRefreshToken())}, nil)
	assert.Equal(t, verdicts.CodeRefreshLost, verdictOf(t, err).Code)
}

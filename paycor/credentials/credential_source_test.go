package credentials_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// createBakery saves the sample credential that needs only the four fields.
func createBakery(t *testing.T) (*env.Simulation, paycor.Saved) {
	t.Helper()
	h := env.Simulate(t, paycortest.SunriseBakery)
	details := h.App.Details()
	saved, err := h.As(env.Administrator()).Create(t.Context(), paycor.Draft{
		Name: "Bakery", Environment: "test", ClientID: details.ClientID, ClientSecret: paycor.NewSecret(details.ClientSecret),
		SubscriptionKey: paycor.NewSecret(details.PrimaryKey), LegalEntityID: "501123",
	}, paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	return h, saved
}

func TestRightToCallPaycor(t *testing.T) {
	h, saved := createBakery(t)
	elsewhere, narrow := env.Administrator(), env.Administrator()
	elsewhere.Workspace = "elsewhere"
	narrow.Credentials = []string{"cred_another"}
	tests := map[string]struct {
		caller paycor.Caller
		method string
		kind   paycor.Kind // empty if the caller may
	}{
		"use reads":                    {env.Person(paycor.RightUse), http.MethodGet, ""},
		"use writes":                   {env.Person(paycor.RightUse), http.MethodPost, ""},
		"read reads":                   {env.Person(paycor.RightRead), http.MethodGet, ""},
		"read heads":                   {env.Person(paycor.RightRead), http.MethodHead, ""},
		"read posts":                   {env.Person(paycor.RightRead), http.MethodPost, paycor.KindForbidden},
		"read puts":                    {env.Person(paycor.RightRead), http.MethodPut, paycor.KindForbidden},
		"read patches":                 {env.Person(paycor.RightRead), http.MethodPatch, paycor.KindForbidden},
		"read deletes":                 {env.Person(paycor.RightRead), http.MethodDelete, paycor.KindForbidden},
		"read with a malformed method": {env.Person(paycor.RightRead), "get ", paycor.KindForbidden},
		"view":                         {env.Person(paycor.RightView), http.MethodGet, paycor.KindForbidden},
		"edit and admin":               {env.Person(paycor.RightEdit, paycor.RightAdmin), http.MethodGet, paycor.KindForbidden},
		"nothing":                      {env.Person(), http.MethodGet, paycor.KindForbidden},
		"another workspace":            {elsewhere, http.MethodGet, paycor.KindNotFound},
		"outside the allow-list":       {narrow, http.MethodGet, paycor.KindNotFound},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			upstreamCredentials, err := h.CredentialSource().UpstreamCredentials(t.Context(), test.caller, saved.ID, test.method)
			if test.kind == "" {
				require.NoError(t, err)
				assert.Equal(t, h.App.Details().PrimaryKey, upstreamCredentials.SubscriptionKey.Reveal())
				assert.False(t, upstreamCredentials.Token.IsZero())
				assert.Equal(t, "test", upstreamCredentials.Environment.Name)
				return
			}
			assert.Equal(t, test.kind, paycor.KindOf(err))
			assert.Nil(t, upstreamCredentials)
		})
	}
	assert.Equal(t, 1, h.Paycor.Counts().Tokens, "one token for all of them")
}

// Credentials that were read before a change are used once and not cached.
func TestCredentialsFromBeforeChangeAreNotCached(t *testing.T) {
	assert.False(t, credentials.CredentialsCached(true))
	assert.True(t, credentials.CredentialsCached(false))
}

// A change takes effect at once in spite of the cache.
func TestUpstreamCredentialsFollowTheCredential(t *testing.T) {
	h, saved := createBakery(t)
	caller, edit := env.Person(paycor.RightUse), h.As(env.Administrator())
	ask := func() (*paycor.UpstreamCredentials, error) {
		return h.CredentialSource().UpstreamCredentials(t.Context(), caller, saved.ID, http.MethodGet)
	}
	first, err := ask()
	require.NoError(t, err)
	again, err := ask()
	require.NoError(t, err)
	assert.Same(t, first, again)

	other := paycor.NewSecret(h.App.Details().SecondaryKey)
	changed, err := edit.Update(t.Context(), saved.ID, paycor.Patch{SubscriptionKey: &other}, paycor.UpdateOptions{SkipVerify: true})
	require.NoError(t, err)
	now, err := ask()
	require.NoError(t, err)
	assert.Equal(t, other, now.SubscriptionKey)

	rejected := now.Token
	for range 3 {
		for range 5 { // calls that had the same token
			retry, err := h.CredentialSource().RejectToken(t.Context(), caller, saved.ID, rejected)
			require.NoError(t, err)
			assert.True(t, retry)
		}
		fresh, err := ask()
		require.NoError(t, err)
		assert.NotEqual(t, rejected, fresh.Token)
		rejected = fresh.Token
	}
	retry, err := h.CredentialSource().RejectToken(t.Context(), caller, saved.ID, rejected)
	require.NoError(t, err)
	assert.False(t, retry, "tokens that are rejected at once are not renewed in a loop")

	require.NoError(t, edit.Delete(t.Context(), saved.ID, changed.ETag()))
	_, err = ask()
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
}

func TestErrorsWithoutUpstreamCredentials(t *testing.T) {
	tests := map[string]struct {
		fault paycortest.Fault
		kind  paycor.Kind
		code  verdicts.Code
	}{
		"wrong secret":    {paycortest.Fault{Kind: paycortest.WrongClient}, paycor.KindConflict, verdicts.CodeClientRejected},
		"not activated":   {paycortest.Fault{Kind: paycortest.GrantNotAllowed}, paycor.KindConflict, verdicts.CodeGrantNotAllowed},
		"too many tokens": {paycortest.Fault{Kind: paycortest.RateLimit, Place: paycortest.AtToken}, paycor.KindBusy, verdicts.CodeRateLimited},
		"Paycor is down":  {paycortest.Fault{Kind: paycortest.ServerError, Status: 503, Place: paycortest.AtToken}, paycor.KindUpstream, verdicts.CodeServerError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h, saved := createBakery(t)
			h.App.AddFault(test.fault)
			_, err := h.CredentialSource().UpstreamCredentials(t.Context(), env.Person(paycor.RightUse), saved.ID, http.MethodGet)
			var known *paycor.Error
			require.ErrorAs(t, err, &known)
			assert.Equal(t, test.kind, known.Kind)
			assert.Equal(t, test.code, known.Code)
			require.NotNil(t, known.Verdict)
			assert.Contains(t, known.Message.Args, known.Verdict.Message)
			encoded, err := json.Marshal(known.Verdict)
			require.NoError(t, err)
			assert.NotContains(t, string(encoded), "checked_at", "it is not a verification")
			assert.NotContains(t, string(encoded), "steps")
		})
	}
}

// A key that is replaced during a token exchange is not used anymore, and a token
// is used only with its own key.
func TestUpstreamCredentialsAreConsistent(t *testing.T) {
	h, saved := createBakery(t)
	h.App.AddFault(paycortest.Fault{Kind: paycortest.Slow, Place: paycortest.AtToken, Delay: time.Second, Count: 1})
	type result struct {
		credentials *paycor.UpstreamCredentials
		err         error
	}
	results := make(chan result)
	go func() {
		upstreamCredentials, err := h.CredentialSource().UpstreamCredentials(context.Background(), env.Person(paycor.RightUse), saved.ID, http.MethodGet)
		results <- result{upstreamCredentials, err}
	}()
	require.Eventually(t, func() bool { return h.Paycor.Counts().PeakTokens == 1 }, 10*time.Second, time.Millisecond)
	other := paycor.NewSecret(h.App.Details().SecondaryKey)
	_, err := h.As(env.Administrator()).Update(t.Context(), saved.ID, paycor.Patch{SubscriptionKey: &other}, paycor.UpdateOptions{SkipVerify: true})
	require.NoError(t, err)
	got := <-results
	require.NoError(t, got.err)
	assert.Equal(t, other, got.credentials.SubscriptionKey)
	access, err := credentials.Access(t.Context(), h.Service, env.Key(saved.ID))
	require.NoError(t, err)
	assert.Equal(t, access.Token, got.credentials.Token)
}

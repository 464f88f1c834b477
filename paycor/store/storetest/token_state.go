package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

func tokenState(t *testing.T, s store.Store, workspace, id string) (found store.TokenState, err error) {
	t.Helper()
	view(t, s, func(r store.Reader) error {
		found, err = r.TokenState(workspace, id)
		return nil
	})
	return found, err
}

func testTokenState(t *testing.T, s store.Store) {
	_, err := tokenState(t, s, "w", "a")
	assert.ErrorIs(t, err, store.ErrNotFound)
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error {
		return tx.PutTokenState("w", "a", store.TokenState{}, nil)
	}), store.ErrNotFound)

	insert(t, s, "w", fullCredential("a"), someSecrets("a"))
	insert(t, s, "other", fullCredential("a"), someSecrets("other"))
	found, err := tokenState(t, s, "w", "a")
	assert.NoError(t, err)
	assert.Zero(t, found)
	assert.Equal(t, fullCredential("a"), credential(t, s, "w", "a"))

	state := store.TokenState{
		Epoch: 7, ExpiresAt: at(10), RenewAt: at(9), RejectedAt: at(8),
		LeaseOwner: "me", LeaseEndsAt: at(7), ExchangeStartedAt: at(6),
	}
	tokens := store.Secrets{fields.AccessToken: paycor.NewSecret("access"), fields.RefreshToken: paycor.NewSecret("refresh")}
	update(t, s, func(tx store.Tx) error { return tx.PutTokenState("w", "a", state, tokens) })
	found, err = tokenState(t, s, "w", "a")
	assert.NoError(t, err)
	assert.Equal(t, state, found)
	want := someSecrets("a")
	want[fields.AccessToken], want[fields.RefreshToken] = tokens[fields.AccessToken], tokens[fields.RefreshToken]
	assert.Equal(t, want, secrets(t, s, "w", "a"))
	refreshable := fullCredential("a")
	refreshable.HasRefreshToken = true
	assert.Equal(t, refreshable, credential(t, s, "w", "a"), "no other field changes")
	assert.Equal(t, fullCredential("a"), credential(t, s, "other", "a"))

	sharing := store.CredentialSharing{Owner: "person bob", Sharing: &paycor.Sharing{People: []string{"ann"}, Groups: []string{}}}
	update(t, s, func(tx store.Tx) error { return tx.PutCredentialSharing("w", "a", sharing) })
	access := func(workspace string) (found store.CallAccess, err error) {
		view(t, s, func(r store.Reader) error {
			found, err = r.CallAccess(workspace, "a")
			return nil
		})
		return found, err
	}
	call := store.CallAccess{
		CredentialSharing: sharing,
		ApplicationID:     "app_a", Environment: "production", SubscriptionKey: someSecrets("a")[fields.SubscriptionKey], AccessToken: tokens[fields.AccessToken],
		ExpiresAt: state.ExpiresAt, RenewAt: state.RenewAt, Verdict: fullCredential("a").Verdict,
	}
	got, err := access("w")
	assert.NoError(t, err)
	assert.Equal(t, call, got)
	call.CredentialSharing = store.CredentialSharing{}
	call.SubscriptionKey, call.AccessToken, call.ExpiresAt, call.RenewAt = someSecrets("other")[fields.SubscriptionKey], paycor.Secret{}, time.Time{}, time.Time{}
	got, err = access("other")
	assert.NoError(t, err)
	assert.Equal(t, call, got, "without a token")
	_, err = access("elsewhere")
	assert.ErrorIs(t, err, store.ErrNotFound)

	state.RefreshTokenError = verdicts.CodeRefreshUsed
	update(t, s, func(tx store.Tx) error {
		return tx.PutTokenState("w", "a", state, store.Secrets{fields.AccessToken: {}})
	})
	delete(want, fields.AccessToken)
	assert.Equal(t, want, secrets(t, s, "w", "a"), "an empty token is deleted, an absent one kept")
	assert.False(t, credential(t, s, "w", "a").HasRefreshToken, "an unusable refresh token does not count")
	assert.Error(t, s.Update(testContext(t), func(tx store.Tx) error {
		return tx.PutTokenState("w", "a", state, store.Secrets{fields.ClientSecret: paycor.NewSecret("x")})
	}), "only tokens are accepted")

	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("w", "a", 12) })
	_, err = tokenState(t, s, "w", "a")
	assert.ErrorIs(t, err, store.ErrNotFound)
	insert(t, s, "w", fullCredential("a"), nil)
	found, err = tokenState(t, s, "w", "a")
	assert.NoError(t, err)
	assert.Zero(t, found, "deleted with the credential")
	assert.Empty(t, secrets(t, s, "w", "a"))
}

package tokens_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/tokens"
)

var caller = paycor.CredentialKey{Workspace: "w", Credential: "c"}

// stored is what a caller read from the store before it asks for access.
func (s *fixture) stored() (tokens.Access, time.Time) {
	state := s.store.state
	return tokens.Access{
		Application: "a", Environment: state.Application.Environment, SubscriptionKey: state.Application.SubscriptionKey,
		Token: state.Access, ExpiresAt: state.ExpiresAt,
	}, state.RenewAt
}

func TestAccessUsesTheStoredTokenUntilItIsDue(t *testing.T) {
	s := newFixture(t, paycor.GrantClientCredentials, issue)
	s.store.state.ExpiresAt, s.store.state.RenewAt = now.Add(time.Hour), now.Add(58*time.Minute)
	stored, renewAt := s.stored()
	access, err := s.Access(t.Context(), caller, stored, renewAt)
	require.NoError(t, err)
	assert.Equal(t, stored, access)
	assert.Zero(t, s.endpoint.requests.Load())

	s.clock.Pass(58 * time.Minute)
	access, err = s.Access(t.Context(), caller, stored, renewAt)
	require.NoError(t, err)
	assert.Equal(t, "access-1", access.Token.Reveal())
	assert.Equal(t, "a", access.Application)
	assert.Equal(t, stored.SubscriptionKey, access.SubscriptionKey)
	assert.EqualValues(t, 1, s.endpoint.requests.Load())
}

// A rotation gave the application another key and another token after Token had
// remembered one: neither the old token nor a mixture may be used.
func TestAccessTakesKeyAndTokenFromOneState(t *testing.T) {
	s := newFixture(t, paycor.GrantClientCredentials, issue)
	stored, renewAt := s.stored()
	_, err := s.Access(t.Context(), caller, stored, renewAt)
	require.NoError(t, err)

	rotated := paycor.NewSecret("000000000000000000000000000000b2")
	s.store.state.Application.SubscriptionKey = rotated
	s.store.state.Access, s.store.state.ExpiresAt = paycor.NewSecret("rotated"), now.Add(time.Hour)
	s.store.state.RenewAt = now.Add(58 * time.Minute)
	access, err := s.Access(t.Context(), caller, stored, renewAt)
	require.NoError(t, err)
	assert.Equal(t, rotated, access.SubscriptionKey)
	assert.Equal(t, "rotated", access.Token.Reveal())
	assert.EqualValues(t, 1, s.endpoint.requests.Load(), "the token of the rotation needs no exchange")
}

func TestAccessGivesUpOnValuesThatKeepChanging(t *testing.T) {
	for name, c := range map[string]struct {
		life time.Duration
		err  string
	}{
		"a usable token is taken": {time.Hour, ""},
		"an expired one is not":   {0, "changed on every attempt"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFixture(t, paycor.GrantClientCredentials, issue)
			stored, renewAt := s.stored()
			s.store.onLoad = func() {
				defer s.store.lock()()
				s.store.state.Access = paycor.NewSecret("another " + s.store.state.Access.Reveal())
				s.store.state.ExpiresAt = now.Add(c.life)
			}
			access, err := s.Access(t.Context(), caller, stored, renewAt)
			if c.err != "" {
				assert.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, s.store.state.Access, access.Token)
		})
	}
}

func TestAccessReturnsErrors(t *testing.T) {
	s := newFixture(t, paycor.GrantClientCredentials, fail500)
	stored, renewAt := s.stored()
	_, err := s.Access(t.Context(), caller, stored, renewAt)
	assert.Error(t, err, "of the token endpoint")

	s = newFixture(t, paycor.GrantClientCredentials, issue)
	s.store.loadErr = assert.AnError
	_, err = s.Access(t.Context(), caller, stored, renewAt)
	assert.ErrorIs(t, err, assert.AnError, "of the store")
}

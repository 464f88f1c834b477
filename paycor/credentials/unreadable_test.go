package credentials_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit/env"
)

// Secrets that cannot be decrypted do not keep a credential from being listed and read.
// Their use says what to do, and an edit that enters them again heals it.
func TestUnreadableSecretsAreReplaced(t *testing.T) {
	t.Parallel()
	for name, where := range map[string]string{
		"one":        "field = 'client_secret'",
		"all":        "1",
		"token only": "field = 'access_token'",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := env.Simulate(t, paycortest.SunriseBakery)
			service := s.As(env.Administrator())
			saved := s.Create(t)
			other := s.Draft()
			other.Name, other.ClientID = "Other", "00000000000000000a99"
			_, err := service.Create(t.Context(), other, paycor.CreateOptions{})
			require.NoError(t, err)
			damage(t, s, `UPDATE secrets SET sealed = x'0102' WHERE application = '`+saved.ApplicationID+`' AND `+where)

			page, err := service.Credentials(t.Context(), paycor.Query{})
			require.NoError(t, err)
			assert.Len(t, page.Credentials, 2)
			_, err = service.Credential(t.Context(), saved.ID)
			assert.NoError(t, err)
			_, err = service.Verify(t.Context(), saved.ID, nil)
			_, renameErr := service.Update(t.Context(), saved.ID, paycor.Patch{Name: ptr("Renamed")}, paycor.UpdateOptions{})
			if name == "token only" { // a new token takes its place
				assert.NoError(t, err)
				assert.NoError(t, renameErr)
				return
			}
			assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
			if err = renameErr; assert.Error(t, err) {
				require.Equal(t, paycor.KindInvalid, paycor.KindOf(err))
				assert.Equal(t, fields.ClientSecret, paycor.ProblemsOf(err)[0].Field)
			}
			wrong := paycor.NewSecret("simulator/secret+of/Nobody+at+all/000000001")
			key := s.Draft().SubscriptionKey
			_, err = service.Update(t.Context(), saved.ID, paycor.Patch{ClientSecret: &wrong, SubscriptionKey: &key}, paycor.UpdateOptions{})
			assert.Equal(t, paycor.KindNotAccepted, paycor.KindOf(err), "what Paycor rejects is not saved unless it is forced")

			secret := s.Draft().ClientSecret
			changed, err := service.Update(t.Context(), saved.ID, paycor.Patch{ClientSecret: &secret, SubscriptionKey: &key}, paycor.UpdateOptions{})
			require.NoError(t, err)
			assert.Equal(t, paycor.StateVerified, changed.State)
			secrets := s.Secrets(t, saved.ID)
			assert.Equal(t, secret, secrets[fields.ClientSecret])
			verdict, err := service.Verify(t.Context(), saved.ID, nil)
			require.NoError(t, err)
			assert.True(t, verdict.AcceptsSecrets())
		})
	}
}

// damage runs SQL on the database of a simulation.
func damage(t *testing.T, s *env.Simulation, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(s.Directory, "test.db")+"?_pragma=busy_timeout(10000)")
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(statement)
	require.NoError(t, err)
}

// A kept secret that cannot be decrypted keeps nothing from working but going back to it,
// and an edit or a rotation takes its place.
func TestUnreadableKeptSecretBlocksNothing(t *testing.T) {
	t.Parallel()
	current := paycor.NewSecret(newSecret)
	third := "invented/secret+after/the+rotation/00000003"
	kept := map[string]struct {
		keep     func(t *testing.T, s *env.Simulation, id string)
		goingOn  func(t *testing.T, s *env.Simulation, id string) error
		sentence string
	}{
		"previous": {
			func(t *testing.T, s *env.Simulation, id string) {
				s.ChangeSecret(newSecret)
				_, err := s.As(env.Administrator()).Update(t.Context(), id, paycor.Patch{ClientSecret: &current}, paycor.UpdateOptions{})
				require.NoError(t, err)
			},
			func(t *testing.T, s *env.Simulation, id string) error {
				_, err := s.As(env.Administrator()).RotateBack(t.Context(), id, true, nil)
				return err
			},
			"error.previous-unreadable",
		},
		"pending": {
			func(t *testing.T, s *env.Simulation, id string) {
				_, err := s.As(env.Administrator()).Rotate(t.Context(), id, paycor.RotateRequest{ClientSecret: current, KeepPending: true}, nil)
				require.NoError(t, err)
			},
			func(t *testing.T, s *env.Simulation, id string) error {
				_, err := s.As(env.Administrator()).Rotate(t.Context(), id, paycor.RotateRequest{}, nil)
				return err
			},
			"error.pending-unreadable",
		},
	}
	for state, c := range kept {
		ways := map[string]func(t *testing.T, s *env.Simulation, id string){
			"edit": func(t *testing.T, s *env.Simulation, id string) {
				s.ChangeSecret(third)
				secret := paycor.NewSecret(third)
				_, err := s.As(env.Administrator()).Update(t.Context(), id, paycor.Patch{ClientSecret: &secret}, paycor.UpdateOptions{})
				require.NoError(t, err)
			},
			"rotation": func(t *testing.T, s *env.Simulation, id string) {
				s.ChangeSecret(third)
				rotated, err := s.As(env.Administrator()).Rotate(t.Context(), id, rotateTo(third), nil)
				require.NoError(t, err)
				assert.True(t, rotated.Promoted)
			},
		}
		for way, heal := range ways {
			t.Run(state+" "+way, func(t *testing.T) {
				t.Parallel()
				s := env.Simulate(t, paycortest.SunriseBakery)
				service := s.As(env.Administrator())
				saved := s.Create(t)
				c.keep(t, s, saved.ID)
				rotation := s.Credential(t, saved.ID).Rotation
				require.NotNil(t, rotation)
				require.Equal(t, paycor.RotationState(state), rotation.State)
				damage(t, s, `UPDATE secrets SET sealed = x'0102' WHERE field = 'client_secret_`+state+`'`)

				verdict, err := service.Verify(t.Context(), saved.ID, nil)
				require.NoError(t, err)
				assert.True(t, verdict.AcceptsSecrets())
				_, err = credentials.Access(t.Context(), s.Service, env.Key(saved.ID))
				assert.NoError(t, err, "calls go on")
				err = c.goingOn(t, s, saved.ID)
				require.Equal(t, paycor.KindConflict, paycor.KindOf(err), "%v", err)
				assert.ErrorContains(t, err, c.sentence)

				heal(t, s, saved.ID)
				secrets := s.Secrets(t, saved.ID) // fails if one of them cannot be decrypted
				assert.Equal(t, third, secrets[fields.ClientSecret].Reveal())
				assert.NotEqual(t, third, secrets[fields.ClientSecretPrevious].Reveal())
				assert.Equal(t, paycor.StateVerified, s.Credential(t, saved.ID).State)
			})
		}
	}
}

// An access token that cannot be decrypted is replaced by a new one, and a key that cannot
// be decrypted keeps calls from being made, which the caller is told.
func TestUnreadableSecretsOfACall(t *testing.T) {
	t.Parallel()
	s := env.Simulate(t, paycortest.SunriseBakery)
	saved := s.Create(t)
	damage(t, s, `UPDATE secrets SET sealed = x'0102' WHERE field = 'access_token'`)
	s.TokenSource().Forget(env.TokenKey(saved))
	access, err := credentials.Access(t.Context(), s.Service, env.Key(saved.ID))
	require.NoError(t, err)
	assert.False(t, access.Token.IsZero())
	damage(t, s, `UPDATE secrets SET sealed = x'0102' WHERE field = 'subscription_key'`)
	s.TokenSource().Forget(env.TokenKey(saved))
	_, err = credentials.Access(t.Context(), s.Service, env.Key(saved.ID))
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
}

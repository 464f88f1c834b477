package credentials_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
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
			other.Name = "Other"
			_, err := service.Create(t.Context(), other, paycor.CreateOptions{})
			require.NoError(t, err)
			damage(t, s, `UPDATE secrets SET sealed = x'0102' WHERE credential = '`+saved.ID+`' AND `+where)

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

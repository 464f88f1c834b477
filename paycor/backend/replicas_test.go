package backend_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit/env"
)

// What takes something away in one server is true in the others when it is answered, for
// the next call through a credential.
func TestReplicasKeepNothingThatIsTakenAway(t *testing.T) {
	t.Parallel()
	replicas := env.Replicas(t, paycortest.SunriseBakery, 2)
	here, there := replicas[0], replicas[1]
	edit := here.As(env.Administrator())
	saved := here.Create(t)
	call := func(caller paycor.Caller) (*paycor.UpstreamCredentials, error) {
		return there.CredentialSource().UpstreamCredentials(t.Context(), caller, saved.ID, http.MethodGet)
	}
	first, err := call(env.Person(paycor.RightUse))
	require.NoError(t, err)

	other := paycor.NewSecret(here.App.Details().SecondaryKey)
	changed, err := edit.Update(t.Context(), saved.ID, paycor.Patch{SubscriptionKey: &other}, paycor.UpdateOptions{SkipVerify: true})
	require.NoError(t, err)
	now, err := call(env.Person(paycor.RightUse))
	require.NoError(t, err)
	assert.NotEqual(t, first.SubscriptionKey, now.SubscriptionKey)
	assert.Equal(t, other, now.SubscriptionKey)

	bob := env.Person(paycor.RightUse)
	bob.ID, bob.Name = "bob", "Bob"
	for _, caller := range []paycor.Caller{bob, env.Administrator(), env.Program("nightly")} {
		_, err = call(caller)
		require.NoError(t, err)
	}
	restricted, err := edit.Share(t.Context(), saved.ID, &paycor.Sharing{People: []string{"ann"}}, changed.ETag())
	require.NoError(t, err)
	_, err = call(bob)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err), "it is not shared with him")

	require.NoError(t, edit.Delete(t.Context(), saved.ID, restricted.ETag()))
	_, err = call(env.Person(paycor.RightUse))
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
}

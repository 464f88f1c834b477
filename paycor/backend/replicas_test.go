package backend_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit/env"
)

// What takes something away in one server is true in the others when it is answered, for
// the next call through a credential.
func TestReplicasKeepNothingThatIsTakenAway(t *testing.T) {
	t.Parallel()
	replicas := env.Replicas(t, paycortest.SunriseBakery, 2)
	here, there := replicas[0], replicas[1]
	here.Forward = nil // a message may be lost
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

// A page hears of the changes of every server that its person may see, once.
func TestReplicasTellEachOthersPages(t *testing.T) {
	t.Parallel()
	replicas := env.Replicas(t, paycortest.SunriseBakery, 3)
	here := replicas[0]
	bob := env.Person(paycor.RightView)
	bob.ID, bob.Name = "bob", "Bob"
	administrators, bobs := make([]<-chan events.Change, len(replicas)), make([]<-chan events.Change, len(replicas))
	for i, replica := range replicas {
		administrators[i], bobs[i] = replica.Changes(t.Context(), env.Administrator()), replica.Changes(t.Context(), bob)
	}
	const probe = audit.ActionTokenList
	for i := range replicas {
		require.Eventually(t, func() (heard bool) {
			here.Publish(paycor.DefaultWorkspace, events.Change{Action: probe})
			for _, changes := range slices.Concat(bobs, administrators) {
				select {
				case change := <-changes:
					heard = heard || changes == administrators[i] && change.Action == probe
				default:
				}
			}
			return heard
		}, env.Timeout, 10*time.Millisecond)
	}
	next := func(changes <-chan events.Change) events.Change {
		t.Helper()
		for {
			select {
			case change := <-changes:
				if !change.Missed && change.Action != probe { // that of a server that has just begun to listen
					return change
				}
			case <-time.After(env.Timeout):
				t.Fatal("it heard of nothing")
			}
		}
	}
	heard := func(action audit.Action, id string, by ...[]<-chan events.Change) {
		t.Helper()
		for _, everywhere := range by {
			for _, changes := range everywhere {
				change := next(changes)
				assert.Equal(t, action, change.Action)
				assert.Equal(t, id, change.ID)
			}
		}
	}
	saved := here.Create(t)
	heard(audit.ActionCreate, saved.ID, administrators, bobs)
	restricted, err := here.As(env.Administrator()).Share(t.Context(), saved.ID, &paycor.Sharing{People: []string{"ann"}}, saved.ETag())
	require.NoError(t, err)
	heard(audit.ActionShare, saved.ID, administrators, bobs) // he has just lost it
	require.NoError(t, here.As(env.Administrator()).Delete(t.Context(), saved.ID, restricted.ETag()))
	heard(audit.ActionDelete, saved.ID, administrators)
	again := here.Create(t)
	heard(audit.ActionCreate, again.ID, administrators, bobs)
}

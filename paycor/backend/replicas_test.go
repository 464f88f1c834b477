package backend_test

import (
	"net/http"
	"slices"
	"sync"
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

// A sign-in link is used once, and its session is that of every server until one ends it.
func TestReplicasShareSignIns(t *testing.T) {
	t.Parallel()
	replicas := env.Replicas(t, paycortest.SunriseBakery, 2)
	here, there := replicas[0], replicas[1]
	code, _, err := here.CreateLink(t.Context())
	require.NoError(t, err)
	handle, _, err := there.SignIn(t.Context(), code, "127.0.0.1", "r1")
	require.NoError(t, err)
	_, _, err = here.SignIn(t.Context(), code, "127.0.0.1", "r2")
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
	_, err = here.CallerBySession(t.Context(), handle)
	require.NoError(t, err)
	require.NoError(t, here.SignOut(t.Context(), handle, "127.0.0.1", "r3"))
	_, err = there.CallerBySession(t.Context(), handle)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err))
}

// A request that is repeated at another server creates nothing, and callers of all servers
// share one token exchange.
func TestReplicasActOnce(t *testing.T) {
	t.Parallel()
	replicas := env.Replicas(t, paycortest.SunriseBakery, 3)
	options := paycor.CreateOptions{SkipVerify: true, IdempotencyKey: "once"}
	ids := map[string]bool{}
	for _, replica := range replicas {
		saved, err := replica.As(env.Administrator()).Create(t.Context(), replica.Draft(), options)
		require.NoError(t, err)
		ids[saved.Credential.ID] = true
	}
	require.Len(t, ids, 1)
	var group sync.WaitGroup
	for id := range ids {
		for n := range 30 {
			group.Go(func() {
				_, err := replicas[n%3].CredentialSource().UpstreamCredentials(t.Context(), env.Program("nightly"), id, http.MethodGet)
				assert.NoError(t, err)
			})
		}
	}
	group.Wait()
	assert.Equal(t, 1, replicas[0].Paycor.Counts().Tokens)
}

package credentials_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
)

// Each call checks whether a program may use a credential. The sharing is cached
// until the store changes, and a change by another process holds for the next call.
func TestSharingIsCachedUntilTheStoreChanges(t *testing.T) {
	h, saved := createBakery(t)
	counted := &env.CountingStore{}
	m, opened, err := env.Open(t.Context(), h.Directory, h.Paycor.URL, env.Options{WrapStore: func(s store.Store) store.Store { counted.Store = s; return counted }})
	require.NoError(t, err)
	defer opened.Close()
	owner, caller := h.As(env.Administrator()), env.Program("nightly")
	call := func() error {
		_, err := m.CredentialSource().UpstreamCredentials(t.Context(), caller, saved.ID, http.MethodGet)
		return err
	}
	require.NoError(t, call())
	before := counted.Views()
	for range 300 {
		require.NoError(t, call())
	}
	assert.Less(t, counted.Views()-before, 30, "a call like the one before reads nothing")

	nobody := paycor.Sharing{People: []string{"somebody@else.test"}, Groups: []string{}}
	for range 3 {
		_, err = owner.Share(t.Context(), saved.ID, &nobody, "")
		require.NoError(t, err)
		assert.Equal(t, paycor.KindNotFound, paycor.KindOf(call()), "restricted by another process")
		assert.Equal(t, "not_shared", h.Trail(t)[0].Detail)
		_, err = owner.Share(t.Context(), saved.ID, nil, "")
		require.NoError(t, err)
		assert.NoError(t, call(), "shared again")
	}
}

// Many callers use a credential while it is restricted: none succeeds once the
// restriction has returned.
func TestRestrictionHoldsForEveryLaterCall(t *testing.T) {
	h, saved := createBakery(t)
	caller, owner := env.Program("nightly"), h.As(env.Administrator())
	nobody := paycor.Sharing{People: []string{"somebody@else.test"}, Groups: []string{}}
	for range 10 {
		done := make(chan struct{})
		var calling sync.WaitGroup
		for range 4 {
			calling.Go(func() {
				for last := false; ; {
					select {
					case <-done:
						last = true
					default:
					}
					_, err := h.CredentialSource().UpstreamCredentials(t.Context(), caller, saved.ID, http.MethodGet)
					if last {
						assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
						return
					}
					if err != nil { // restricted between two calls
						assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
					}
				}
			})
		}
		_, err := owner.Share(t.Context(), saved.ID, &nobody, "")
		require.NoError(t, err)
		close(done)
		calling.Wait()
		_, err = owner.Share(t.Context(), saved.ID, nil, "")
		require.NoError(t, err)
	}
}

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

// Whether a program without an allow-list may use a credential is asked for
// each call. It is read once as long as nothing changes, and what another
// process changes counts with the next call.
func TestWhoMayUseACredentialIsRememberedUntilSomethingChanges(t *testing.T) {
	h, saved := bakery(t)
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

// While a credential is restricted, many call: none of them gets through after
// the restriction has returned.
func TestARestrictionHoldsForEveryCallAfterIt(t *testing.T) {
	h, saved := bakery(t)
	caller, owner := env.Program("nightly"), h.As(env.Administrator())
	nobody := paycor.Sharing{People: []string{"somebody@else.test"}, Groups: []string{}}
	for range 10 {
		done := make(chan struct{})
		var calling sync.WaitGroup
		for range 4 {
			calling.Go(func() {
				for over := false; ; {
					select {
					case <-done:
						over = true
					default:
					}
					_, err := h.CredentialSource().UpstreamCredentials(t.Context(), caller, saved.ID, http.MethodGet)
					if over {
						assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
						return
					}
					if err != nil { // restricted, and on the way back
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

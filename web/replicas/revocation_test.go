package replicas_test

import (
	"flag"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
)

// soak is how long the tests under load run: as long as other tests allow, or ten minutes by
// "make soak".
var soak = flag.Duration("soak", 20*time.Second, "how long the tests under load run")

// What is taken away is refused by every server as soon as that is answered, while programs
// call all servers all the time: a token that one server, or a command, revoked; a session
// that ended; a credential that was deleted.
func TestNothingIsAcceptedAfterItsRevocation(t *testing.T) {
	t.Parallel()
	c := startCluster(t, testkit.Postgres(t))
	kept := c.save(0, paycortest.SunriseBakery)
	var tries, accepted, calls atomic.Int64
	refused := func(r request) {
		t.Helper()
		for _, got := range append(c.everywhere(r), c.everywhere(r)...) {
			tries.Add(1)
			if got.Status != http.StatusUnauthorized && got.Status != http.StatusNotFound {
				accepted.Add(1)
				t.Errorf("%s was accepted: %d", r.Path, got.Status)
			}
		}
	}
	create := func(i int) (token, id string) {
		created := c.api(i, "POST", "/tokens", map[string]any{"name": "nightly", "rights": []string{"view", "use"}})
		require.Equal(t, http.StatusCreated, created.Status, created.Body)
		var made struct{ ID, Token string }
		created.into(t, &made)
		return made.Token, made.ID
	}

	// Programs call with the current token. What they start after it was revoked is refused.
	type issued struct {
		token   string
		revoked atomic.Bool
	}
	var current atomic.Pointer[issued]
	stop := make(chan struct{})
	var programs sync.WaitGroup
	first, firstID := create(0)
	current.Store(&issued{token: first})
	for n := range 2 * replicas {
		programs.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				with := current.Load()
				revoked := with.revoked.Load()
				got, err := c.send(t.Context(), c.servers[n%replicas].address, request{Method: "GET", Path: "/api/v1" + callPath(kept.ID), Header: bearer(with.token)})
				calls.Add(1)
				if err == nil && revoked && got.Status != http.StatusUnauthorized {
					accepted.Add(1)
				}
				time.Sleep(time.Millisecond) // for the servers, on a machine with few processors
			}
		})
	}
	revocations := 0
	began := time.Now()
	for id := firstID; time.Since(began) < *soak; revocations++ {
		before := current.Load()
		if revocations%20 == 5 {
			c.command("token", "revoke", id)
		} else {
			require.Equal(t, http.StatusNoContent, c.api(revocations%replicas, "DELETE", "/tokens/"+id, nil).Status)
		}
		before.revoked.Store(true)
		refused(request{Method: "GET", Path: "/api/v1" + callPath(kept.ID), Header: bearer(before.token)})
		var token string
		token, id = create(revocations % replicas)
		current.Store(&issued{token: token})
		if revocations%20 == 10 {
			testTakenAway(t, c, revocations%replicas, refused)
		}
	}
	close(stop)
	programs.Wait()
	assert.Zero(t, accepted.Load())
	t.Logf("%d revocations, %d calls meanwhile; after them %d tries, %d accepted", revocations, calls.Load(), tries.Load(), accepted.Load())
}

// testTakenAway ends a session and deletes a credential at one server.
func testTakenAway(t *testing.T, c *cluster, by int, refused func(request)) {
	link := linkPattern.FindStringSubmatch(c.command("sign-in") + "\n")
	require.NotNil(t, link)
	signedIn := c.at((by+1)%replicas, request{Method: "GET", Path: link[2]})
	session := request{Method: "GET", Path: "/api/v1/session", Header: map[string]string{"Cookie": signedIn.cookies()}}
	assert.Equal(t, replicas, count(c.everywhere(session), http.StatusOK))
	require.Equal(t, http.StatusSeeOther, c.at(by, request{Method: "POST", Path: "/sign-out", Header: session.Header}).Status)
	refused(session)

	draft := c.draft(paycortest.SunriseBakery)
	draft["name"] = "Deleted"
	deleted := c.savedIn(c.api(by, "POST", "/credentials?verify=false", draft), 201)
	call := request{Method: "GET", Path: "/api/v1" + callPath(deleted.ID), Header: c.bearer()}
	assert.Equal(t, replicas, count(c.everywhere(call), http.StatusOK))
	require.Equal(t, http.StatusNoContent, c.api(by, "DELETE", "/credentials/"+deleted.ID, nil).Status)
	refused(call)
}

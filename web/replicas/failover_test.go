package replicas_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/testkit"
)

// When the primary is killed under load and its synchronous standby is promoted, nothing that
// was acknowledged is lost, no refresh token is sent twice, and what is taken away afterwards
// is refused by every server.
func TestFailover(t *testing.T) {
	t.Parallel()
	primary := testkit.StartPostgres(t)
	newDatabase(primary)
	standby := primary.Standby(true)
	c := startCluster(t, primary.EitherURL(standby, "credentials"))
	l := &load{cluster: c, t: t, saves: map[string]saved{}}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	l.ctx = ctx
	var working sync.WaitGroup
	for n := range replicas {
		name := fmt.Sprint("Application ", n)
		of := l.activate(name)
		working.Go(func() { l.call(name, of) })
		working.Go(func() { l.save(n) })
		working.Go(func() {
			for l.ctx.Err() == nil { // the access tokens end
				l.paycor.Lookup(name).ExpireTokens()
				l.pause()
			}
		})
	}
	saves := func() int {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.saves)
	}
	require.Eventually(t, func() bool { return saves() >= 20 }, timeout, 10*time.Millisecond)
	primary.Kill()
	standby.Promote()
	before := saves()
	require.Eventually(t, func() bool { return saves() >= before+20 }, 2*timeout, 10*time.Millisecond)

	token := c.newToken("nightly")
	list := request{Method: "GET", Path: "/api/v1/credentials", Header: bearer(token)}
	assert.Equal(t, replicas, count(c.everywhere(list), http.StatusOK))
	c.command("token", "revoke", "nightly")
	assert.Equal(t, replicas, count(c.everywhere(list), http.StatusUnauthorized))
	stop()
	working.Wait()

	t.Logf("%d requests, %d failed; %d saves, %d before the failover", l.calls.Load(), l.failed.Load(), len(l.saves), before)
	assert.Zero(t, c.paycor.Counts().Reused)
	assert.Zero(t, l.activations.Load(), "every answer of Paycor was stored")
	l.checkSaves()
	l.checkExchanges()
	l.checkDatabase()
}

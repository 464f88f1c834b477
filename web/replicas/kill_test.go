package replicas_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
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

// load is what programs and people do while servers are killed.
type load struct {
	*cluster
	t   *testing.T
	ctx context.Context // ends with the load

	mu    sync.Mutex
	saves map[string]saved // that were acknowledged, by name

	calls, failed, activations, rotations atomic.Int64
}

// newDatabase creates a database on a server that is of this test alone.
func newDatabase(p *testkit.PostgresServer) (url string) {
	p.Execute(`CREATE DATABASE credentials`)
	return p.URL("credentials")
}

// activate saves an application that has rotating refresh tokens, and activates it.
func (l *load) activate(name string) saved {
	l.t.Helper()
	l.paycor.Application(paycortest.Details{Name: name, Grants: []paycortest.GrantType{paycortest.AuthorizationCode, paycortest.RefreshToken}})
	application := l.savedIn(l.api(0, "POST", "/credentials", l.draft(name)), 201)
	return l.savedIn(l.api(0, "POST", "/credentials/"+application.ID+"/activation/code", l.freshToken(name)), 200)
}

func (l *load) freshToken(name string) map[string]any {
	return map[string]any{"refresh_token": l.paycor.Lookup(name).IssueRefreshToken()}
}

// ask sends a request through the balancer. It reports whether there was an answer of a
// server that is not an error of its own.
func (l *load) ask(r request) (answer, bool) {
	got, err := l.send(l.ctx, l.balancer, r)
	l.calls.Add(1)
	if err != nil || got.Status >= 500 {
		l.failed.Add(1)
		return got, false
	}
	return got, true
}

// pause waits a moment after what failed.
func (l *load) pause() {
	select {
	case <-l.ctx.Done():
	case <-time.After(rand.N(100 * time.Millisecond)):
	}
}

// save saves credentials, and repeats each with its key until that is acknowledged.
func (l *load) save(worker int) {
	for n := 0; l.ctx.Err() == nil; n++ {
		draft := l.draft(paycortest.SunriseBakery)
		name := fmt.Sprintf("save-%d-%d", worker, n)
		draft["name"] = name
		header := l.bearer()
		header["Idempotency-Key"] = name
		for l.ctx.Err() == nil {
			got, ok := l.ask(request{Method: "POST", Path: "/api/v1/credentials?verify=false", Header: header, Body: draft})
			if ok && assert.Equal(l.t, http.StatusCreated, got.Status, got.Body) {
				var made saved
				assert.NoError(l.t, json.Unmarshal([]byte(got.Body), &made))
				l.mu.Lock()
				l.saves[name] = made
				l.mu.Unlock()
				break
			}
			l.pause()
		}
		l.pause()
	}
}

// call calls through a credential whose access tokens end soon, and activates it again when
// the server says that its refresh token is gone.
func (l *load) call(name string, of saved) {
	path := "/api/v1/credentials/" + of.ID
	for l.ctx.Err() == nil {
		got, ok := l.ask(request{Method: "GET", Path: path + "/paycor/v1/legalentities/501123", Header: l.bearer()})
		switch {
		case ok && got.Status == http.StatusConflict:
			if activated, ok := l.ask(request{Method: "POST", Path: path + "/activation/code", Header: l.bearer(), Body: l.freshToken(name)}); ok && activated.Status == http.StatusOK {
				l.activations.Add(1)
			}
		case ok && got.Status == http.StatusUnauthorized: // Paycor's, of a token that ended on the way
		case ok:
			assert.Equal(l.t, http.StatusOK, got.Status, got.Body)
		}
		l.pause()
	}
}

// rotate replaces the subscription key of an application by its other one, and back.
func (l *load) rotate(name string, of saved) {
	details := l.paycor.Lookup(name).Details()
	for n := 0; l.ctx.Err() == nil; n++ {
		key := details.SecondaryKey
		if n%2 == 1 {
			key = details.PrimaryKey
		}
		if got, ok := l.ask(request{Method: "POST", Path: "/api/v1/credentials/" + of.ID + "/rotation", Header: l.bearer(), Body: map[string]any{"subscription_key": key}}); ok && got.Status == http.StatusOK {
			l.rotations.Add(1)
		}
		l.pause()
	}
}

// Servers are killed, and PostgreSQL crashes, at any moment under load. Afterwards everything
// that was acknowledged is there, once; every secret can be decrypted; the audit trail is
// intact; and no refresh token was sent a second time, except to find out what became of an
// exchange whose server was killed.
func TestKilledReplicasLoseNothing(t *testing.T) {
	t.Parallel()
	database := testkit.StartPostgres(t)
	c := startCluster(t, newDatabase(database))
	const applications = 8
	l := &load{cluster: c, t: t, saves: map[string]saved{}}
	var activated []saved
	name := func(n int) string { return fmt.Sprint("Application ", n) }
	for n := range applications {
		activated = append(activated, l.activate(name(n)))
	}
	ctx, stop := context.WithTimeout(t.Context(), *soak)
	defer stop()
	l.ctx = ctx
	var working sync.WaitGroup
	for n := range replicas {
		working.Go(func() { l.save(n) })
	}
	for n, of := range activated {
		working.Go(func() { l.call(name(n), of) })
	}
	working.Go(func() { l.rotate(name(0), activated[0]) })
	working.Go(func() {
		for l.ctx.Err() == nil { // the access tokens end
			l.paycor.Lookup(name(rand.N(applications))).ExpireTokens()
			l.pause()
		}
	})
	keys := 0
	working.Go(func() {
		for l.ctx.Err() == nil {
			if _, code := c.run("keys", "rotate"); code == 0 {
				keys++
			}
			l.pause()
		}
	})
	kills, crashes := 0, 0
	for ctx.Err() == nil {
		if rand.N(4) == 0 {
			database.Stop()
			time.Sleep(rand.N(300 * time.Millisecond))
			database.Start()
			crashes++
		} else {
			s := c.servers[rand.N(replicas)]
			s.kill()
			time.Sleep(rand.N(300 * time.Millisecond))
			s.start()
			kills++
		}
		time.Sleep(rand.N(3 * time.Second)) // a change waits two seconds for a server that was killed
	}
	working.Wait()

	t.Logf("%d kills, %d crashes of PostgreSQL; %d requests, %d failed; %d saves, %d activations again, %d rotations of secrets, %d of keys",
		kills, crashes, l.calls.Load(), l.failed.Load(), len(l.saves), l.activations.Load(), l.rotations.Load(), keys)
	assert.NotEmpty(t, l.saves)
	l.checkSaves()
	reused := c.paycor.Counts().Reused
	assert.LessOrEqual(t, reused, kills, "each was sent again after a kill")
	l.checkExchanges()
	l.checkDatabase()
}

// checkSaves checks that each save that was acknowledged is there, once.
func (l *load) checkSaves() {
	l.t.Helper()
	for name, made := range l.saves {
		assert.Equal(l.t, name, l.savedIn(l.balanced("GET", "/credentials/"+made.ID, nil), 200).Name)
	}
	found := map[string]int{}
	for cursor := ""; ; {
		var page struct {
			Credentials []saved
			Next        string `json:"next_cursor"`
		}
		l.balanced("GET", "/credentials?limit=200"+cursor, nil).into(l.t, &page)
		for _, credential := range page.Credentials {
			found[credential.Name]++
		}
		if page.Next == "" {
			break
		}
		cursor = "&cursor=" + page.Next
	}
	for name := range l.saves {
		assert.Equal(l.t, 1, found[name], name)
	}
}

// checkExchanges checks that each refresh token which Paycor rejected is on record as one
// whose answer was lost.
func (l *load) checkExchanges() {
	l.t.Helper()
	for cursor := ""; ; {
		var page struct {
			Entries []struct{ Outcome, Detail string }
			Next    string `json:"next_cursor"`
		}
		l.balanced("GET", "/audit?limit=200&action=credential.token"+cursor, nil).into(l.t, &page)
		for _, entry := range page.Entries {
			assert.NotContains(l.t, []string{"refresh_token_used", "refresh_refused"}, entry.Detail)
		}
		if page.Next == "" {
			return
		}
		cursor = "&cursor=" + page.Next
	}
}

// checkDatabase checks that every secret can be decrypted, and the audit trail.
func (l *load) checkDatabase() {
	l.t.Helper()
	assert.Contains(l.t, l.command("audit", "verify"), "The audit trail is intact")
	var examined struct {
		Findings []struct{ Check, Status, Message string }
	}
	out, _ := l.run("doctor", "--json")
	require.NoError(l.t, json.Unmarshal([]byte(out), &examined), out)
	checked := 0
	for _, finding := range examined.Findings {
		switch finding.Check {
		case "integrity", "secrets", "records", "audit":
			checked++
			assert.Equal(l.t, "ok", finding.Status, finding.Message)
		}
	}
	assert.GreaterOrEqual(l.t, checked, 4, out)
}

package replicas_test

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit"
)

// Servers share everything: what one of them begins, another one goes on with, and what may
// happen once happens once.
func TestReplicasAreOneServer(t *testing.T) {
	t.Parallel()
	database := testkit.Postgres(t)
	c := startCluster(t, database)
	conn, err := pgx.Connect(t.Context(), database)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	for _, test := range []struct {
		name string
		run  func(*testing.T, *cluster)
	}{
		{"sign-in", testSignIn},
		{"save", testSave},
		{"calls", testCalls},
		{"events", testEvents},
		{"activation link", testActivationLink},
		{"embedding", testEmbedding},
		{"notifications", func(t *testing.T, c *cluster) { testNotifications(t, c, conn) }},
		{"schedule", func(t *testing.T, c *cluster) { testSchedule(t, c, conn) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			of := *c
			of.t = t
			test.run(t, &of)
		})
	}
	c.t = t
	assert.Contains(t, c.command("audit", "verify"), "The audit trail is intact")
}

// cookies returns the cookies that an answer sets, as a browser sends them.
func (a answer) cookies() string {
	var pairs []string
	for _, cookie := range (&http.Response{Header: a.Header}).Cookies() {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(pairs, "; ")
}

// A sign-in link of one server is used at any server, by the first who comes, and the session
// is that of every server until one of them ends it.
func testSignIn(t *testing.T, c *cluster) {
	answers := c.everywhere(request{Method: "GET", Path: c.servers[0].link})
	assert.Equal(t, 1, count(answers, http.StatusSeeOther), "the link is used once")
	assert.Equal(t, replicas-1, count(answers, http.StatusForbidden))
	var session map[string]string
	for _, got := range answers {
		if got.Status == http.StatusSeeOther {
			session = map[string]string{"Cookie": got.cookies()}
		}
	}
	require.NotEmpty(t, session["Cookie"])
	current := request{Method: "GET", Path: "/api/v1/session", Header: session}
	assert.Equal(t, replicas, count(c.everywhere(current), http.StatusOK))
	assert.Equal(t, http.StatusSeeOther, c.at(1, request{Method: "POST", Path: "/sign-out", Header: session}).Status)
	assert.Equal(t, replicas, count(c.everywhere(current), http.StatusUnauthorized))
}

// A request that is repeated with its key creates nothing, at whichever servers, and what one
// server verified is verified at all.
func testSave(t *testing.T, c *cluster) {
	header := c.bearer()
	header["Idempotency-Key"] = "once"
	create := request{Method: "POST", Path: "/api/v1/credentials?verify=false", Header: header, Body: c.draft(paycortest.SunriseBakery)}
	answers := append(c.everywhere(create), c.everywhere(create)...)
	first := c.savedIn(answers[0], 201)
	for _, got := range answers {
		assert.Equal(t, first.ID, c.savedIn(got, 201).ID)
	}
	var listed struct{ Total int }
	c.balanced("GET", "/credentials", nil).into(t, &listed)
	assert.Equal(t, 1, listed.Total)

	assert.Equal(t, http.StatusOK, c.api(1, "POST", "/credentials/"+first.ID+"/verify", nil).Status)
	for i := range c.servers {
		assert.Equal(t, "verified", c.savedIn(c.api(i, "GET", "/credentials/"+first.ID, nil), 200).State)
	}
}

// All calls of all servers share one access token, and each is counted once.
func testCalls(t *testing.T, c *cluster) {
	saved := c.save(0, paycortest.SunriseBakery)
	application := c.paycor.Lookup(paycortest.SunriseBakery)
	usage := func(i int) (sum int) {
		var usage struct {
			Hours []struct{ Done, Refused, Throttled, Failed, Aborted int }
		}
		c.api(i, "GET", "/credentials/"+saved.ID+"/usage", nil).into(t, &usage)
		for _, hour := range usage.Hours {
			sum += hour.Done + hour.Refused + hour.Throttled + hour.Failed + hour.Aborted
		}
		return sum
	}
	before := application.Counts()
	application.ExpireTokens()
	const calls = 60
	var calling sync.WaitGroup
	for range calls {
		calling.Go(func() {
			got, err := c.send(t.Context(), c.balancer, request{Method: "GET", Path: "/api/v1" + callPath(saved.ID), Header: c.bearer()})
			assert.NoError(t, err)
			assert.Equal(t, http.StatusOK, got.Status, got.Body)
		})
	}
	calling.Wait()
	assert.Equal(t, before.Tokens+1, application.Counts().Tokens, "one exchange")
	for i := range c.servers {
		require.Eventually(t, func() bool { return usage(i) >= calls }, timeout, 50*time.Millisecond)
	}
	c.api(0, "GET", callPath(saved.ID), nil)
	require.Eventually(t, func() bool { return usage(1) > calls }, timeout, 50*time.Millisecond)
	assert.Equal(t, calls+1, usage(2), "each call is counted once")
}

// A page at one server hears of what happens at the others.
func testEvents(t *testing.T, c *cluster) {
	streams := make([]chan string, len(c.servers))
	for i, s := range c.servers {
		made, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.address+"/api/v1/events", nil)
		require.NoError(t, err)
		made.Header.Set("Authorization", "Bearer "+c.token)
		response, err := http.DefaultClient.Do(made)
		require.NoError(t, err)
		t.Cleanup(func() { _ = response.Body.Close() })
		streams[i] = make(chan string, 100)
		lines := bufio.NewScanner(response.Body)
		require.True(t, lines.Scan(), "it begins")
		go func() {
			for lines.Scan() {
				streams[i] <- lines.Text()
			}
		}()
	}
	saved := c.save(2, paycortest.OldMillFoods)
	for i, stream := range streams {
		for heard := false; !heard; {
			select {
			case line := <-stream:
				heard = strings.Contains(line, saved.ID) && strings.Contains(line, "credential.create")
			case <-time.After(timeout):
				require.FailNow(t, "the page heard of nothing", "at server %d", i)
			}
		}
	}
}

var activationPage = regexp.MustCompile(`url=(/activation/start/[^"]+)"`)

// An activation link that one server made is opened at another one, goes to Paycor by a third,
// and ends once, at whichever servers the browser comes back to.
func testActivationLink(t *testing.T, c *cluster) {
	application := c.paycor.Lookup(paycortest.HarborLogistics)
	application.Change(func(d *paycortest.Details) {
		d.RedirectURIs = []string{"http://" + c.balancer + "/activation/callback"}
	})
	saved := c.save(0, paycortest.HarborLogistics)
	assert.Equal(t, "needs_activation", saved.State)
	created := c.api(0, "POST", "/credentials/"+saved.ID+"/activation/links", nil)
	require.Equal(t, http.StatusCreated, created.Status, created.Body)
	var link struct {
		URL    string
		SignIn bool `json:"sign_in"`
	}
	created.into(t, &link)
	parsed, err := url.Parse(link.URL)
	require.NoError(t, err)
	assert.Equal(t, c.balancer, parsed.Host, "the address that the browser knows")

	browser := map[string]string{}
	if link.SignIn { // a program asked for it
		signedIn := c.at(1, request{Method: "GET", Path: c.servers[1].link})
		browser["Cookie"] = signedIn.cookies()
	}
	opened := c.at(1, request{Method: "POST", Path: parsed.Path, Header: browser})
	require.Equal(t, http.StatusOK, opened.Status, opened.Body)
	if cookies := opened.cookies(); cookies != "" {
		browser["Cookie"] = strings.Trim(browser["Cookie"]+"; "+cookies, "; ")
	}
	start := activationPage.FindStringSubmatch(opened.Body)
	require.NotNil(t, start, opened.Body)
	sent := c.everywhere(request{Method: "GET", Path: start[1], Header: browser})
	assert.Equal(t, 1, count(sent, http.StatusSeeOther), "the address that leads to Paycor works once")
	var authorize string
	for _, got := range sent {
		if got.Status == http.StatusSeeOther {
			authorize = got.Header.Get("Location")
		}
	}
	back, err := c.paycor.Consent(authorize, paycortest.Allow)
	require.NoError(t, err)
	returned, err := url.Parse(back)
	require.NoError(t, err)
	before := application.Counts()
	c.everywhere(request{Method: "GET", Path: returned.RequestURI(), Header: browser})
	assert.Equal(t, before.Tokens+1, application.Counts().Tokens, "the code is sent once")
	for i := range c.servers {
		assert.Equal(t, "verified", c.savedIn(c.api(i, "GET", "/credentials/"+saved.ID, nil), 200).State)
	}
	again := c.at(2, request{Method: "POST", Path: parsed.Path, Header: browser})
	assert.Equal(t, http.StatusGone, again.Status, "the link is used")

	// Its refresh tokens are exchanged by all servers, each once.
	before = application.Counts()
	for range 5 {
		application.ExpireTokens()
		verify := request{Method: "POST", Path: "/api/v1/credentials/" + saved.ID + "/verify", Header: c.bearer()}
		assert.Equal(t, replicas, count(c.everywhere(verify), http.StatusOK))
	}
	assert.Greater(t, application.Counts().Refreshes, before.Refreshes)
	assert.Zero(t, application.Counts().Reused)
}

// A token of an embedding site that is registered at one server is exchanged at another one,
// once, and the session is that of all.
func testEmbedding(t *testing.T, c *cluster) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	encode := base64.RawURLEncoding.EncodeToString
	const origin = "https://console.example"
	registered := c.api(0, "POST", "/hosts", map[string]any{
		"id": "console", "name": "Console", "origins": []string{origin}, "rights": []string{"view", "edit"},
		"keys": map[string]any{"keys": []any{map[string]any{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": encode(public)}}},
	})
	require.Equal(t, http.StatusCreated, registered.Status, registered.Body)
	claims, err := json.Marshal(map[string]any{
		"iss": "console", "aud": "http://" + c.balancer, "sub": "ann", "workspace": "default", "origin": origin,
		"rights": []string{"view", "edit"}, "jti": rand.Text(), "exp": time.Now().Add(time.Minute).Unix(),
	})
	require.NoError(t, err)
	signed := encode([]byte(`{"alg":"EdDSA","kid":"k"}`)) + "." + encode(claims)
	exchange := request{Method: "POST", Path: "/embed/exchange", Header: map[string]string{"Origin": "http://" + c.balancer},
		Body: map[string]any{"host": "console", "origin": origin, "token": signed + "." + encode(ed25519.Sign(private, []byte(signed)))}}
	answers := c.everywhere(exchange)
	require.Equal(t, 1, count(answers, http.StatusOK), "%v", answers)
	assert.Equal(t, replicas-1, count(answers, http.StatusUnauthorized), "%v", answers)
	var exchanged struct{ Session string }
	for _, got := range answers {
		if got.Status == http.StatusOK {
			got.into(t, &exchanged)
		}
	}
	list := request{Method: "GET", Path: "/api/v1/credentials", Header: bearer(exchanged.Session)}
	assert.Equal(t, replicas, count(c.everywhere(list), http.StatusOK))
	assert.Equal(t, http.StatusNoContent, c.api(1, "DELETE", "/hosts/console", nil).Status)
	assert.Equal(t, replicas, count(c.everywhere(list), http.StatusUnauthorized), "the site was removed")
}

// What happens is sent to a channel once, whichever servers find it out.
func testNotifications(t *testing.T, c *cluster, conn *pgx.Conn) {
	messages := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		messages <- string(text)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(receiver.Close)
	next := func() string {
		expired := time.After(timeout)
		for {
			// What happens is told at the end of its minute.
			_, err := conn.Exec(t.Context(), `UPDATE notification_events SET due_at = '2020-01-01T00:00:00.000000000Z' WHERE due_at <> ''`)
			require.NoError(t, err)
			select {
			case text := <-messages:
				return text
			case <-time.After(100 * time.Millisecond):
			case <-expired:
				require.FailNow(t, "no message came")
			}
		}
	}
	added := c.api(0, "POST", "/channels", map[string]any{"name": "Operations", "address": receiver.URL, "kinds": []string{"site.changed"}})
	require.Equal(t, http.StatusCreated, added.Status, added.Body)
	var names []string
	for n := range 6 { // each by another server
		id := fmt.Sprint("site-", n)
		made := c.api(n%replicas, "POST", "/hosts", map[string]any{
			"id": id, "name": id, "origins": []string{"https://" + id + ".example"}, "rights": []string{"view"}, "keys_url": "https://" + id + ".example/keys"})
		require.Equal(t, http.StatusCreated, made.Status, made.Body)
		names = append(names, id)
	}
	got := ""
	for slices.ContainsFunc(names, func(name string) bool { return !strings.Contains(got, name) }) {
		got += next() // a message may be about several events
	}
	for _, name := range names {
		assert.Equal(t, 1, strings.Count(got, `"name":"`+name+`"`), got)
	}
	// Nothing is sent again: the next message is that of the next event.
	require.Equal(t, http.StatusNoContent, c.api(1, "DELETE", "/hosts/site-0", nil).Status)
	last := next()
	assert.NotContains(t, got, last)
	assert.Empty(t, messages)
}

// Each credential that is due is verified by one server, although all of them look for what
// is due at the same time.
func testSchedule(t *testing.T, c *cluster, conn *pgx.Conn) {
	ids := map[string]int{}
	for n := range replicas {
		draft := c.draft(paycortest.SunriseBakery)
		draft["name"] = fmt.Sprint("Due ", n)
		ids[c.savedIn(c.api(n, "POST", "/credentials?verify=false", draft), 201).ID] = 0
	}
	for _, s := range c.servers {
		s.kill()
	}
	for id := range ids {
		_, err := conn.Exec(t.Context(), `INSERT INTO checkups (workspace, credential, due_at) VALUES ('default', $1, '2020-01-01T00:00:00.000000000Z')
			ON CONFLICT (workspace, credential) DO UPDATE SET due_at = excluded.due_at`, id)
		require.NoError(t, err)
	}
	var starting sync.WaitGroup
	for _, s := range c.servers {
		starting.Go(s.start)
	}
	starting.Wait()
	verified := func() bool {
		for id := range ids {
			var listed struct {
				Entries []struct {
					Outcome    string
					CallerKind string `json:"caller_kind"`
				}
			}
			c.api(0, "GET", "/audit?action=credential.verify&credential="+id, nil).into(t, &listed)
			ids[id] = 0
			for _, entry := range listed.Entries {
				assert.Equal(t, "server", entry.CallerKind)
				if entry.Outcome == "begun" {
					ids[id]++
				}
			}
			if len(listed.Entries) < 2 { // begun, and its outcome
				return false
			}
		}
		return true
	}
	require.Eventually(t, verified, 3*timeout, 100*time.Millisecond)
	for id, n := range ids {
		assert.Equal(t, 1, n, id)
	}
}

// All servers together make no more calls with a subscription key than one server may.
func TestReplicasShareTheLimitOfCalls(t *testing.T) {
	t.Parallel()
	const limit, calls = 30, 90
	c := startCluster(t, testkit.Postgres(t), "--call-limit", strconv.Itoa(limit))
	saved := c.savedIn(c.api(0, "POST", "/credentials?verify=false", c.draft(paycortest.SunriseBakery)), 201)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	began := time.Now()
	var answers [calls]answer
	var calling sync.WaitGroup
	for n := range answers {
		calling.Go(func() { // some wait until they are canceled
			answers[n], _ = c.send(ctx, c.balancer, request{Method: "GET", Path: "/api/v1" + callPath(saved.ID), Header: c.bearer()})
		})
	}
	calling.Wait()
	made := c.paycor.Counts().Calls
	assert.Equal(t, count(answers[:], http.StatusOK), made)
	assert.Greater(t, made, limit/2)
	if time.Since(began) < time.Minute { // else it was slow, and more may be made
		assert.LessOrEqual(t, made, limit)
	}
}

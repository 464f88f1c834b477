package e2e_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// count writes usage into the running program's database, as the program itself
// does every half second.
func (p *program) count(buckets []store.UsageBucket, failures []store.FailureGroup) {
	p.t.Helper()
	opened := p.openDatabase()
	defer opened.Close()
	require.NoError(p.t, opened.Update(p.t.Context(), func(tx store.Tx) error {
		for _, bucket := range buckets {
			if err := tx.AddUsage(bucket); err != nil {
				return err
			}
		}
		for _, failure := range failures {
			if err := tx.AddFailure(failure); err != nil {
				return err
			}
		}
		return nil
	}))
}

// busyDay is a day in which two programs use a credential.
func busyDay(id string) (buckets []store.UsageBucket, failures []store.FailureGroup) {
	now := time.Now().UTC()
	for hour := range 24 {
		at := now.Add(-time.Duration(hour) * time.Hour)
		one := store.UsageBucket{
			Workspace: "default", Credential: id, CallerKind: paycor.CallerConsumer, CallerID: "token_one", CallerName: "Nightly import",
			Minute: at.Truncate(time.Minute), LastUsedAt: at, Counts: usage.Counts{Done: int64(40 + hour*hour%97)},
		}
		for n := range one.Done {
			one.Durations.Count(time.Duration(n*n) * time.Millisecond)
		}
		if hour%5 == 2 {
			one.Failed, one.Refused = int64(3+hour), 2
		}
		buckets = append(buckets, one)
		if hour%3 == 1 {
			one.CallerID, one.CallerName, one.Counts = "token_two", "Driver app", usage.Counts{Done: 12, Throttled: 1}
			buckets = append(buckets, one)
		}
	}
	const correlation = "3f2a9c0e-5b1d-4e7f-8a6b-0c9d8e7f6a5b"
	for _, f := range []usage.Failure{
		{UserName: "Nightly import", Method: "GET", Status: 503, Code: usage.CodeCallBreakerOpen, Count: 1412, Path: "/v1/legalentities/{…}/employees"},
		{UserName: "Nightly import", Method: "GET", Status: 401, Note: usage.NoteKey, Count: 2, Path: "/v1/legalentities/{…}"},
		{UserName: "Nightly import", Method: "GET", Status: 403, Note: usage.NoteQuota, Count: 1, Path: "/v1/legalentities/{…}/payGroups"},
		{UserName: "Nightly import", Method: "GET", Status: 404, Count: 3, Path: "/v1/employeeEmergencyContactInformationOf/{…}/employeeEmergencyContactInformationOf/{…}/contacts", CorrelationID: correlation},
		{UserName: "Driver app", Method: "GET", Status: 502, Note: usage.NotePage, Count: 4, Path: "/v1/employees/{…}"},
		{UserName: "Nightly import", Method: "GET", Status: 503, Count: 9, CorrelationID: correlation},
		{UserName: "Driver app", Method: "POST", Status: 504, Code: usage.CodeCallTimeout, Count: 1},
		{UserName: "Driver app", Method: "PUT", Status: 500, Count: 2, CorrelationID: correlation},
		{UserName: "Driver app", Method: "GET", Status: 429, Code: usage.CodeCallLimit, Count: 30},
		{UserName: "Nightly import", Method: "GET", Status: 502, Code: verdicts.CodeClientRejected, Count: 3},
	} {
		n := time.Duration(len(failures))
		f.At = now.Add(-2*time.Minute - n*n*time.Hour)
		f.FirstAt = f.At.Add(-time.Duration(min(f.Count-1, 90)) * time.Minute)
		f.RequestID = "JBSWY3DPEHPK3PXPJBSWY3DPEH"
		failures = append(failures, store.FailureGroup{
			Workspace: "default", Credential: id, CallerKind: paycor.CallerConsumer, CallerID: f.UserName, Failure: f,
		})
	}
	return buckets, failures
}

// consumerScenes are the states of the consumers' screens.
func consumerScenes(p *program, credential paycor.Credential) []scene {
	return []scene{
		{"use of a credential", func(b *tab) {
			p.count(busyDay(credential.ID))
			b.visit("/credentials/" + credential.ID)
			b.get("heading", say("usage.users"))
			eval[any](b, `document.getElementById("usage-table").open = document.getElementById("earlier-failures").open = true, null`)
		}},
		{"a week of a credential's use", func(b *tab) {
			b.press("button", say("usage.of-week"))
			b.get("button", say("usage.of-day"))
			eval[any](b, `document.getElementById("usage-chart").focus(), null`)
			b.key(kb.ArrowLeft)
			b.seesText(beginning("usage.in-part"))
		}},
		{"a snippet", func(b *tab) { b.press("radio", say("snippet.in.airflow")); b.seesText(say("snippet.connection")) }},
		{"a tried call", func(b *tab) {
			b.press("button", say("test-call.send"))
			b.press("button", say("test-call.show"))
			b.seesText("Sunrise Bakery LLC")
		}},
		{"delete a credential that is in use", func(b *tab) { b.press("button", say("delete")); b.seesText(say("usage.user-count.other", "3")) }},
		{"consumers", func(b *tab) {
			p.newToken("--credential", credential.ID, "--rights", "read", "--lifetime", "720h")
			revoked := p.newToken("--rights", "use", "--name", "Retired")
			p.revoke(revoked)
			p.newToken("--rights", "use", "--name", "Driver app", "--lifetime", "72h")
			b.visit("/consumers")
			b.press("DisclosureTriangle", say("consumers.ended-count", 1))
			b.seesText("Retired", say("consumer.is.revoked"))
		}},
		{"consumers of one name", func(b *tab) {
			gone := p.save(sample(b.t, paycortest.SunriseBakery).body(b.t).with("name", "Gone"), "?verify=false")
			p.newToken("--rights", "read", "--name", "Twin", "--credential", gone.ID)
			p.api("DELETE", "/credentials/"+gone.ID, nil)
			p.newToken("--rights", "read,view", "--name", "Twin")
			b.visit("/consumers")
			b.seesText(say("consumer.is.stranded"), "A newer token with this name", "An older token with this name")
		}},
		{"revoke one of a name", func(b *tab) {
			for _, th := range named(b.all("button"), say("revoke")) {
				if strings.Contains(th.description(), "Twin") {
					b.pressNode(th) // the newest first
					break
				}
			}
			b.seesText(say("revoke.newest"))
		}},
		{"another token of a consumer", func(b *tab) {
			b.key(kb.Escape)
			b.pressNode(described(b.t, b, "button", say("renew"), "Driver app"))
			b.get("dialog", say("renew.title", "Driver app"))
			b.focusOn("textbox", "Name")
		}},
		{"add a consumer", func(b *tab) {
			b.press("button", say("cancel"))
			b.press("button", say("consumer.add"))
			b.focusOn("textbox", "Name")
		}},
		{"add a consumer with errors", func(b *tab) {
			b.press("radio", say("token-dialog.some"))
			b.press("button", say("token-dialog.create"))
			b.alert(say("token-dialog.choose"))
		}},
		{"a token that is shown", func(b *tab) {
			b.fill("Name", "Nightly import")
			b.press("radio", say("consumer.all"))
			b.press("button", say("token-dialog.create"))
			b.get("textbox", say("token-dialog.token"))
		}},
		{"a token that is not copied", func(b *tab) { b.key(kb.Escape); b.alert(say("token-dialog.lost")) }},
		{"revoke", func(b *tab) {
			b.press("button", say("token-dialog.drop"))
			b.pressNode(described(b.t, b, "button", say("revoke"), "Nightly import"))
			b.get("dialog", "~Revoke the token of")
		}},
	}
}

// revoke revokes a token, which it finds by the ID of its consumer.
func (p *program) revoke(token string) {
	p.t.Helper()
	id := p.idOf(token)
	done := command(p.t, nil, "token", "revoke", "--data", p.data, id)
	require.Zero(p.t, done.code, done.err)
}

// idOf uses a token and returns the ID of its caller from the log.
func (p *program) idOf(token string) string {
	p.t.Helper()
	used := p.do(ask{Method: "GET", Path: "/api/v1/environments", Header: map[string]string{"Authorization": "Bearer " + token}})
	line := regexp.MustCompile(`request_id=` + used.Header.Get("X-Request-Id") + ` .*caller=(token_\w+)`)
	id, found := p.output.Await(line, p.ended) // log lines are written a moment after the response
	require.True(p.t, found)
	return id
}

// calls returns how many calls through a credential were recorded in the last
// day.
func (p *program) calls(id string) int64 {
	p.t.Helper()
	var used usage.Usage
	p.api("GET", "/credentials/"+id+"/usage", nil).into(p.t, &used)
	total := used.Total()
	return total.Calls()
}

// The life of an API token as an administrator sees it: created on the page,
// used, shown with its usage, revoked, denied.
func TestConsumerLifecycle(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	b := open(t, p).signIn()
	b.follow("link", say("consumers"))
	b.press("button", say("consumer.add"))
	b.focusOn("textbox", "Name")
	b.key("Nightly import" + kb.Enter) // keeps the defaults
	b.get("dialog", say("token-dialog.made", "Nightly import"))
	b.focusOn("button", say("copy"))
	token := b.value(say("token-dialog.token"))
	require.Regexp(t, `^pcc_\w{52}$`, token)
	look := &search{t: t, canaries: map[string]string{"the API token": token}}

	// It may call Paycor and do nothing else.
	by := map[string]string{"Authorization": "Bearer " + token}
	assert.Equal(t, http.StatusForbidden, p.do(ask{Method: "GET", Path: "/api/v1/credentials", Header: by}).Status)
	assert.Equal(t, http.StatusForbidden, p.do(ask{Method: "DELETE", Path: "/api/v1/credentials/" + saved.ID, Header: by}).Status)

	// Escape asks for confirmation, because the token is shown only once.
	b.key(kb.Escape)
	b.alert(say("token-dialog.lost"))
	for _, width := range []int64{320, 700, 1280} {
		b.size(width, 800)
		assert.True(t, eval[bool](b, `(() => {
			const box = id => document.getElementById(id).getBoundingClientRect();
			return box("token-stay").top === box("token-discard").top && box("token-stay").right <= box("token-discard").left;
		})()`), "the buttons stand side by side, at %d", width)
	}
	b.press("button", say("token-dialog.back"))
	b.key(kb.Escape)
	b.press("button", say("token-dialog.drop"))
	b.status(say("token-dialog.done", "Nightly import"))
	b.focusOn("button", say("consumer.add"))
	b.seesText("Nightly import", say("consumer.is.active"), say("right.read"))
	look.in("the page", []byte(eval[string](b, `document.documentElement.outerHTML`)))
	values := eval[[]string](b, `[...document.querySelectorAll("input, textarea")].map(e => e.value)`)
	look.in("the fields", []byte(strings.Join(values, "\n")))
	b.storesNothing()
	needles := look.needles()
	b.until("the program's memory to be without the token", func() bool {
		return len(b.memory("WebAssembly.Memory.prototype", needles).Found) == 0
	})

	// Its usage shows on the credential's page.
	for range 3 {
		got := p.through(token, "GET", saved.ID, aList, nil)
		require.Equal(t, http.StatusOK, got.Status, "%s", got.Body)
	}
	require.Equal(t, http.StatusNotFound, p.through(token, "GET", saved.ID, "/V1/LegalEntities/501123", nil).Status)
	b.until("the calls to be written", func() bool { return p.calls(saved.ID) == 4 })
	b.visit("/credentials/" + saved.ID)
	b.get("heading", say("usage.users"))
	b.seesText(say("usage.day", "4 calls", "1 error"), "Nightly import")
	b.pressNode(b.get("slider", say("usage.chart")))
	eval[any](b, `document.getElementById("usage-chart").focus(), null`)
	at := eval[float64](b, `scrollY`)
	b.key(kb.End)
	b.seesText("4 calls, 1 error.")
	b.key(kb.ArrowLeft)
	b.seesText("0 calls, 0 errors.")
	assert.Equal(t, at, eval[float64](b, `scrollY`), "a key of the chart does not scroll")
	b.press("button", say("delete"))
	b.seesText("by Nightly import. Last 24 hours: 4 calls by 1 user.")

	// Once revoked, it is denied.
	b.visit("/consumers")
	b.seesText("(just now)")
	b.pressNode(described(t, b, "button", say("revoke"), "Nightly import"))
	b.focusOn("textbox", say("delete.label", "Nightly import"))
	b.key("Nightly" + kb.Enter)
	b.alert(beginning("delete.mismatch"))
	b.fill(say("delete.label", "Nightly import"), "Nightly import")
	b.key(kb.Enter)
	b.status(say("revoke.done", "Nightly import"))
	assert.Equal(t, http.StatusUnauthorized, p.do(ask{Method: "GET", Path: "/api/v1/credentials/" + saved.ID, Header: by}).Status)
	b.press("DisclosureTriangle", say("consumers.ended-count", 1))
	b.seesText("(just now) by Local administrator")
	assert.Len(t, named(b.all("button"), say("revoke")), 1, "what is left is the test's own token")

	// Neither the disk nor the output contains it.
	b.watch.expect("Failed to load resource.*/api/v1/(events|tokens)")
	p.stop()
	look.in("the server's output", []byte(p.output.String()))
	look.files("stopped", p.data)
}

// The list follows changes by others: changes through this server at once,
// changes by a command when the window gets the focus.
func TestTheListOfConsumersFollows(t *testing.T) {
	t.Parallel()
	p := start(t)
	b := open(t, p).signIn()
	b.visit("/consumers")
	var made struct{ ID string }
	p.api("POST", "/tokens", map[string]any{"name": "By the API", "rights": []string{"view"}}).into(t, &made)
	b.seesText("By the API")
	p.api("DELETE", "/tokens/"+made.ID, nil)
	b.press("DisclosureTriangle", say("consumers.ended-count", 1))

	p.newToken("--name", "By a command")
	eval[any](b, `window.dispatchEvent(new Event("focus")), null`)
	b.seesText("By a command")
}

// A token can be limited to any one of many credentials. Its successor has the
// same limit, and the old token keeps working.
func TestATokenIsForOneOfManyAndIsRenewed(t *testing.T) {
	t.Parallel()
	p := start(t)
	one := sample(t, paycortest.SunriseBakery).body(t)
	var first, last paycor.Credential
	for n := range 205 {
		last = p.save(one.with("name", fmt.Sprintf("Branch %d", n+1)), "?verify=false")
		if n == 0 {
			first = last
		}
	}
	b := open(t, p).signIn()
	b.visit("/consumers")
	b.press("button", say("consumer.add"))
	b.fill("Name", "Nightly import")
	b.press("radio", say("token-dialog.some"))
	b.seesText(say("list.shown", "50", "205"))
	b.press("searchbox", say("search"))
	b.paste("branch 205")
	b.key(kb.Enter) // sends nothing
	b.until("the hit", func() bool { return !b.has("checkbox", "~Branch 1 ") && b.has("checkbox", "~Branch 205 ") })
	b.press("checkbox", "~Branch 205 ")
	b.seesText(say("token-dialog.chosen", "1", "205"))
	b.press("button", say("token-dialog.create"))
	b.focusOn("button", say("copy"))
	before := b.value(say("token-dialog.token"))
	b.press("button", say("close"))
	b.press("button", say("token-dialog.drop"))
	b.seesText("Nightly import", "Branch 205")

	b.pressNode(described(t, b, "button", say("renew"), "Nightly import"))
	b.get("dialog", say("renew.title", "Nightly import"))
	assert.Equal(t, "Nightly import", b.value("Name"))
	b.press("button", say("token-dialog.create"))
	b.focusOn("button", say("copy"))
	second := b.value(say("token-dialog.token"))
	b.press("button", say("close"))
	b.press("button", say("token-dialog.drop"))
	b.status(say("renew.done", "Nightly import"))
	require.NotEqual(t, before, second)
	for _, token := range []string{before, second} {
		assert.Equal(t, http.StatusOK, p.through(token, "GET", last.ID, "/v1/legalentities/501123", nil).Status)
		other := p.through(token, "GET", first.ID, "/v1/legalentities/501123", nil)
		assert.Equal(t, http.StatusNotFound, other.Status, "%s", other.Body)
	}

	// The two have the same name, so the page shows which one the program no
	// longer needs, and revokes it by ID.
	id := p.idOf(before)
	b.seesText(beginning("same-name.newer"), beginning("same-name.older"))
	b.pressNode(described(t, b, "button", say("revoke"), id))
	b.get("dialog", say("revoke.title", "Nightly import"))
	b.seesText(say("revoke.newer"))
	b.key("Nightly import" + kb.Enter)
	b.alert(beginning("revoke.mismatch"))
	b.fill("~"+say("revoke.label"), id[len(id)-6:])
	b.key(kb.Enter)
	b.status(say("revoke.done", "Nightly import"))
	assert.Equal(t, http.StatusUnauthorized, p.through(before, "GET", last.ID, "/v1/legalentities/501123", nil).Status)
	assert.Equal(t, http.StatusOK, p.through(second, "GET", last.ID, "/v1/legalentities/501123", nil).Status)
}

// A token that another process revokes stops working for good.
func TestACommandRevokesAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t)
	for range 3 {
		token := p.newToken("--rights", "view")
		by := map[string]string{"Authorization": "Bearer " + token}
		id := p.idOf(token)
		stop, ended := make(chan struct{}), make(chan struct{})
		go func() { // keeps it in the server's cache
			defer close(ended)
			for {
				select {
				case <-stop:
					return
				default:
					_, _ = p.try(t.Context(), ask{Method: "GET", Path: "/api/v1/environments", Header: by})
				}
			}
		}()
		done := command(t, nil, "token", "revoke", "--data", p.data, id)
		require.Zero(t, done.code, done.err)
		assert.Equal(t, http.StatusUnauthorized, p.do(ask{Method: "GET", Path: "/api/v1/environments", Header: by}).Status)
		close(stop)
		<-ended
		listed := command(t, nil, "token", "list", "--data", p.data)
		assert.Regexp(t, id+` +e2e +revoked +view +all +never +(never|20\S+)`, listed.out) // the server writes its counters within ten seconds
		assert.NotContains(t, listed.out+listed.err+done.out+done.err, token)
	}
	for name, arguments := range map[string][]string{
		"an id of nobody": {"token", "revoke", "--data", p.data, "token_none"},
		"no data":         {"token", "revoke", "--data", p.data + "/none", "token_none"},
		"no such data":    {"token", "list", "--data", p.data + "/none"},
		"no credential":   {"token", "create", "--data", p.data, "--name", "n", "--credential", "cred_none"},
	} {
		got := command(t, nil, arguments...)
		assert.Equal(t, 2, got.code, name)
		assert.Contains(t, got.err, locale.English.Text("cli.fix-first"), name)
	}
}

func TestMetricsAreReadByToken(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "")
	read := func(header map[string]string) answer {
		return p.do(ask{Method: "GET", Path: "/metrics", Header: header})
	}
	assert.Equal(t, http.StatusUnauthorized, read(nil).Status, "from this machine, too")
	assert.Equal(t, http.StatusForbidden, read(map[string]string{"Authorization": "Bearer " + p.newToken("--rights", "edit")}).Status)
	assert.Equal(t, http.StatusForbidden, read(map[string]string{"Authorization": "Bearer " + p.newToken("--workspace", "elsewhere")}).Status)
	assert.Equal(t, http.StatusForbidden, read(map[string]string{"Authorization": "Bearer " + p.newToken("--credential", saved.ID)}).Status)
	got := read(map[string]string{"Authorization": "Bearer " + p.newToken()})
	require.Equal(t, http.StatusOK, got.Status)
	for _, line := range []string{
		`paycorcred_http_requests_total{method="POST",route="POST /api/v1/credentials",status="201"} 1`,
		`paycorcred_verifications_total{environment="simulator",outcome="verified"} 1`,
		`paycorcred_token_exchanges_total{environment="simulator",outcome="verified"} 1`,
		`paycorcred_uses_waiting 0`, `paycorcred_uses_countable 1`,
	} {
		assert.True(t, strings.Contains(string(got.Body), line), line)
	}
	assert.NotContains(t, string(got.Body), saved.ID)
	bakery := sample(t, paycortest.SunriseBakery)
	look := &search{t: t, canaries: map[string]string{"Client Secret": bakery.ClientSecret, "APIM Subscription Key": bakery.Key}}
	look.in("the metrics", got.Body)
}

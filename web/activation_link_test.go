package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/verdicts"
	"paycorcred/web"
)

const linkPath = "/activation/links/" + canaryLink

// invited returns a server whose fake knows one open link.
func invited(t *testing.T, change ...func(*activation.Invitation)) *testServer {
	t.Helper()
	h := newTestServer(t)
	invitation := activation.Invitation{
		Link:       activation.Link{ID: "actlink_a", State: activation.LinkOpen, CreatedAt: testTime, CreatedBy: "Ann <b>", ExpiresAt: testTime.Add(activation.LinkLifetime)},
		Credential: "Harbor & Sons", ClientID: "0123456789abcdef0123", Environment: "sandbox",
	}
	for _, change := range change {
		change(&invitation)
	}
	h.activations.invitation = invitation
	return h
}

func TestCreateActivationLink(t *testing.T) {
	t.Parallel()
	for _, by := range []header{cookieAt("localhost:1234"), bearer} {
		h := newTestServer(t)
		got := h.send("POST", "/api/v1/credentials/a/activation/links", "", by, header{"Host", "localhost:1234"})
		require.Equal(t, http.StatusCreated, got.StatusCode, got.body)
		assert.Contains(t, got.body, `"url":"http://localhost:1234`+linkPath+`"`)
		got = h.send("GET", "/api/v1/credentials/a/activation/links", "", by, header{"Host", "localhost:1234"})
		assert.Contains(t, got.body, `"state":"revoked"`)
		assert.NotContains(t, got.body, canaryLink)
		assert.Equal(t, http.StatusNotFound, h.send("DELETE", "/api/v1/credentials/a/activation/links/none", "", by, header{"Host", "localhost:1234"}).StatusCode)
		assert.NotContains(t, h.log.String(), canaryLink)
	}
}

// Mail scanners and previews open links, so opening one changes nothing.
func TestOpeningALinkChangesNothing(t *testing.T) {
	t.Parallel()
	h := invited(t)
	assert.Equal(t, http.StatusOK, h.send("HEAD", linkPath, "").StatusCode)
	assert.Equal(t, http.StatusOK, h.send("GET", linkPath, "", header{"Sec-Purpose", "prefetch"}).StatusCode)
	got := h.send("GET", linkPath, "", header{"Sec-Fetch-Site", "cross-site"}, header{"Host", "localhost:1234"})
	require.Equal(t, http.StatusOK, got.StatusCode)
	for _, text := range []string{
		"Ann &lt;b&gt; asks you to activate", "Harbor &amp; Sons", "0123456789abcdef0123", locale.English.Text("environment.sandbox"), "May 11, 2031, 3:02 AM UTC",
		"http://localhost:1234/activation/callback", paycor.ActivationWarning.In(locale.English), `<form method="post" action="` + linkPath + `">`,
	} {
		assert.Contains(t, got.body, text)
	}
	assert.NotContains(t, got.body, "<script")
	assert.Equal(t, "no-store", got.Header.Get("Cache-Control"))
	assert.Empty(t, got.Header.Get("Set-Cookie"), "a visit sets no cookie")
	assert.Empty(t, h.activations.started)
	assert.Equal(t, http.StatusMisdirectedRequest, h.send("GET", linkPath, "", header{"Host", "evil.example"}).StatusCode)
}

func TestALinkContinuesToPaycor(t *testing.T) {
	t.Parallel()
	h := invited(t)
	assert.Equal(t, http.StatusForbidden, h.send("POST", linkPath, "", header{"Sec-Fetch-Site", "cross-site"}).StatusCode, "a form of another site")
	assert.Empty(t, h.activations.started)

	got := h.send("POST", linkPath, "", header{"Sec-Fetch-Site", "same-origin"}, cookie)
	require.Equal(t, http.StatusOK, got.StatusCode, got.body)
	assert.Equal(t, "/activation/start/"+canaryStart, refreshes.FindStringSubmatch(got.body)[1])
	assert.NotContains(t, got.body, canaryKey)
	set := got.Header.Values("Set-Cookie")
	require.Len(t, set, 1)
	assert.Regexp(t, `^paycorcred-activation=[A-Z2-7]{52}\.`+canaryLink+`; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax$`, set[0])
	require.Len(t, h.activations.started, 1)
	visitor := h.activations.started[0]
	assert.Equal(t, paycor.CallerLink, visitor.Kind, "also for a person who is signed in")
	assert.Empty(t, visitor.Rights)
	browser := header{"Cookie", "paycorcred-activation=" + visitor.Browser + "." + canaryLink}

	got = h.send("POST", linkPath, "", browser)
	assert.Empty(t, got.Header.Values("Set-Cookie"), "a second tab is the same browser")
	assert.Equal(t, visitor.Browser, h.activations.started[1].Browser)
	assert.Equal(t, http.StatusUnauthorized, h.send("GET", "/api/v1/credentials", "", browser).StatusCode, "it is no session")

	got = h.send("POST", linkPath, "", header{"Cookie", "paycorcred-activation=" + visitor.Browser + ".another-link"})
	assert.Len(t, got.Header.Values("Set-Cookie"), 1)
	assert.NotEqual(t, visitor.Browser, h.activations.started[2].Browser, "another link is another visit")

	got = h.send("GET", "/activation/start/"+canaryStart, "", browser)
	require.Equal(t, http.StatusSeeOther, got.StatusCode)
	assert.Equal(t, authorizePage, got.Header.Get("Location"))
	assert.Empty(t, got.body)
	assert.NotContains(t, h.log.String(), canaryLink)
	assert.NotContains(t, h.log.String(), canaryStart)
}

func TestFinishByLink(t *testing.T) {
	t.Parallel()
	browser := header{"Cookie", "paycorcred-activation=b1." + canaryLink}
	const callback = "/activation/callback?code=" + canaryCode + "&state=" + canaryState
	h := invited(t)
	h.activations.found, h.activations.activated = true, paycor.Credential{ID: "a", Name: "Harbor", State: paycor.StateVerified}
	got := h.send("GET", callback, "", browser)
	require.Equal(t, http.StatusSeeOther, got.StatusCode)
	assert.Equal(t, linkPath+"?activation=done", got.Header.Get("Location"), "without the authorization code")
	assert.Equal(t, canaryCode, h.activations.answer.Code.Reveal())
	assert.Equal(t, "b1", h.activations.finished[0].Browser)
	assert.Empty(t, h.service.recordedCalls(), "no use case of a person")
	got = h.send("GET", got.Header.Get("Location"), "")
	assert.NotContains(t, got.body, locale.English.Text("activation.link-close"), "the address does not make it so")
	h.activations.invitation.State = activation.LinkUsed
	got = h.send("GET", linkPath+"?activation=done", "")
	assert.Contains(t, got.body, locale.English.Text("activation.link-close"))

	h.activations.activated = paycor.Credential{Name: "Harbor"}.WithVerdict(verdicts.CodeEntityNotActivated.Verdict())
	got = h.send("GET", callback, "", browser)
	assert.Equal(t, linkPath+"?activation=entity_not_activated", got.Header.Get("Location"))
	got = h.send("GET", got.Header.Get("Location"), "")
	assert.Contains(t, got.body, verdicts.CodeEntityNotActivated.Verdict().Message.In(locale.English), "what is wrong although it is activated")

	h.activations.err, h.activations.invitation.State = notActivated(), activation.LinkOpen
	got = h.send("GET", callback, "", browser)
	require.Equal(t, linkPath+"?activation=code_refused", got.Header.Get("Location"))
	h.activations.err = nil
	got = h.send("GET", got.Header.Get("Location"), "")
	assert.Contains(t, got.body, verdicts.CodeCodeRefused.Verdict().Message.In(locale.English))
	assert.Contains(t, got.body, "<form", "it can be tried again")
	assert.NotContains(t, h.send("GET", linkPath+"?activation=Your+bank", "").body, "Your bank")
	h.activations.err = errInjected
	assert.Equal(t, http.StatusInternalServerError, h.send("GET", callback, "", browser).StatusCode)

	h.activations.err, h.activations.found = nil, false
	h.service.activated = "a"
	both := header{"Cookie", cookie.value + "; " + browser.value}
	got = h.send("GET", callback, "", both)
	assert.Equal(t, http.StatusSeeOther, got.StatusCode, "a person's own activation in a browser that also opened a link")
	assert.Equal(t, http.StatusNoContent, h.send("HEAD", callback, "", browser).StatusCode)
	assert.NotContains(t, h.log.String(), canaryCode)
}

func TestLinksThatDoNotWork(t *testing.T) {
	t.Parallel()
	at := locale.English.FormatTime(testTime, locale.DateTime)
	for state, text := range map[activation.LinkState]string{
		activation.LinkUsed:    locale.English.Text("activation.link-used", at),
		activation.LinkRevoked: locale.English.Text("activation.link-revoked", at, "Ann"),
		activation.LinkExpired: locale.English.Text("activation.link-expired", at, "Ann"),
	} {
		h := invited(t, func(i *activation.Invitation) {
			i.State, i.CreatedBy, i.UsedAt, i.RevokedAt, i.ExpiresAt = state, "Ann", testTime, testTime, testTime
		})
		for _, method := range []string{"GET", "POST"} {
			got := h.send(method, linkPath, "")
			assert.Equal(t, http.StatusGone, got.StatusCode, state)
			assert.Contains(t, got.body, text, state)
			assert.NotContains(t, got.body, "<form", state)
		}
		assert.Empty(t, h.activations.started)
	}
	h := invited(t)
	for _, method := range []string{"GET", "POST"} {
		got := h.send(method, "/activation/links/unknown", "")
		assert.Equal(t, http.StatusNotFound, got.StatusCode)
		assert.Contains(t, got.body, locale.English.Text("activation.link-unknown"))
	}
	assert.Equal(t, []string{"used_activation", "used_activation"}, h.access.denialCodes)
}

// A link of a program leads to the sign-in first, and is then used by the person. It asks once
// more from this server's own page, because a browser that comes from elsewhere leaves out the
// session.
func TestLinkThatNeedsASignIn(t *testing.T) {
	t.Parallel()
	h := invited(t, func(i *activation.Invitation) { i.SignIn = true })
	for _, method := range []string{"GET", "POST"} {
		got := h.send(method, linkPath, "", bearer)
		assert.Equal(t, http.StatusOK, got.StatusCode)
		assert.Contains(t, got.body, `<meta http-equiv="refresh" content="0; url=`+linkPath+`?again=1">`)
		got = h.send(method, linkPath+"?again=1", "", bearer)
		assert.Equal(t, http.StatusOK, got.StatusCode)
		assert.Contains(t, got.body, locale.English.Text("activation.link-sign-in"))
		assert.Contains(t, got.body, `href="/sign-in"`)
		assert.NotContains(t, got.body, "<form")
	}
	assert.Empty(t, h.activations.started)
	got := h.send("GET", linkPath, "", cookie)
	assert.Contains(t, got.body, "<form")
	got = h.send("POST", linkPath, "", cookie)
	require.Equal(t, http.StatusOK, got.StatusCode)
	require.Len(t, h.activations.started, 1)
	assert.Equal(t, paycor.CallerPerson, h.activations.started[0].Kind)
	assert.Equal(t, paycor.Rights{paycor.RightEdit}, h.activations.started[0].Rights)
	assert.Empty(t, got.Header.Values("Set-Cookie"))

	h.activations.err = paycor.Errorf(paycor.KindForbidden, "error.right-missing", paycor.RightEdit, "Ann")
	assert.Equal(t, http.StatusForbidden, h.send("POST", linkPath, "", cookie).StatusCode)
}

func TestLinksAreRateLimited(t *testing.T) {
	t.Parallel()
	statuses := func(h *testServer, method, path string, n int) map[int]int {
		counted := map[int]int{}
		for range n {
			counted[h.send(method, path, "").StatusCode]++
		}
		return counted
	}
	h := invited(t)
	assert.Equal(t, map[int]int{http.StatusOK: 10, http.StatusTooManyRequests: 2}, statuses(h, "POST", linkPath, 12), "uses of one link")
	assert.Len(t, h.activations.started, 10)
	h = invited(t)
	assert.Equal(t, map[int]int{http.StatusNotFound: 60, http.StatusTooManyRequests: 3}, statuses(h, "GET", "/activation/links/guess", 63), "visits by one address")
	got := h.send("GET", linkPath, "")
	assert.Equal(t, http.StatusTooManyRequests, got.StatusCode)
	assert.Equal(t, "60", got.Header.Get("Retry-After"))
	assert.Contains(t, got.body, locale.English.Text("activation.link-crowded"))
	h.clock.Pass(time.Minute)
	assert.Equal(t, http.StatusOK, h.send("GET", linkPath, "").StatusCode)
}

// Nothing of a request decides where a browser is sent.
func TestLinksHaveNoOpenRedirect(t *testing.T) {
	t.Parallel()
	refresh := regexp.MustCompile(`url=([^"]*)"`)
	for _, query := range []string{"?to=https://evil.example", "?redirect_uri=https://evil.example/activation/callback", "//evil.example"} {
		h := invited(t)
		got := h.send("POST", linkPath+query, "", header{"Referer", "https://evil.example/"}, header{"X-Forwarded-Host", "evil.example"})
		for _, found := range refresh.FindAllStringSubmatch(got.body, -1) {
			assert.True(t, strings.HasPrefix(found[1], "/activation/start/"), found[1])
		}
		assert.NotContains(t, fmt.Sprint(got.body, got.Header, h.activations.started), "evil.example", query)
	}
	secure := newTestServer(t, func(c *web.Config) { c.Secure, c.Hosts = true, []string{"creds.example.com"} })
	got := secure.send("POST", "/api/v1/credentials/a/activation/links", "", bearer, header{"Host", "creds.example.com"}, header{"X-Forwarded-Host", "evil.example"})
	assert.Contains(t, got.body, `"url":"https://creds.example.com`+linkPath+`"`)
}

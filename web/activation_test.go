package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/verdicts"
	"paycorcred/web"
)

// Invented secrets of an activation.
const (
	canaryStart   = "Canary-Start_0000000000000000000000000000000"
	canaryCode    = "c0de000000000000000000000000000000000000000000000000000000c0de"
	canaryState   = "Canary-State_0000000000000000000000000000000"
	canaryRefresh = "5ec2e7000000000000000000000000000000000000000000000000005ec2e7"
)

func TestStartActivation(t *testing.T) {
	t.Parallel()
	for scheme, secure := range map[string]bool{"http": false, "https": true} {
		h := newTestServer(t, func(c *web.Config) { c.Secure = secure })
		session := cookieAt("localhost:1234")
		if secure {
			session.value = "__Host-" + session.value
		}
		got := h.send("POST", "/api/v1/credentials/a/activation", "", session, header{"Host", "localhost:1234"})
		require.Equal(t, http.StatusOK, got.StatusCode, got.body)
		assert.Equal(t, scheme+"://localhost:1234/activation/callback", h.service.redirectURI)
		assert.Contains(t, got.body, `"start_url":"`+scheme+`://localhost:1234/activation/start/`+canaryStart+`"`)
		assert.Contains(t, got.body, `"warning":"`+paycor.ActivationWarning.In(locale.English)+`"`)
	}
}

// Paycor's address contains the APIM Subscription Key, so nobody but a signed-in person
// may start an activation.
func TestOnlyPeopleStartActivations(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("POST", "/api/v1/credentials/a/activation", "", bearer)
	assert.Equal(t, http.StatusForbidden, got.StatusCode)
	assert.Contains(t, got.body, `"code":"activation_people_only"`)
	assert.Contains(t, got.body, locale.English.Text("error.activation-people-only"))
	assert.Equal(t, []string{"activation_people_only"}, h.access.denialCodes)
	assert.Empty(t, h.service.recordedCalls())
}

func TestStartedActivationRedirectsOnce(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	target := "/activation/start/" + canaryStart
	h.send("HEAD", target, "", cookie)
	assert.Equal(t, http.StatusNoContent, h.send("GET", target, "", cookie, header{"Sec-Purpose", "prefetch"}).StatusCode)
	assert.Equal(t, http.StatusGone, h.send("GET", target, "", bearer).StatusCode, "not by an API token")
	assert.Equal(t, http.StatusGone, h.send("GET", target, "").StatusCode, "not without the session")
	assert.Equal(t, http.StatusMisdirectedRequest, h.send("GET", target, "", cookie, header{"Host", "evil.example"}).StatusCode)

	got := h.send("GET", target, "", cookie)
	require.Equal(t, http.StatusSeeOther, got.StatusCode, got.body)
	assert.Equal(t, authorizePage, got.Header.Get("Location"))
	assert.Equal(t, "no-store", got.Header.Get("Cache-Control"))
	assert.Equal(t, "no-referrer", got.Header.Get("Referrer-Policy"))
	assert.Empty(t, got.body)
	require.Len(t, h.activations.opened, 1)
	assert.Equal(t, paycor.Rights{paycor.RightEdit}, h.activations.opened[0].Rights, "and no more than the route grants")

	got = h.send("GET", target, "", cookie)
	assert.Equal(t, http.StatusGone, got.StatusCode)
	assert.Contains(t, got.body, "select Activate again")
	assert.Empty(t, got.Header.Get("Location"))
	h.activations.err = errInjected
	assert.Equal(t, http.StatusInternalServerError, h.send("GET", target, "", cookie).StatusCode)
	assert.NotContains(t, h.log.String(), canaryKey)
	assert.NotContains(t, h.log.String(), canaryStart)
}

func TestActivateWithValuesFromBody(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("POST", "/api/v1/credentials/a/activation/code", `{"code":"`+canaryCode+`","code_verifier":"v","redirect_uri":"http://localhost/x"}`, bearer, jsonBody)
	require.Equal(t, http.StatusOK, got.StatusCode, got.body)
	assert.Equal(t, paycor.ActivationAnswer{Code: paycor.NewSecret(canaryCode), CodeVerifier: paycor.NewSecret("v"), RedirectURI: "http://localhost/x"}, h.service.answer)
	assert.NotEmpty(t, got.Header.Get("ETag"))

	h.service.err = notActivated()
	got = h.send("POST", "/api/v1/credentials/a/activation/code", `{"refresh_token":"`+canaryRefresh+`"}`, bearer, jsonBody)
	assert.Equal(t, http.StatusUnprocessableEntity, got.StatusCode)
	assert.Contains(t, got.body, `"code":"activation"`)
	assert.Contains(t, got.body, `"code":"code_refused"`)
	assert.NotContains(t, got.body+h.log.String(), canaryRefresh)
	assert.NotContains(t, got.body+h.log.String(), canaryCode)

	got = h.send("POST", "/api/v1/credentials/a/activation/code", `{"state":"s"}`, bearer, jsonBody)
	assert.Equal(t, http.StatusUnprocessableEntity, got.StatusCode, "only the callback accepts a state")
}

var refreshes = regexp.MustCompile(`<meta http-equiv="refresh" content="0; url=([^"]+)">`)

func TestActivationCallbackRetriesFromOwnSite(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.service.activated = "a"
	got := h.send("GET", "/activation/callback?code="+canaryCode+"&state="+canaryState, "", header{"Sec-Fetch-Site", "cross-site"})
	require.Equal(t, http.StatusOK, got.StatusCode)
	assert.Equal(t, "no-store", got.Header.Get("Cache-Control"))
	assert.Equal(t, "no-referrer", got.Header.Get("Referrer-Policy"))
	assert.NotContains(t, got.body, "<script")
	assert.Empty(t, h.service.recordedCalls(), "without the session nothing is consumed")
	found := refreshes.FindStringSubmatch(got.body)
	require.Len(t, found, 2, got.body)
	next, err := url.Parse(regexp.MustCompile(`&amp;`).ReplaceAllString(found[1], "&"))
	require.NoError(t, err)
	assert.Equal(t, "/activation/callback", next.Path)
	assert.Equal(t, url.Values{"code": {canaryCode}, "state": {canaryState}, "again": {"1"}}, next.Query())

	got = h.send("GET", next.String(), "")
	assert.Equal(t, http.StatusForbidden, got.StatusCode, "no third request")
	assert.Contains(t, got.body, locale.English.Text("activation.signed-out"))

	got = h.send("GET", next.String(), "", cookie)
	require.Equal(t, http.StatusSeeOther, got.StatusCode)
	assert.Equal(t, "/credentials/a?activation=done", got.Header.Get("Location"))
	assert.Equal(t, paycor.ActivationAnswer{State: paycor.NewSecret(canaryState), Code: paycor.NewSecret(canaryCode)}, h.service.answer)
	assert.NotContains(t, h.log.String(), canaryCode)
	assert.NotContains(t, h.log.String(), canaryState)
}

func TestFailedActivation(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.service.activated, h.service.err = "a", notActivated()
	got := h.send("GET", "/activation/callback?error=access_denied&error_description="+canaryCode+"&state="+canaryState, "", cookie)
	require.Equal(t, http.StatusSeeOther, got.StatusCode)
	assert.Equal(t, "/credentials/a?activation=code_refused", got.Header.Get("Location"))
	assert.Equal(t, "access_denied", h.service.answer.Refusal)
	assert.NotContains(t, h.log.String()+got.body, canaryCode)

	h.service.activated = "" // an unknown state
	got = h.send("GET", "/activation/callback?code=x&state="+canaryState, "", cookie)
	assert.Equal(t, http.StatusUnprocessableEntity, got.StatusCode)
	assert.Contains(t, got.body, verdicts.CodeCodeRefused.Verdict().Message.In(locale.English))

	h.service.err = errInjected
	got = h.send("GET", "/activation/callback?code=x&state="+canaryState, "", cookie)
	assert.Equal(t, http.StatusInternalServerError, got.StatusCode)
	assert.NotContains(t, got.body, "fire")
}

func TestActivationCallbackIgnoresPrefetch(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.service.activated = "a"
	target := "/activation/callback?code=x&state=y"
	h.send("HEAD", target, "", cookie)
	h.send("GET", target, "", cookie, header{"Sec-Purpose", "prefetch;prerender"})
	for _, broken := range []string{"", "?code=x", "?state=y&state=z&code=x", "?state=y&code=x&code=z", "?state=%zz"} {
		got := h.send("GET", "/activation/callback"+broken, "", cookie)
		assert.Equal(t, http.StatusBadRequest, got.StatusCode, broken)
	}
	assert.Equal(t, http.StatusMisdirectedRequest, h.send("GET", target, "", cookie, header{"Host", "evil.example"}).StatusCode)
	assert.Empty(t, h.service.recordedCalls())
}

// Text from the address is never shown.
func TestActivationNotice(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"?activation=activation_denied": "verdict.activation_denied",
		"?activation=done":              "",
		"?activation=verified":          "",
		"?activation=Your+bank":         "",
		"":                              "",
	} {
		var start api.Start
		h := newTestServer(t, func(c *web.Config) {
			c.Body = func(s api.Start) string { start = s; return `<div id="app"></div>` }
		})
		require.Equal(t, http.StatusOK, h.send("GET", "/credentials/a"+query, "", cookie).StatusCode)
		if want == "" {
			assert.Nil(t, start.Activation, query)
			continue
		}
		require.NotNil(t, start.Activation, query)
		assert.Equal(t, want, start.Activation.Message.Key)
	}
}

package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/web"
)

var localAddress = regexp.MustCompile(` (?:href|src|action)="(/[^"]*)"| content="0; url=(/[^"]*)"`)

// Below a path, every address that a response has is below it, whether the proxy in front
// strips the path or passes it on.
func TestBelowAPath(t *testing.T) {
	t.Parallel()
	h := newTestServer(t, func(c *web.Config) { c.Base = "/creds" })
	for _, prefix := range []string{"/creds", ""} {
		for _, path := range []string{"/", "/credentials/cred_a", "/docs", "/docs/operating", "/sign-ins", "/system", "/embed/doctor", "/unknown"} {
			got := h.send("GET", prefix+path, "", cookie, header{"Accept", "text/html"})
			found := localAddress.FindAllStringSubmatch(got.body, -1)
			assert.NotEmpty(t, found, "%s: %d", path, got.StatusCode)
			for _, address := range found {
				assert.Regexp(t, "^/creds/", address[1]+address[2], path)
			}
			assert.Contains(t, got.body, `<html data-base="/creds" lang=`)
			assert.NotContains(t, got.body, "/creds/creds")
		}
		problem := h.send("GET", prefix+"/api/v1/credentials/x/unknown", "", bearer)
		assert.Contains(t, problem.body, `"type":"/creds/docs/problems#not_found"`)
		assert.Contains(t, h.send("GET", prefix+"/api/v1/openapi.yaml", "", bearer).body, "- url: /creds/\n")
		made := h.send("POST", prefix+"/api/v1/credentials", `{"name":"a","environment":"production","client_id":"00000000000000000a01","client_secret":"x","subscription_key":"y","legal_entity_id":501123}`, bearer, header{"Content-Type", "application/json"})
		assert.True(t, strings.HasPrefix(made.Header.Get("Location"), "/creds/api/v1/credentials/"), "%s %s", made.Header.Get("Location"), made.body)
	}
	assert.Equal(t, http.StatusOK, h.send("GET", "/creds/healthz", "").StatusCode)
	assert.Equal(t, http.StatusOK, h.send("GET", "/healthz", "").StatusCode, "probes don't come through the proxy")
	redirect := h.send("GET", "/creds?purpose=source", "")
	assert.Equal(t, http.StatusPermanentRedirect, redirect.StatusCode)
	assert.Equal(t, "/creds/?purpose=source", redirect.Header.Get("Location"))
	assert.Equal(t, http.StatusNotFound, h.send("GET", "/credsx/", "", cookie).StatusCode)
}

func TestCookiesBelowAPath(t *testing.T) {
	t.Parallel()
	for secure, name := range map[bool]string{false: "paycorcred", true: "__Secure-paycorcred"} {
		h := newTestServer(t, func(c *web.Config) { c.Base, c.Secure = "/team/creds", secure })
		got := h.send("GET", "/team/creds/sign-in?code="+validCode, "")
		require.Equal(t, http.StatusSeeOther, got.StatusCode)
		assert.Equal(t, "/team/creds/", got.Header.Get("Location"))
		require.Len(t, got.Cookies(), 1)
		assert.Equal(t, name, got.Cookies()[0].Name)
		assert.Equal(t, "/team/creds/", got.Cookies()[0].Path)
	}
}

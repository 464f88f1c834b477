package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/web"
)

func TestTokenIsShownOnce(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("POST", "/api/v1/tokens", `{"name":"nightly","rights":["use","view"],"credentials":["a"],"expires_at":"2031-06-01T02:00:00+02:00"}`, bearer, jsonBody)
	require.Equal(t, http.StatusCreated, got.StatusCode, got.body)
	assert.Equal(t, 1, strings.Count(got.body, canaryToken))
	assert.Equal(t, "no-store", got.Header.Get("Cache-Control"))
	want := time.Date(2031, 6, 1, 0, 0, 0, 0, time.UTC)
	assert.Equal(t, paycor.Rights{"use", "view"}, h.service.consumer.Rights)
	assert.Equal(t, []string{"a"}, h.service.consumer.Credentials)
	assert.True(t, want.Equal(h.service.consumer.ExpiresAt))

	for _, path := range []string{"/api/v1/tokens", "/consumers", "/metrics"} {
		got := h.send("GET", path, "", cookie)
		require.Equal(t, http.StatusOK, got.StatusCode, path)
		assert.NotContains(t, got.body, canaryToken)
	}
	assert.NotContains(t, h.log.String(), canaryToken)
}

func TestInvalidTokenRequests(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"rights as text":    `{"name":"n","rights":"view"}`,
		"a right as number": `{"name":"n","rights":[1]}`,
		"no time":           `{"name":"n","rights":["view"],"expires_at":"tomorrow"}`,
		"another field":     `{"name":"n","rights":["view"],"workspace":"other"}`,
		"a token":           `{"name":"n","rights":["view"],"token":"pcc_mine"}`,
		"a field twice":     `{"name":"n","name":"m","rights":["view"]}`,
		"no object":         `[]`,
		"nothing":           ``,
	} {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t)
			got := h.send("POST", "/api/v1/tokens", body, bearer, jsonBody)
			assert.Contains(t, []int{400, 422}, got.StatusCode, got.body)
			assert.Empty(t, h.service.recordedCalls())
			assert.NotContains(t, got.body, "pcc_mine")
		})
	}
	h := newTestServer(t)
	assert.Equal(t, http.StatusNotFound, h.send("DELETE", "/api/v1/tokens/"+strings.Repeat("x", 200), "", bearer).StatusCode)
	assert.Empty(t, h.service.recordedCalls())
	assert.Equal(t, http.StatusNoContent, h.send("DELETE", "/api/v1/tokens/token_a", "", bearer).StatusCode)
	assert.Equal(t, "token_a", h.service.revoked)
}

func TestTokensArePaged(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("GET", "/api/v1/tokens?cursor=c&limit=7", "", bearer)
	require.Equal(t, http.StatusOK, got.StatusCode, got.body)
	assert.Equal(t, consumer.Query{Cursor: "c", Limit: 7}, h.service.consumerQuery)
	assert.Contains(t, got.body, `"next_cursor":"next","total":3`)
	for _, query := range []string{"limit=0", "limit=201", "q=x", "cursor=" + strings.Repeat("1", 1001)} {
		assert.Equal(t, http.StatusBadRequest, h.send("GET", "/api/v1/tokens?"+query, "", bearer).StatusCode, query)
	}
}

func TestConsumersScreen(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	_, start, _ := h.page("/consumers", http.StatusOK)
	assert.Equal(t, "/consumers", start.Path)
	require.Len(t, start.Consumers.Consumers, 2)
	assert.Equal(t, "nightly", start.Consumers.Consumers[0].Name)
	assert.Equal(t, paycor.Environments(), start.Environments, "with their titles")
	assert.Equal(t, "next", start.Consumers.Next)
	assert.Equal(t, paycor.Query{IDs: []string{"a"}, Limit: 1}, h.service.query, "only the names that are shown, and none of deleted credentials")
	require.Len(t, start.Names, 1)
	assert.Equal(t, "a", start.Names[0].ID)

	h.access.rights = paycor.Rights{paycor.RightAdmin}
	_, start, _ = h.page("/consumers", http.StatusOK)
	assert.Empty(t, start.Names, "without the right view")
	h.service.err = paycor.Errorf(paycor.KindForbidden, "Not for you.")
	got := h.send("GET", "/consumers", "", cookie)
	assert.Equal(t, http.StatusForbidden, got.StatusCode)
	assert.Contains(t, got.body, "Not for you.")
}

func TestCredentialScreenShowsUsage(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	_, start, _ := h.page("/credentials/a", http.StatusOK)
	require.NotNil(t, start.Usage)
	assert.EqualValues(t, 3, start.Usage.Total().Failed)
	h.service.historyErr = paycor.Errorf(paycor.KindForbidden, "Not for you.")
	_, start, _ = h.page("/credentials/a", http.StatusOK)
	assert.Nil(t, start.Usage)
}

func TestMetricsAccess(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("GET", "/metrics", "", bearer)
	assert.Equal(t, http.StatusOK, got.StatusCode)
	assert.Contains(t, got.body, "paycorcred_build_info")
	assert.Equal(t, http.StatusOK, h.send("GET", "/metrics", "", cookie).StatusCode)
	assert.Equal(t, http.StatusUnauthorized, h.send("GET", "/metrics", "").StatusCode, "loopback is not enough")
	assert.Equal(t, http.StatusOK, h.send("GET", "/metrics", "", bearer, header{"Host", "192.0.2.7:8080"}).StatusCode, "scrapes come by IP address")
	assert.Equal(t, http.StatusMisdirectedRequest, h.send("GET", "/metrics", "", cookieAt("192.0.2.7:8080"), header{"Host", "192.0.2.7:8080"}).StatusCode, "browsers don't")
	h.reader = paycor.Errorf(paycor.KindForbidden, "Not for you.")
	assert.Equal(t, http.StatusForbidden, h.send("GET", "/metrics", "", bearer).StatusCode)
	assert.Equal(t, http.StatusNotFound, newTestServer(t, func(c *web.Config) { c.Metrics = nil }).send("GET", "/metrics", "", bearer).StatusCode)
}

func TestRequestStatsContainNoInput(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.send("GET", "/api/v1/credentials/a?canary=1", "", bearer)
	h.send("BREW", "/api/v1/canary", "", bearer)
	h.send("GET", "/canary", "", bearer, header{"Host", "canary.example"})
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.all {
		h.all[i].Duration = 0
	}
	assert.Equal(t, []web.RequestStats{
		{Route: "GET /api/v1/credentials/{id}", Method: "GET", Status: 400}, {Method: "other", Status: 404}, {Method: "GET", Status: 421},
	}, h.all)
}

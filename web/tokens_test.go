package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
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

func TestConsumersScreen(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	_, start, _ := h.page("/consumers", http.StatusOK)
	assert.Equal(t, "/consumers", start.Path)
	require.Len(t, start.Consumers, 2)
	assert.Equal(t, "nightly", start.Consumers[0].Name)
	assert.Equal(t, paycor.Environments(), start.Environments, "with their titles")
	distinct := api.CredentialName{Environment: "production", LegalEntityID: 7}
	first, last := distinct, distinct
	first.ID, first.Name, last.ID, last.Name = "a", "Payroll", "z", "Payroll"
	assert.Equal(t, []api.CredentialName{first, last}, start.Names, "of every page of the list, with environment and entity to tell them apart")
	h.service.lastName = "Other"
	_, start, _ = h.page("/consumers", http.StatusOK)
	assert.Equal(t, []api.CredentialName{{ID: "a", Name: "Payroll"}, {ID: "z", Name: "Other"}}, start.Names, "unique names need no more")

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
	assert.Equal(t, http.StatusMisdirectedRequest, h.send("GET", "/metrics", "", bearer, header{"Host", "elsewhere.example"}).StatusCode)
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

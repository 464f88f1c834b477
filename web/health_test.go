package web_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/web"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	var trouble error
	h := newTestServer(t, func(c *web.Config) { c.Ready = func(context.Context) error { return trouble } })
	assert.Equal(t, "ok\n", h.send("GET", "/healthz", "").body)
	assert.Equal(t, "ready\n", h.send("GET", "/readyz", "").body)
	trouble = errInjected
	got := h.send("GET", "/readyz", "")
	assert.Equal(t, http.StatusServiceUnavailable, got.StatusCode)
	assert.NotContains(t, got.body, "fire")
	assert.Contains(t, h.log.String(), "fire")
	assert.Equal(t, http.StatusOK, h.send("GET", "/healthz", "").StatusCode, "the process is still alive")
}

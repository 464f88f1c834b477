package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/app/locale"
	"paycorcred/web"
)

// A caller beyond the limit is refused before anything is done, and told when to try
// again. Reading goes on.
func TestChangesAreLimited(t *testing.T) {
	t.Parallel()
	h := newTestServer(t, func(c *web.Config) { c.ChangesPerMinute = 2 })
	for range 2 {
		assert.Equal(t, 201, h.send("POST", "/api/v1/credentials", completeDraft, bearer, jsonBody).StatusCode)
	}
	refused := h.send("POST", "/api/v1/credentials", completeDraft, bearer, jsonBody)
	assert.Equal(t, 429, refused.StatusCode)
	assert.Equal(t, "30", refused.Header.Get("Retry-After"))
	assert.Contains(t, refused.body, `"code":"change_limit"`)
	assert.Contains(t, refused.body, locale.English.Text("error.change-limit", 30))
	assert.Equal(t, 2, strings.Count(strings.Join(h.service.calls, " "), "create"), h.service.calls)
	assert.Equal(t, 200, h.send("GET", "/api/v1/credentials", "", bearer).StatusCode)
	assert.Equal(t, 200, h.send("POST", "/api/v1/duplicates", `{"name":"n"}`, bearer, jsonBody).StatusCode, "it changes nothing")
	h.clock.Pass(30 * time.Second)
	assert.Equal(t, 201, h.send("POST", "/api/v1/credentials", completeDraft, bearer, jsonBody).StatusCode)
}

// An export adds an entry to the audit trail, so it counts although it is a GET.
func TestExportsAreLimited(t *testing.T) {
	t.Parallel()
	h := newTestServer(t, func(c *web.Config) { c.ChangesPerMinute = 2 })
	for range 2 {
		assert.Equal(t, 200, h.send("GET", "/api/v1/audit/export", "", bearer).StatusCode)
	}
	assert.Equal(t, 429, h.send("GET", "/api/v1/audit/export", "", bearer).StatusCode)
	assert.Equal(t, 200, h.send("GET", "/api/v1/audit", "", bearer).StatusCode)
}

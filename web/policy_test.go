package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/web"
)

func TestRoutePolicyIsRequired(t *testing.T) {
	t.Parallel()
	empty, asking := web.ValidatePolicies(paycor.RightUse)
	assert.ErrorContains(t, empty, `"GET /somewhere" has no policy`)
	assert.NoError(t, asking)
	_, asking = web.ValidatePolicies("everything")
	assert.ErrorContains(t, asking, `requires the unknown right "everything"`)
}

func TestRouteGrantsOnlyItsRight(t *testing.T) {
	t.Parallel()
	for path, granted := range map[string]paycor.Rights{
		"/api/v1/credentials/a": {paycor.RightView}, "/api/v1/environments": {paycor.RightView},
	} {
		h := newTestServer(t)
		assert.Equal(t, http.StatusOK, h.send("GET", path, "", bearer).StatusCode)
		assert.Equal(t, granted, h.service.caller.Rights, path)
	}
	h := newTestServer(t)
	h.access.rights = paycor.Rights{paycor.RightView, paycor.RightUse}
	h.send("DELETE", "/api/v1/credentials/a", "", bearer)
	assert.Empty(t, h.service.caller.Rights, "rights the caller lacks are not granted")
}

func TestScreensIgnoreAPITokens(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	assert.Equal(t, http.StatusSeeOther, h.send("GET", "/", "", bearer).StatusCode)
	assert.Empty(t, h.service.recordedCalls())
}

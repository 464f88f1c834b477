package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/web"
)

func TestARouteSaysWhoMayTakeIt(t *testing.T) {
	empty, asking := web.ValidatePolicies(paycor.RightUse)
	assert.ErrorContains(t, empty, `"GET /somewhere" has no policy`)
	assert.NoError(t, asking)
	_, asking = web.ValidatePolicies("everything")
	assert.ErrorContains(t, asking, `requires the unknown right "everything"`)
}

func TestARouteLendsNoMoreThanItsRight(t *testing.T) {
	for path, lent := range map[string]paycor.Rights{
		"/api/v1/credentials/a": {paycor.RightView}, "/api/v1/environments": {paycor.RightView},
	} {
		h := open(t)
		assert.Equal(t, http.StatusOK, h.send("GET", path, "", bearer).StatusCode)
		assert.Equal(t, lent, h.service.caller.Rights, path)
	}
	h := open(t)
	h.access.rights = paycor.Rights{paycor.RightView, paycor.RightUse}
	h.send("DELETE", "/api/v1/credentials/a", "", bearer)
	assert.Empty(t, h.service.caller.Rights, "a right that the caller does not have is not lent")
}

func TestAProgramIsNotLedToPages(t *testing.T) {
	h := open(t)
	assert.Equal(t, http.StatusSeeOther, h.send("GET", "/", "", bearer).StatusCode)
	assert.Empty(t, h.service.asked())
}

package authz_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
)

// The audit trail reveals restricted credentials, so only administrators of the
// workspace, who see them anyway, may read it.
func TestAuditOfRestrictedCredentialIsForAdministrators(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	const name = "Known to few"
	restricted := e.create(name)
	_, err := e.As(owner()).Share(t.Context(), restricted.ID, restriction(), "")
	require.NoError(t, err)
	callers := map[string]paycor.Caller{}
	for viewer, v := range viewers() {
		callers[viewer] = v.caller
	}
	admin := callers["administrator"]
	elsewhere := admin
	elsewhere.ID, elsewhere.Workspace = "administrator elsewhere", "elsewhere"
	callers["administrator of another workspace"] = elsewhere
	program := admin
	program.Kind, program.ID, program.Rights = paycor.CallerConsumer, "only admin", paycor.Rights{paycor.RightAdmin}
	callers["program with admin"] = program
	other := e.create("Open to all")
	narrow := program
	narrow.ID, narrow.Credentials = "admin for another", []string{other.ID}
	callers["program with admin for another credential"] = narrow

	for viewer, caller := range callers {
		t.Run(viewer, func(t *testing.T) {
			e.t = t
			by := e.authenticate(viewer, caller)
			reads := viewer == "administrator" || viewer == "program with admin"
			for _, path := range []string{"/api/v1/audit?limit=200", "/api/v1/audit?credential=" + restricted.ID, "/api/v1/audit/export", "/audit", "/audit?credential=" + restricted.ID} {
				if strings.HasPrefix(path, "/audit") && caller.Kind != paycor.CallerPerson {
					continue
				}
				got := e.send(by, "GET", path, "")
				body := strings.ReplaceAll(got.body, "credential="+restricted.ID, "") // the requested address
				if path != "/audit?credential="+restricted.ID || reads {              // the page repeats the filter
					assert.Equal(t, reads, strings.Contains(body, restricted.ID), path)
				}
				if !reads {
					assert.NotContains(t, body, name, path)
					assert.NotContains(t, body, string(audit.ActionShare)+`"`, path)
				}
				if !caller.Rights.Has(paycor.RightAdmin) {
					assert.GreaterOrEqual(t, got.status, http.StatusForbidden, path)
				}
			}
		})
	}
}

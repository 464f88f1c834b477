package authz_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/web"
)

// matrixCaller is a caller of the matrix.
type matrixCaller struct {
	caller       paycor.Caller
	authenticate func(*environment, paycor.Caller) authentication // nil for an unauthenticated caller
}

// authenticators create what each kind of caller authenticates with.
var authenticators = map[paycor.CallerKind]func(*environment, paycor.Caller) authentication{
	paycor.CallerPerson:   (*environment).session,
	paycor.CallerConsumer: (*environment).token,
	paycor.CallerEmbedded: (*environment).embeddedSession,
}

// matrixCallers returns every kind of caller with every set of rights, one of each
// kind with all rights in another workspace, and an unauthenticated one.
func matrixCallers() map[string]matrixCaller {
	all := map[string]matrixCaller{"nobody": {caller: paycor.Caller{Kind: paycor.CallerUnknown}}}
	for kind, authenticate := range authenticators {
		for set := range 1 << len(paycor.AllRights()) {
			rights := paycor.Rights{}
			for i, right := range paycor.AllRights() {
				if set>>i&1 == 1 {
					rights = append(rights, right)
				}
			}
			if rights.Has(paycor.RightEmbed) && kind != paycor.CallerConsumer {
				continue // it is of use to programs only
			}
			name := string(kind) + " with " + rights.String()
			all[name] = matrixCaller{paycor.Caller{Kind: kind, ID: name, Name: name, Workspace: paycor.DefaultWorkspace, Rights: rights}, authenticate}
		}
		name := string(kind) + " of another workspace"
		all[name] = matrixCaller{paycor.Caller{Kind: kind, ID: name, Name: name, Workspace: "other", Rights: paycor.AllRights()}, authenticate}
	}
	return all
}

// wholeServer are the routes about the whole server, for the default workspace only.
var wholeServer = []string{"GET /metrics", "GET /api/v1/doctor", "GET /system"}

// groups is the number of environments that share the routes. Each takes a second
// to create, and routes of different groups run in parallel.
const groups = 4

// TestAccessMatrix sends a request to every route as every caller and compares
// the response with the access table.
func TestAccessMatrix(t *testing.T) {
	t.Parallel()
	for group := range groups {
		t.Run(fmt.Sprintf("group %d", group+1), func(t *testing.T) {
			t.Parallel()
			e := newEnvironment(t)
			callers := matrixCallers()
			headers := map[string]authentication{}
			for name, c := range callers {
				if c.authenticate != nil {
					headers[name] = c.authenticate(e, c.caller)
				}
			}
			for i, route := range web.AccessTable() {
				if i%groups == group {
					for _, request := range requestsOf(t, route) {
						t.Run(route.Pattern+" "+request.name, func(t *testing.T) {
							e.t = t
							e.checkRoute(route, request, callers, headers)
						})
					}
				}
			}
		})
	}
}

// requestsOf returns the requests to send to a route.
func requestsOf(t *testing.T, route web.RouteAccess) []request {
	t.Helper()
	usual, ok := requests[route.Pattern]
	require.True(t, ok, "add a request for this route to requests")
	return append([]request{usual}, variants[route.Pattern]...)
}

// checkRoute compares the responses of a route with its row of the access table.
func (e *environment) checkRoute(route web.RouteAccess, request request, callers map[string]matrixCaller, headers map[string]authentication) {
	t := e.t
	method, _, _ := strings.Cut(route.Pattern, " ")
	credential := e.create("Of the matrix")
	for name, c := range callers {
		by := headers[name]
		if route.Pattern == "POST /sign-out" && c.authenticate != nil { // ends the session it is sent with
			c.caller.ID += " who signs out"
			by = c.authenticate(e, c.caller)
		}
		fill := func(text string) string {
			if strings.Contains(text, "OWN") {
				text = strings.ReplaceAll(text, "OWN", sessionID(e.sessionToEnd(name, c.caller)))
			}
			return strings.ReplaceAll(text, "ID", credential.ID)
		}
		statuses, denied := expected(route, request, c.caller)
		before, lastEntry := "", e.lastAuditEntry()
		if denied {
			before = e.state()
		}
		got := e.send(by, method, fill(request.path), fill(request.body))
		assert.Contains(t, statuses, got.status, "%s: %s", name, got.body)
		if denied {
			assert.Equal(t, before, e.state(), "%s: a denied request changes nothing", name)
			assert.NotContains(t, got.body, credential.ClientID, name)
		}
		if got.status == http.StatusForbidden && !route.Public {
			assert.True(t, e.deniedSince(c.caller, lastEntry), "%s: a denial is audited", name)
		}
		if !denied && method != http.MethodGet { // the request may have changed or deleted it
			_ = e.As(owner()).Delete(t.Context(), credential.ID, "")
			credential = e.create("Of the matrix")
		}
	}
	_ = e.As(owner()).Delete(t.Context(), credential.ID, "")
}

// sessionToEnd creates another session of a person, or for other callers a session
// of the owner.
func (e *environment) sessionToEnd(name string, caller paycor.Caller) authentication {
	if caller.Kind != paycor.CallerPerson {
		return e.sessionNamed(owner(), name+" for the owner")
	}
	caller.Name = "More"
	return e.sessionNamed(caller, name+" once more")
}

// expected returns the statuses that the access table implies for a caller, and
// whether they deny the request.
func expected(route web.RouteAccess, request request, caller paycor.Caller) (statuses []int, denied bool) {
	served := request.status
	if served == 0 {
		served = http.StatusOK
	}
	page := !strings.HasPrefix(request.path, "/api/") && request.path != "/metrics"
	switch {
	case route.Public && (route.Pattern == "GET /activation/callback" || route.Pattern == "GET /sign-in"):
		// The response depends on the caller.
		return []int{http.StatusOK, http.StatusSeeOther, http.StatusForbidden, http.StatusUnprocessableEntity}, false
	case strings.HasSuffix(route.Pattern, " /activation/links/{code}"): // visits are limited by client address
		return []int{served, http.StatusTooManyRequests}, false
	case route.Public:
		return []int{served}, false
	case page && caller.Kind != paycor.CallerPerson: // redirects to the sign-in page
		return []int{http.StatusSeeOther}, true
	case caller.Kind == paycor.CallerUnknown:
		return []int{http.StatusUnauthorized}, true
	case !slices.Contains(route.Kinds, caller.Kind):
		return []int{http.StatusForbidden}, true
	case !route.Allows(caller.Rights):
		return []int{http.StatusForbidden}, true
	case strings.Contains(request.path, "OWN") && caller.Kind != paycor.CallerPerson && !caller.Rights.Has(paycor.RightAdmin):
		return []int{http.StatusForbidden}, true // another person's session
	case strings.Contains(request.path, "OWN") && caller.Kind != paycor.CallerPerson && caller.Workspace != paycor.DefaultWorkspace:
		return []int{http.StatusNotFound}, true
	case caller.Workspace != paycor.DefaultWorkspace && slices.Contains(wholeServer, route.Pattern):
		return []int{http.StatusForbidden}, true
	case caller.Workspace != paycor.DefaultWorkspace && strings.Contains(request.path+request.body, "ID"):
		return []int{http.StatusNotFound}, true
	}
	return []int{served}, false
}

// The matrix has to know how each kind of caller in the table authenticates.
func TestMatrixCoversEveryCallerKind(t *testing.T) {
	for _, route := range web.AccessTable() {
		for _, kind := range route.Kinds {
			assert.Contains(t, authenticators, kind)
		}
	}
}

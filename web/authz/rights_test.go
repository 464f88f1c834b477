package authz_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/web"
)

// example is a request that a route serves, for whoever may make it. The path
// is of the credential with the id ID.
type example struct {
	path, body string
	status     int // for whoever may; 0 means 200
}

// examples has one for each route. A route without one fails the walk.
var examples = map[string]example{
	"GET /api/v1/credentials":                          {path: "/api/v1/credentials"},
	"POST /api/v1/credentials":                         {path: "/api/v1/credentials", body: wholeDraft, status: 201},
	"GET /api/v1/credentials/{id}":                     {path: "/api/v1/credentials/ID"},
	"PATCH /api/v1/credentials/{id}":                   {path: "/api/v1/credentials/ID", body: `{"name":"Changed"}`},
	"DELETE /api/v1/credentials/{id}":                  {path: "/api/v1/credentials/ID", status: 204},
	"POST /api/v1/credentials/{id}/verify":             {path: "/api/v1/credentials/ID/verify"},
	"POST /api/v1/credentials/{id}/activation":         {path: "/api/v1/credentials/ID/activation"},
	"POST /api/v1/credentials/{id}/activation/code":    {path: "/api/v1/credentials/ID/activation/code", body: `{"refresh_token":"t"}`, status: 503},
	"GET /api/v1/credentials/{id}/history":             {path: "/api/v1/credentials/ID/history"},
	"GET /api/v1/credentials/{id}/usage":               {path: "/api/v1/credentials/ID/usage"},
	"POST /api/v1/credentials/{id}/rotation":           {path: "/api/v1/credentials/ID/rotation", body: `{"client_secret":"Canary/Of+The/Walk/Rotated/00000000000000000"}`},
	"DELETE /api/v1/credentials/{id}/rotation":         {path: "/api/v1/credentials/ID/rotation"},
	"POST /api/v1/credentials/{id}/rotation/back":      {path: "/api/v1/credentials/ID/rotation/back", status: 409},
	"POST /api/v1/duplicates":                          {path: "/api/v1/duplicates", body: `{"name":"Any"}`},
	"GET /api/v1/credentials/{id}/paycor/{path...}":    {path: "/api/v1/credentials/ID/%70aycor/v1", status: 400}, // those that are no calls
	"POST /api/v1/credentials/{id}/paycor/{path...}":   {path: "/api/v1/credentials/ID/%70aycor/v1", status: 400}, // those that are no calls
	"PUT /api/v1/credentials/{id}/paycor/{path...}":    {path: "/api/v1/credentials/ID/%70aycor/v1", status: 400}, // those that are no calls
	"PATCH /api/v1/credentials/{id}/paycor/{path...}":  {path: "/api/v1/credentials/ID/%70aycor/v1", status: 400}, // those that are no calls
	"DELETE /api/v1/credentials/{id}/paycor/{path...}": {path: "/api/v1/credentials/ID/%70aycor/v1", status: 400}, // those that are no calls
	"GET /api/v1/hosts":                                {path: "/api/v1/hosts"},
	"POST /api/v1/hosts":                               {path: "/api/v1/hosts", body: `{"name":"Of the walk","origins":["https://walk.example"],"rights":["admin"],"keys_url":"https://walk.example/keys"}`, status: 201},
	"PATCH /api/v1/hosts/{id}":                         {path: "/api/v1/hosts/host-none", body: `{"name":"Changed"}`, status: 404},
	"DELETE /api/v1/hosts/{id}":                        {path: "/api/v1/hosts/host-none", status: 404},
	"GET /api/v1/audit":                                {path: "/api/v1/audit"},
	"GET /api/v1/audit/export":                         {path: "/api/v1/audit/export"},
	"GET /audit":                                       {path: "/audit"},
	"GET /api/v1/tokens":                               {path: "/api/v1/tokens"},
	"POST /api/v1/tokens":                              {path: "/api/v1/tokens", body: `{"name":"Of the walk","rights":["admin"]}`, status: 201},
	"DELETE /api/v1/tokens/{id}":                       {path: "/api/v1/tokens/token_none", status: 404},
	"POST /api/v1/verify":                              {path: "/api/v1/verify", body: `{"id":"ID"}`},
	"POST /api/v1/verify/counterpart":                  {path: "/api/v1/verify/counterpart", body: `{"id":"ID"}`, status: 409},
	"GET /api/v1/environments":                         {path: "/api/v1/environments"},
	"GET /api/v1/events":                               {path: "/api/v1/events"},
	"GET /api/v1/openapi.yaml":                         {path: "/api/v1/openapi.yaml"},

	"PUT /api/v1/credentials/{id}/sharing": {path: "/api/v1/credentials/ID/sharing", body: `{"restricted":false}`},
	"GET /api/v1/session":                  {path: "/api/v1/session"},
	"POST /api/v1/session":                 {path: "/api/v1/session"},
	"GET /api/v1/sessions":                 {path: "/api/v1/sessions"},
	"GET /api/v1/sessions/all":             {path: "/api/v1/sessions/all"},
	"DELETE /api/v1/sessions/{id}":         {path: "/api/v1/sessions/OWN", status: 204},

	"GET /{$}":                    {path: "/"},
	"GET /credentials/{id}":       {path: "/credentials/ID"},
	"GET /consumers":              {path: "/consumers"},
	"GET /hosts":                  {path: "/hosts"},
	"GET /sign-ins":               {path: "/sign-ins"},
	"GET /activation/callback":    {path: "/activation/callback?state=s&again=1"},
	"GET /embed":                  {path: "/embed?host=none", status: 404},
	"POST /embed/exchange":        {path: "/embed/exchange", body: `{"host":"none","token":"t","origin":"https://host.example"}`, status: 404},
	"GET /embed/doctor":           {path: "/embed/doctor"},
	"POST /embed/doctor":          {path: "/embed/doctor", body: "{}"},
	"GET /embed/sdk.js":           {path: "/embed/sdk.js"},
	"GET /embed/sdk.d.ts":         {path: "/embed/sdk.d.ts"},
	"GET /sign-in":                {path: "/sign-in"},
	"GET /sign-in/start":          {path: "/sign-in/start", status: 404}, // no provider is configured here
	"GET /sign-in/callback":       {path: "/sign-in/callback", status: 404},
	"POST /sign-out/back-channel": {path: "/sign-out/back-channel", status: 404},
	"POST /sign-out":              {path: "/sign-out", status: 303},

	"GET /assets/{set}/{name...}": {path: "/assets/0123456789abcdef/none", status: 404},
	"GET /docs":                   {path: "/docs"},
	"GET /docs/{page}":            {path: "/docs/none", status: 404},
	"GET /favicon.ico":            {path: "/favicon.ico"},
	"GET /robots.txt":             {path: "/robots.txt"},
	"GET /healthz":                {path: "/healthz"},
	"GET /readyz":                 {path: "/readyz"},
	"GET /metrics":                {path: "/metrics"},
}

// somebody comes to the door.
type somebody struct {
	caller paycor.Caller // of kind CallerUnknown: nobody
	way    func(*house, paycor.Caller) way
}

// kinds are the ways to be known.
var kinds = map[paycor.CallerKind]func(*house, paycor.Caller) way{
	paycor.CallerPerson:   (*house).session,
	paycor.CallerConsumer: (*house).token,
	paycor.CallerEmbedded: (*house).frame,
}

// everybody is each kind of caller with each set of rights, and a stranger of
// each kind, who may do everything in another workspace.
func everybody() map[string]somebody {
	all := map[string]somebody{"nobody": {caller: paycor.Caller{Kind: paycor.CallerUnknown}}}
	for kind, comes := range kinds {
		for set := range 1 << len(paycor.AllRights()) {
			rights := paycor.Rights{}
			for i, right := range paycor.AllRights() {
				if set>>i&1 == 1 {
					rights = append(rights, right)
				}
			}
			name := string(kind) + " with " + rights.String()
			all[name] = somebody{paycor.Caller{Kind: kind, ID: name, Name: name, Workspace: paycor.DefaultWorkspace, Rights: rights}, comes}
		}
		name := string(kind) + " of another workspace"
		all[name] = somebody{paycor.Caller{Kind: kind, ID: name, Name: name, Workspace: "other", Rights: paycor.AllRights()}, comes}
	}
	return all
}

// TestRights walks every route with every kind of caller and every set of
// rights, and compares what is done with the table.
func TestRights(t *testing.T) {
	h := open(t)
	people := everybody()
	ways := map[string]way{}
	for name, who := range people {
		if who.way != nil {
			ways[name] = who.way(h, who.caller)
		}
	}
	for _, entry := range web.AccessTable() {
		t.Run(entry.Pattern, func(t *testing.T) {
			request, ok := examples[entry.Pattern]
			require.True(t, ok, "no example says how to take this route: add one")
			method, _, _ := strings.Cut(entry.Pattern, " ")
			h.t = t
			credential := h.create("Of the walk")
			for name, who := range people {
				by := ways[name]
				if entry.Pattern == "POST /sign-out" && who.way != nil { // ends the session that it is tried with
					who.caller.ID += " who leaves"
					by = who.way(h, who.caller)
				}
				own := by
				if strings.Contains(request.path, "OWN") && who.caller.Kind == paycor.CallerPerson { // a session more, to be ended
					who.caller.Name = "More"
					own = h.sessionNamed(who.caller, name+" once more")
				} else if strings.Contains(request.path, "OWN") {
					own = h.sessionNamed(owner(), name+" for somebody else")
				}
				put := func(text string) string {
					return strings.ReplaceAll(strings.ReplaceAll(text, "OWN", sessionID(own)), "ID", credential.ID)
				}
				wanted, refused := expected(entry, request, who.caller)
				before, last := "", h.last()
				if refused {
					before = h.state()
				}
				got := h.send(by, method, put(request.path), put(request.body))
				assert.Contains(t, wanted, got.status, "%s: %s", name, got.body)
				if refused {
					assert.Equal(t, before, h.state(), "%s: a refused request changes nothing", name)
					assert.NotContains(t, got.body, credential.ClientID, name)
				}
				if got.status == http.StatusForbidden && !entry.Public {
					assert.True(t, h.refused(who.caller, last), "%s: a refusal is written down", name)
				}
				if !refused && method != http.MethodGet { // it may have been changed, or be gone
					_ = h.As(owner()).Delete(t.Context(), credential.ID, "")
					credential = h.create("Of the walk")
				}
			}
			_ = h.As(owner()).Delete(t.Context(), credential.ID, "")
		})
	}
}

// expected is what the table says of a caller on a route: the statuses that
// are right, and whether they are a refusal.
func expected(entry web.RouteAccess, request example, caller paycor.Caller) (statuses []int, refused bool) {
	served := request.status
	if served == 0 {
		served = http.StatusOK
	}
	page := !strings.HasPrefix(request.path, "/api/") && request.path != "/metrics"
	switch {
	case entry.Public && (entry.Pattern == "GET /activation/callback" || entry.Pattern == "GET /sign-in"):
		// Each caller is answered in words of its own.
		return []int{http.StatusOK, http.StatusSeeOther, http.StatusForbidden, http.StatusUnprocessableEntity}, false
	case entry.Public:
		return []int{served}, false
	case page && caller.Kind != paycor.CallerPerson: // leads to the sign-in
		return []int{http.StatusSeeOther}, true
	case caller.Kind == paycor.CallerUnknown:
		return []int{http.StatusUnauthorized}, true
	case !slices.Contains(entry.Kinds, caller.Kind):
		return []int{http.StatusForbidden}, true
	case entry.Right != "" && !caller.Rights.Has(entry.Right):
		return []int{http.StatusForbidden}, true
	case strings.Contains(request.path, "OWN") && caller.Kind != paycor.CallerPerson && !caller.Rights.Has(paycor.RightAdmin):
		return []int{http.StatusForbidden}, true // somebody else's
	case strings.Contains(request.path, "OWN") && caller.Kind != paycor.CallerPerson && caller.Workspace != paycor.DefaultWorkspace:
		return []int{http.StatusNotFound}, true
	case caller.Workspace != paycor.DefaultWorkspace && entry.Pattern == "GET /metrics": // they are of the whole server
		return []int{http.StatusForbidden}, true
	case caller.Workspace != paycor.DefaultWorkspace && strings.Contains(request.path+request.body, "ID"):
		return []int{http.StatusNotFound}, true
	}
	return []int{served}, false
}

// TestEveryKindOfCallerIsWalked fails when a kind of caller comes to the table
// that the walk does not know.
func TestEveryKindOfCallerIsWalked(t *testing.T) {
	for _, entry := range web.AccessTable() {
		for _, kind := range entry.Kinds {
			assert.Contains(t, kinds, kind, "the walk does not know how a caller of kind %q comes to the door", kind)
		}
	}
}

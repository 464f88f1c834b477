package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
	"paycorcred/web"
)

// forBrowsers are the routes outside of the API. All other routes must be
// described.
var forBrowsers = []string{
	"GET /audit", "GET /{$}", "GET /credentials/{id}", "GET /applications/{id}", "GET /sign-in", "POST /sign-out", "GET /sign-ins", "GET /system",
	"GET /sign-in/start", "GET /sign-in/callback", "POST /sign-out/back-channel", "GET /activation/callback", "GET /activation/start/{handle}", "GET /activation/links/{code}", "POST /activation/links/{code}",
	"GET /assets/{set}/{name...}", "GET /docs", "GET /docs/{page}", "GET /favicon.ico", "GET /robots.txt", "GET /consumers",
	"GET /hosts", "GET /notifications", "GET /embed", "GET /embed/appearance", "POST /embed/exchange", "GET /embed/doctor", "POST /embed/doctor", "GET /embed/sdk.js", "GET /embed/v1/sdk.js", "GET /embed/sdk.d.ts",
}

func description(t *testing.T, h *testServer) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData([]byte(h.send("GET", "/api/v1/openapi.yaml", "").body))
	require.NoError(t, err)
	return document
}

func TestAPIDescriptionIsValid(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	document := description(t, h)
	require.NoError(t, document.Validate(t.Context(), openapi3.IsOpenAPI31OrLater(), openapi3.EnableExamplesValidation()))
	assert.Equal(t, "3.1.0", document.OpenAPI)
	assert.Equal(t, "test", document.Info.Version)
}

func TestAPIDescriptionCoversAllRoutes(t *testing.T) {
	t.Parallel()
	var described []string
	for path, item := range description(t, newTestServer(t)).Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	var registered []string
	for _, pattern := range web.Patterns() {
		if !slices.Contains(forBrowsers, pattern) {
			registered = append(registered, strings.Replace(pattern, "{path...}", "{path}", 1))
		}
	}
	assert.ElementsMatch(t, described, registered)
}

// exchange is a request with the expected status.
type exchange struct {
	method, path, body string
	status             int
	err                error // of the use case
}

// notReplaced is the error that new values did not replace the saved ones.
func notReplaced(kind paycor.Kind) error {
	verdict, saved := verdicts.CodeSecretRejected.Verdict(), verdicts.CodeVerified.Verdict()
	return &paycor.Error{Kind: kind, Message: message.Text("Rejected."), Verdict: &verdict, SavedVerdict: &saved, RetryAfter: 7 * time.Second}
}

func TestResponsesMatchAPIDescription(t *testing.T) {
	t.Parallel()
	full := strings.Replace(completeDraft, `"c"`, `"`+strings.Repeat("0", 20)+`"`, 1)
	invalid := &paycor.Error{Kind: paycor.KindInvalid, Message: message.Text("Fix it."), Problems: []fields.Problem{{Field: "name", Code: fields.ProblemRequired, Message: message.Text("Enter it.")}}}
	exchanges := map[string]exchange{
		"embed session":       {"POST", "/api/v1/embed/sessions", `{"host":"console","subject":"ann","name":"Ann","email":"ann@console.example","groups":["payroll"],"tenant":"acme","rights":["view"]}`, 201, nil},
		"list":                {"GET", "/api/v1/credentials?q=a&limit=5", "", 200, nil},
		"filtered list":       {"GET", "/api/v1/credentials?state=rejected&environment=sandbox&tag=bakery&owner=Ann&attention=any&sort=-last_used", "", 200, nil},
		"counts":              {"GET", "/api/v1/credentials/counts", "", 200, nil},
		"list denied":         {"GET", "/api/v1/credentials", "", 403, paycor.Errorf(paycor.KindForbidden, "No.")},
		"create":              {"POST", "/api/v1/credentials?verify=false", full, 201, nil},
		"create wrong":        {"POST", "/api/v1/credentials", full, 422, invalid},
		"get":                 {"GET", "/api/v1/credentials/a", "", 200, nil},
		"get none":            {"GET", "/api/v1/credentials/b", "", 404, nil},
		"patch":               {"PATCH", "/api/v1/credentials/a", `{"name":"x","legal_entity_id":null}`, 200, nil},
		"patch stale":         {"PATCH", "/api/v1/credentials/a", `{}`, 412, paycor.Errorf(paycor.KindStale, "Stale.")},
		"patch by force":      {"PATCH", "/api/v1/credentials/a?force=true", `{"client_secret":"x"}`, 200, nil},
		"patch rejected":      {"PATCH", "/api/v1/credentials/a", `{"client_secret":"x"}`, 422, notReplaced(paycor.KindNotAccepted)},
		"patch not tested":    {"PATCH", "/api/v1/credentials/a?verify=true", `{"client_secret":"x"}`, 503, notReplaced(paycor.KindNotTested)},
		"delete":              {"DELETE", "/api/v1/credentials/a", "", 204, nil},
		"verify":              {"POST", "/api/v1/credentials/a/verify", "", 200, nil},
		"verify busy":         {"POST", "/api/v1/credentials/a/verify", "{}", 429, paycor.Errorf(paycor.KindBusy, "Later.")},
		"verify draft":        {"POST", "/api/v1/verify", `{"id":"a","client_secret":"x"}`, 200, nil},
		"counterpart":         {"POST", "/api/v1/verify/counterpart", `{"id":"a","client_secret":"x"}`, 200, nil},
		"counterpart none":    {"POST", "/api/v1/verify/counterpart", `{"id":"a"}`, 409, paycor.Errorf(paycor.KindConflict, "None.")},
		"activation":          {"POST", "/api/v1/credentials/a/activation", "", 200, nil},
		"test call":           {"POST", "/api/v1/credentials/a/test-call", `{"target":"/v1/legalentities/1"}`, 200, nil},
		"activation links":    {"GET", "/api/v1/credentials/a/activation/links", "", 200, nil},
		"new activation link": {"POST", "/api/v1/credentials/a/activation/links", "", 201, nil},
		"revoke the link":     {"DELETE", "/api/v1/credentials/a/activation/links/actlink_a", "", 204, nil},
		"activate":            {"POST", "/api/v1/credentials/a/activation/code", `{"refresh_token":"r"}`, 200, nil},
		"activation rejected": {"POST", "/api/v1/credentials/a/activation/code", `{"code":"c","code_verifier":"v","redirect_uri":"http://localhost"}`, 422, notActivated()},
		"rotate":              {"POST", "/api/v1/credentials/a/rotation", `{"client_secret":"n","keep":"week","rotate_by":"2032-01-01","keep_pending":true}`, 200, nil},
		"rotate again":        {"POST", "/api/v1/credentials/a/rotation", "", 200, nil},
		"rotation conflict":   {"POST", "/api/v1/credentials/a/rotation", `{"client_secret":"n"}`, 409, paycor.Errorf(paycor.KindConflict, "Still kept.")},
		"end rotation":        {"DELETE", "/api/v1/credentials/a/rotation", "", 200, nil},
		"rotate back":         {"POST", "/api/v1/credentials/a/rotation/back", "", 200, nil},
		"back anyway":         {"POST", "/api/v1/credentials/a/rotation/back", `{"anyway":true}`, 200, nil},
		"duplicates":          {"POST", "/api/v1/duplicates", `{"name":"x","legal_entity_id":7}`, 200, nil},
		"applications":        {"GET", "/api/v1/applications?client_id=a&environment=production&limit=5", "", 200, nil},
		"application":         {"GET", "/api/v1/applications/app_a", "", 200, nil},
		"application usage":   {"GET", "/api/v1/applications/app_a/usage", "", 200, nil},
		"application none":    {"GET", "/api/v1/applications/app_b", "", 404, nil},
		"create of one":       {"POST", "/api/v1/credentials", `{"application_id":"app_a","name":"n","legal_entity_id":7}`, 201, nil},
		"verify of one":       {"POST", "/api/v1/verify", `{"application_id":"app_a","legal_entity_id":7}`, 200, nil},
		"history":             {"GET", "/api/v1/credentials/a/history", "", 200, nil},
		"share":               {"PUT", "/api/v1/credentials/a/sharing", `{"restricted":true,"people":["ann"],"groups":["payroll"]}`, 200, nil},
		"unshare":             {"PUT", "/api/v1/credentials/a/sharing", `{"restricted":false}`, 200, nil},
		"session":             {"GET", "/api/v1/session", "", 200, nil},
		"stay":                {"POST", "/api/v1/session", "", 200, nil},
		"sessions":            {"GET", "/api/v1/sessions", "", 200, nil},
		"all sessions":        {"GET", "/api/v1/sessions/all", "", 200, nil},
		"end session":         {"DELETE", "/api/v1/sessions/sess_a", "", 204, nil},
		"call":                {"GET", "/api/v1/credentials/a/paycor/v1", "", 400, nil},
		"call to create":      {"POST", "/api/v1/credentials/a/paycor/v1", "", 400, nil},
		"call to replace":     {"PUT", "/api/v1/credentials/a/paycor/v1", "", 400, nil},
		"call to change":      {"PATCH", "/api/v1/credentials/a/paycor/v1", "", 400, nil},
		"call to delete":      {"DELETE", "/api/v1/credentials/a/paycor/v1", "", 400, nil},
		"audit":               {"GET", "/api/v1/audit?caller=ann&from=2031-05-04&limit=5", "", 200, nil},
		"audit denied":        {"GET", "/api/v1/audit", "", 403, paycor.Errorf(paycor.KindForbidden, "No.")},
		"audit export":        {"GET", "/api/v1/audit/export?after=3&outcome=refused", "", 200, nil},
		"doctor":              {"GET", "/api/v1/doctor", "", 200, nil},
		"doctor denied":       {"GET", "/api/v1/doctor", "", 403, paycor.Errorf(paycor.KindForbidden, "No.")},
		"channels":            {"GET", "/api/v1/channels", "", 200, nil},
		"add a channel":       {"POST", "/api/v1/channels", `{"type":"webhook","name":"Operations","address":"https://hooks.example/in","language":"es","kinds":["credential.broke"],"tags":["bakery"],"credentials":["a"]}`, 201, nil},
		"change a channel":    {"PATCH", "/api/v1/channels/channel_a", `{"name":"Operations","address":"https://hooks.example/in","language":"es","kinds":["credential.broke"],"tags":[],"credentials":[],"enabled":true}`, 200, nil},
		"remove a channel":    {"DELETE", "/api/v1/channels/channel_a", "", 204, nil},
		"replace a secret":    {"POST", "/api/v1/channels/channel_a/secret", "", 200, nil},
		"test a channel":      {"POST", "/api/v1/channels/channel_a/test", "", 200, nil},
		"deliveries":          {"GET", "/api/v1/channels/channel_a/deliveries?cursor=1.msg_a", "", 200, nil},
		"replay":              {"POST", "/api/v1/channels/channel_a/deliveries/msg_a/replay", "", 202, nil},
		"hosts":               {"GET", "/api/v1/hosts", "", 200, nil},
		"add a host":          {"POST", "/api/v1/hosts", `{"name":"Console","origins":["https://console.example"],"rights":["view"],"keys_url":"https://console.example/keys"}`, 201, nil},
		"change a host":       {"PATCH", "/api/v1/hosts/console", `{"name":"Console","origins":["https://console.example"],"rights":["view"],"keys":{"keys":[]}}`, 200, nil},
		"remove a host":       {"DELETE", "/api/v1/hosts/console", "", 204, nil},
		"usage":               {"GET", "/api/v1/credentials/a/usage", "", 200, nil},
		"tokens":              {"GET", "/api/v1/tokens", "", 200, nil},
		"token":               {"POST", "/api/v1/tokens", `{"name":"nightly","rights":["view","read"],"credentials":["a"],"expires_at":"2031-06-01T00:00:00Z"}`, 201, nil},
		"token wrong":         {"POST", "/api/v1/tokens", `{"name":"nightly","rights":[]}`, 422, invalid},
		"revoke":              {"DELETE", "/api/v1/tokens/token_a", "", 204, nil},
		"metrics":             {"GET", "/metrics", "", 200, nil},
		"environments":        {"GET", "/api/v1/environments", "", 200, nil},
		"environments fail":   {"GET", "/api/v1/environments", "", 500, errInjected},
		"description":         {"GET", "/api/v1/openapi.yaml", "", 200, nil},
		"healthz":             {"GET", "/healthz", "", 200, nil},
		"readyz":              {"GET", "/readyz", "", 200, nil},
	}
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", openapi3filter.FileBodyDecoder)
	covered := map[string]bool{}
	for name, e := range exchanges {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t, func(c *web.Config) {
				c.Embedding = &embedding{}
				if !strings.Contains(e.path, "/paycor/") { // else Paycor's own response, which is not described
					c.Calls = &calls{}
				}
			})
			h.service.err = e.err
			h.service.steps = []verdicts.Step{{Name: verdicts.StepKey, State: verdicts.StepPassed, Note: message.Text("fine")}}
			router, err := gorillamux.NewRouter(description(t, h))
			require.NoError(t, err)
			route := holds(t, h, router, e)
			covered[route.Method+" "+route.Path] = true
		})
	}
	for _, pattern := range web.Patterns() {
		if !slices.Contains(forBrowsers, pattern) && pattern != "GET /api/v1/events" { // never ends: see TestEvents
			assert.True(t, covered[strings.Replace(pattern, "{path...}", "{path}", 1)], "no exchange tries %s", pattern)
		}
	}
}

// holds checks request and response against the API description.
func holds(t *testing.T, h *testServer, router routers.Router, e exchange) *routers.Route {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), e.method, h.URL+e.path, strings.NewReader(e.body))
	require.NoError(t, err)
	request.Host = "localhost"
	route, values, err := router.FindRoute(request)
	require.NoError(t, err)
	by := bearer
	if slices.ContainsFunc(web.AccessTable(), func(entry web.RouteAccess) bool {
		return entry.Pattern == e.method+" "+route.Path && slices.Equal(entry.Kinds, []paycor.CallerKind{paycor.CallerPerson})
	}) {
		by = cookie // not for programs
	}
	request.Header.Set(by.name, by.value)
	if e.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	asked := &openapi3filter.RequestValidationInput{
		Request: request, Route: route, PathParams: values,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	require.NoError(t, openapi3filter.ValidateRequest(t.Context(), asked))
	var headers []header
	if e.body != "" {
		headers = append(headers, jsonBody)
	}
	got := h.send(e.method, e.path, e.body, append(headers, by)...)
	require.Equal(t, e.status, got.StatusCode, got.body)
	answered := &openapi3filter.ResponseValidationInput{RequestValidationInput: asked, Status: got.StatusCode, Header: got.Header, Options: asked.Options}
	answered.SetBodyBytes([]byte(got.body))
	require.NoError(t, openapi3filter.ValidateResponse(t.Context(), answered), got.body)
	return route
}

func notActivated() error {
	verdict := verdicts.CodeCodeRefused.Verdict()
	return &paycor.Error{Kind: paycor.KindActivation, Message: verdict.Message, Verdict: &verdict}
}

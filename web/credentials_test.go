package web_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

const completeDraft = `{"name":"n","description":"d","environment":"production","grant":"client_credentials","client_id":"c",` +
	`"client_secret":"` + canarySecret + `","subscription_key":"` + canaryKey + `","legal_entity_id":123456,"scope":"s","accept_warnings":true}`

func TestCreateCredential(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("POST", "/api/v1/credentials?verify=false", completeDraft, bearer, jsonBody, header{"Idempotency-Key", "key-1"})
	require.Equal(t, http.StatusCreated, got.StatusCode, got.body)
	assert.Equal(t, "/api/v1/credentials/a", got.Header.Get("Location"))
	assert.Equal(t, h.service.credential("a").ETag(), got.Header.Get("ETag"))
	assert.Equal(t, "application/json", got.Header.Get("Content-Type"))
	assert.Equal(t, "no-store", got.Header.Get("Cache-Control"))
	var saved paycor.Saved
	require.NoError(t, json.Unmarshal([]byte(got.body), &saved))
	assert.Equal(t, "a", saved.ID)
	assert.Len(t, saved.Warnings, 1)

	assert.Equal(t, paycor.Draft{
		Name: "n", Description: "d", Environment: "production", Grant: "client_credentials", ClientID: "c",
		ClientSecret: paycor.NewSecret(canarySecret), SubscriptionKey: paycor.NewSecret(canaryKey), LegalEntityID: "123456", Scope: "s",
	}, h.service.draft)
	assert.Equal(t, paycor.CreateOptions{IdempotencyKey: "key-1", SkipVerify: true, AcceptWarnings: true}, h.service.create)
	assert.Equal(t, "consumer-1", h.service.caller.ID)
	assert.Equal(t, "127.0.0.1", h.service.caller.From)
	assert.Equal(t, got.Header.Get("X-Request-Id"), h.service.caller.RequestID)
}

func TestPatchKeepsAbsentFields(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("PATCH", "/api/v1/credentials/a", `{"description":"","client_secret":"x","legal_entity_id":null}`, bearer, jsonBody, header{"If-Match", `"2"`})
	require.Equal(t, http.StatusOK, got.StatusCode, got.body)
	assert.Equal(t, h.service.credential("a").ETag(), got.Header.Get("ETag"))
	empty, secret := "", paycor.NewSecret("x")
	assert.Equal(t, paycor.Patch{Description: &empty, ClientSecret: &secret}, h.service.patch)
	assert.Equal(t, paycor.UpdateOptions{IfMatch: `"2"`}, h.service.update)
}

func TestPatchByForce(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]paycor.UpdateOptions{
		"?force=true": {Force: true}, "?force=false": {}, "?force=true&verify=false": {Force: true, SkipVerify: true}, "?verify=false": {SkipVerify: true},
	} {
		h := newTestServer(t)
		got := h.send("PATCH", "/api/v1/credentials/a"+query, `{"client_secret":"x"}`, bearer, jsonBody)
		require.Equal(t, http.StatusOK, got.StatusCode, got.body)
		assert.Equal(t, want, h.service.update, query)
	}
}

func TestPatchThatReplacesNothingAnswersWithBothVerdicts(t *testing.T) {
	t.Parallel()
	for kind, status := range map[paycor.Kind]int{paycor.KindNotAccepted: http.StatusUnprocessableEntity, paycor.KindNotTested: http.StatusServiceUnavailable} {
		h := newTestServer(t)
		h.service.err = notReplaced(kind)
		got := h.send("PATCH", "/api/v1/credentials/a", `{"client_secret":"x"}`, bearer, jsonBody)
		require.Equal(t, status, got.StatusCode, got.body)
		var body struct {
			Code         paycor.Kind      `json:"code"`
			Verdict      verdicts.Verdict `json:"verdict"`
			SavedVerdict verdicts.Verdict `json:"saved_verdict"`
		}
		require.NoError(t, json.Unmarshal([]byte(got.body), &body))
		assert.Equal(t, kind, body.Code)
		assert.Equal(t, verdicts.CodeSecretRejected, body.Verdict.Code)
		assert.Equal(t, verdicts.CodeVerified, body.SavedVerdict.Code)
		if kind == paycor.KindNotTested {
			assert.Equal(t, "7", got.Header.Get("Retry-After"))
		}
	}
}

func TestMergePatchRejectsNull(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("PATCH", "/api/v1/credentials/a", `{"description":null}`, bearer, header{"Content-Type", "application/merge-patch+json"})
	assert.Equal(t, http.StatusUnprocessableEntity, got.StatusCode)
	assert.Contains(t, got.body, `"field":"description"`)
	assert.Empty(t, h.service.recordedCalls())
}

func TestListCredentials(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("GET", "/api/v1/credentials?q=pay%20roll&ids=a,b&cursor=c&limit=200", "", bearer)
	require.Equal(t, http.StatusOK, got.StatusCode, got.body)
	assert.Equal(t, paycor.Query{Search: "pay roll", IDs: []string{"a", "b"}, Cursor: "c", Limit: 200}, h.service.query)
	assert.Contains(t, got.body, `"next_cursor":"next","total":2`)
}

func TestGetCredential(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("GET", "/api/v1/credentials/a", "", bearer)
	require.Equal(t, http.StatusOK, got.StatusCode)
	assert.Equal(t, h.service.credential("a").ETag(), got.Header.Get("ETag"))
	assert.Contains(t, got.body, `"fields":[]`, "an empty list is not null")
	etag := got.Header.Get("ETag")
	for name, match := range map[string]string{"same": etag, "weak": "W/" + etag, "list": `"1", ` + etag, "any": "*"} {
		t.Run(name, func(t *testing.T) {
			got := h.send("GET", "/api/v1/credentials/a", "", bearer, header{"If-None-Match", match})
			assert.Equal(t, http.StatusNotModified, got.StatusCode)
			assert.Empty(t, got.body)
		})
	}
	assert.Equal(t, http.StatusOK, h.send("GET", "/api/v1/credentials/a", "", bearer, header{"If-None-Match", `"2"`}).StatusCode)
	assert.Equal(t, http.StatusNotFound, h.send("GET", "/api/v1/credentials/b", "", bearer).StatusCode)
}

func TestDeleteCredential(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("DELETE", "/api/v1/credentials/a", "", bearer, header{"If-Match", `"3"`})
	assert.Equal(t, http.StatusNoContent, got.StatusCode)
	assert.Equal(t, `"3"`, h.service.ifMatch)
	h.send("DELETE", "/api/v1/credentials/a", "", bearer, header{"If-Match", "*"})
	assert.Empty(t, h.service.ifMatch)
}

func TestHead(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	for _, path := range []string{"/api/v1/credentials", "/api/v1/credentials/a", "/api/v1/environments", "/api/v1/events", "/api/v1/openapi.yaml", "/healthz", "/readyz", "/", "/robots.txt"} {
		got := h.send("HEAD", path, "", cookie)
		assert.Equal(t, http.StatusOK, got.StatusCode, path)
		assert.Empty(t, got.body, path)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	steps := []verdicts.Step{{Name: verdicts.StepKey, State: verdicts.StepRunning}, {Name: verdicts.StepKey, State: verdicts.StepPassed}}
	lines := header{"Accept", "application/x-ndjson, application/json"}
	tests := map[string]struct {
		path, body string
		headers    []header
		err        error
		steps      []verdicts.Step
		status     int
		want       []string
	}{
		"saved":         {path: "/api/v1/credentials/a/verify", steps: steps, status: 200, want: []string{`{"outcome":"verified"`}},
		"saved with {}": {path: "/api/v1/credentials/a/verify", body: "{}", status: 200, want: []string{`{"outcome":"verified"`}},
		"draft":         {path: "/api/v1/verify", body: `{"id":"a","client_secret":"x"}`, status: 200, want: []string{`{"outcome":"verified"`}},
		"draft in lines": {path: "/api/v1/verify", body: `{"id":"a"}`, headers: []header{lines}, steps: steps, status: 200,
			want: []string{`{"step":{"name":"key","state":"running"}}`, `{"step":{"name":"key","state":"passed"}}`, `{"verdict":{"outcome":"verified"`}},
		"error before the first line": {path: "/api/v1/credentials/a/verify", headers: []header{lines}, err: paycor.Errorf(paycor.KindBusy, "Later."), status: 429, want: []string{`{"type":"/docs/problems#busy"`}},
		"error after it": {path: "/api/v1/credentials/a/verify", headers: []header{lines}, steps: steps[:1], err: errInjected, status: 200,
			want: []string{`{"step":`, `{"problem":{"type":"/docs/problems#internal","title":"Internal Server Error","status":500`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t)
			h.service.steps, h.service.err = test.steps, test.err
			got := h.send("POST", test.path, test.body, append(test.headers, bearer, jsonBody)...)
			require.Equal(t, test.status, got.StatusCode, got.body)
			parts := strings.Split(strings.TrimSuffix(got.body, "\n"), "\n")
			require.Len(t, parts, len(test.want))
			for i := range parts {
				assert.True(t, strings.HasPrefix(parts[i], test.want[i]), parts[i])
			}
			assert.NotContains(t, got.body, "fire")
		})
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	statuses := map[paycor.Kind]int{
		paycor.KindInvalid: 422, paycor.KindMalformed: 400, paycor.KindUnauthorized: 401, paycor.KindForbidden: 403,
		paycor.KindNotFound: 404, paycor.KindConflict: 409, paycor.KindStale: 412, paycor.KindTooLarge: 413,
		paycor.KindMediaType: 415, paycor.KindKeyReused: 422, paycor.KindBusy: 429, paycor.KindUnavailable: 503, "never heard of": 500,
	}
	for kind, status := range statuses {
		t.Run(string(kind), func(t *testing.T) {
			h := newTestServer(t)
			h.service.err = &paycor.Error{Kind: kind, Message: message.Text("Told."), Err: errors.New("hidden cause"),
				Problems: []fields.Problem{{Field: "name", Code: "required", Message: message.Text("Enter it.")}}}
			got := h.send("GET", "/api/v1/environments", "", bearer)
			assert.Equal(t, status, got.StatusCode)
			assert.Equal(t, "application/problem+json", got.Header.Get("Content-Type"))
			assert.NotContains(t, got.body, "hidden cause")
			assert.Contains(t, h.log.String(), "hidden cause", "the log has the cause")
			assert.Contains(t, got.body, got.Header.Get("X-Request-Id"))
			if status == 500 {
				assert.Contains(t, got.body, `"code":"internal"`)
				return
			}
			assert.Contains(t, got.body, `"detail":"Told."`)
			assert.Contains(t, got.body, `"errors":[{"field":"name"`)
			assert.Contains(t, got.body, `"code":"`+string(kind)+`"`)
		})
	}
}

func TestPanicIsRecovered(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.service.panics = "it held " + canarySecret
	got := h.send("GET", "/api/v1/environments", "", bearer)
	assert.Equal(t, http.StatusInternalServerError, got.StatusCode)
	assert.Contains(t, got.body, `"code":"internal"`)
	assert.NotContains(t, got.body+h.log.String(), canarySecret)
	assert.Contains(t, h.log.String(), "handler panicked")
	assert.Equal(t, http.StatusOK, h.send("GET", "/healthz", "").StatusCode)
}

func TestPanicAfterPartialResponseClosesConnection(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	h.service.steps = []verdicts.Step{{Name: verdicts.StepKey, State: verdicts.StepRunning}}
	h.service.panics = canarySecret
	request, err := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/api/v1/credentials/a/verify", nil)
	require.NoError(t, err)
	request.Host = "localhost"
	request.Header.Set("Authorization", bearer.value)
	request.Header.Set("Accept", "application/x-ndjson")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	_, err = io.ReadAll(response.Body)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF, "a partial response must not look complete")
	assert.NotContains(t, h.log.String(), canarySecret)
}

// Programs that omit /paycor in the address of a call get a hint.
func TestNotFoundNamesTheAddressOfCalls(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	for address, hint := range map[string]bool{
		"/api/v1/credentials/a/v1/legalentities/501123": true,
		"/api/v1/credentials/a/":                        true,
		"/api/v1/credentials/":                          false,
		"/api/v1/nothing":                               false,
	} {
		got := h.send("GET", address, "", bearer)
		assert.Equal(t, 404, got.StatusCode, address)
		assert.Equal(t, hint, strings.Contains(got.body, "Calls to Paycor go to /api/v1/credentials/{id}/paycor/"), "%s: %s", address, got.body)
	}
}

func TestNoRoute(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	tests := map[string]struct {
		method, path string
		status       int
		allow        string
	}{
		"unknown":            {"GET", "/api/v1/nothing", 404, ""},
		"api root":           {"GET", "/api/v1/", 404, ""},
		"trailing slash":     {"GET", "/api/v1/credentials/", 404, ""},
		"double slash":       {"GET", "//api/v1/credentials", 404, ""},
		"dots":               {"GET", "/api/v1/x/../credentials", 404, ""},
		"encoded dots":       {"GET", "/assets/%2e%2e/%2e%2e/go.mod", 404, ""},
		"wrong method":       {"PUT", "/api/v1/credentials", 405, "GET, HEAD, POST"},
		"made-up method":     {"STEAL", "/api/v1/credentials/a", 405, "DELETE, GET, HEAD, PATCH"},
		"trace":              {"TRACE", "/", 405, "GET, HEAD"},
		"overridden method":  {"PUT", "/api/v1/credentials/a", 405, "DELETE, GET, HEAD, PATCH"},
		"get of sign-out":    {"GET", "/sign-out", 405, "POST"},
		"directory of files": {"GET", "/assets/", 404, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := h.send(test.method, test.path, "", bearer, header{"X-HTTP-Method-Override", "DELETE"})
			assert.Equal(t, test.status, got.StatusCode, got.body)
			assert.Equal(t, test.allow, got.Header.Get("Allow"))
			if !strings.HasPrefix(test.path, "/assets") {
				assert.Equal(t, "application/problem+json", got.Header.Get("Content-Type"))
			}
		})
	}
	assert.Empty(t, h.service.recordedCalls())
}

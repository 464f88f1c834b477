package web_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/web"
)

// decodedProblem is a decoded problem.
type decodedProblem struct {
	Status int
	Code   string
	Detail string
	Errors []fields.Problem
}

func problemIn(t *testing.T, got response) decodedProblem {
	t.Helper()
	require.Equal(t, "application/problem+json", got.Header.Get("Content-Type"), got.body)
	var p decodedProblem
	require.NoError(t, json.Unmarshal([]byte(got.body), &p))
	assert.Equal(t, got.StatusCode, p.Status)
	assert.NotEmpty(t, p.Detail)
	return p
}

// assertNoCanary fails if a text contains a canary, plain or encoded.
func assertNoCanary(t *testing.T, text string) {
	t.Helper()
	for _, canary := range []string{canarySecret, canaryKey} {
		quoted, _ := json.Marshal(canary)
		for _, spelling := range []string{
			canary, url.QueryEscape(canary), url.PathEscape(canary), strings.Trim(string(quoted), `"`),
			base64.StdEncoding.EncodeToString([]byte(canary)), hex.EncodeToString([]byte(canary)),
		} {
			require.NotContains(t, text, spelling)
		}
	}
}

func TestInvalidBodies(t *testing.T) {
	t.Parallel()
	secret := `"client_secret":"` + canarySecret + `"`
	tests := map[string]struct {
		body   string
		status int
		field  string
		code   fields.ProblemCode
	}{
		"empty":                    {"", 415, "", ""},
		"blank":                    {" ", 400, "", ""},
		"no object":                {`"` + canarySecret + `"`, 400, "", ""},
		"array":                    {`[{` + secret + `}]`, 400, "", ""},
		"null":                     {`null`, 400, "", ""},
		"cut off":                  {`{` + secret, 400, "", ""},
		"cut off in the secret":    {`{"client_secret":"` + canarySecret, 400, "", ""},
		"no quotes":                {`{"client_secret":` + canarySecret + `}`, 400, "", ""},
		"single quotes":            {`{'client_secret':'` + canarySecret + `'}`, 400, "", ""},
		"comma at the end":         {`{` + secret + `,}`, 400, "", ""},
		"comment":                  {`{` + secret + `/* */}`, 400, "", ""},
		"garbage behind":           {`{` + secret + `} ` + canarySecret, 400, "", ""},
		"second object behind":     {`{` + secret + `}{}`, 400, "", ""},
		"invalid UTF-8":            {"{\"client_secret\":\"" + canarySecret + "\xff\"}", 400, "", ""},
		"UTF-16":                   {"\xff\xfe{\x00}\x00", 400, "", ""},
		"byte order mark":          {"\ufeff{" + secret + "}", 400, "", ""},
		"raw control character":    {"{\"client_secret\":\"" + canarySecret + "\x00\"}", 400, "", ""},
		"lone surrogate":           {`{"client_secret":"` + canarySecret + `\ud800"}`, 422, "client_secret", fields.ProblemNotText},
		"second half alone":        {`{"client_secret":"` + canarySecret + `\udc00\ud800"}`, 422, "client_secret", fields.ProblemNotText},
		"unknown field":            {`{` + secret + `,"id":"a"}`, 422, "id", fields.ProblemUnknownField},
		"field in another case":    {`{"Client_Secret":"` + canarySecret + `"}`, 422, "Client_Secret", fields.ProblemUnknownField},
		"secret as a name":         {`{"` + canarySecret + `":1,"` + canaryKey + `":2}`, 422, "", fields.ProblemUnknownField},
		"empty name":               {`{"":"` + canarySecret + `"}`, 422, "", fields.ProblemUnknownField},
		"twice":                    {`{` + secret + `,"client_secret":"x"}`, 422, "client_secret", fields.ProblemDuplicate},
		"twice, once escaped":      {`{` + secret + `,"client\u005fsecret":"x"}`, 422, "client_secret", fields.ProblemDuplicate},
		"number for a string":      {`{"client_secret":42}`, 422, "client_secret", fields.ProblemWrongType},
		"list for a string":        {`{"client_secret":["` + canarySecret + `"]}`, 422, "client_secret", fields.ProblemWrongType},
		"object for a string":      {`{"client_secret":{"value":"` + canarySecret + `"}}`, 422, "client_secret", fields.ProblemWrongType},
		"string for a number":      {`{"legal_entity_id":"` + canarySecret + `"}`, 422, "legal_entity_id", fields.ProblemWrongType},
		"true for a number":        {`{"legal_entity_id":true}`, 422, "legal_entity_id", fields.ProblemWrongType},
		"string for a truth":       {`{"accept_warnings":"` + canaryKey + `"}`, 422, "accept_warnings", fields.ProblemWrongType},
		"a million characters":     {`{"client_secret":"` + strings.Repeat(canarySecret, 25000) + `"}`, 413, "", ""},
		"one byte too many":        {`{` + secret + `}` + strings.Repeat(" ", web.MaxBody), 413, "", ""},
		"deep":                     {`{"name":` + strings.Repeat("[", 30000) + strings.Repeat("]", 30000) + `}`, 400, "", ""},
		"deep objects":             {`{"name":` + strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000) + `}`, 422, "name", fields.ProblemWrongType},
		"many unknown fields":      {`{` + strings.Repeat(`"x":1,`, 9000) + secret + `}`, 422, "x", fields.ProblemUnknownField},
		"number out of all bounds": {`{"client_id":1e999999}`, 422, "client_id", fields.ProblemWrongType},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t)
			for _, to := range [][2]string{{"POST", "/api/v1/credentials"}, {"PATCH", "/api/v1/credentials/a"}, {"POST", "/api/v1/verify"}} {
				if to[1] == "/api/v1/verify" && test.field == "id" {
					continue // has that field
				}
				headers := []header{cookie, jsonBody}
				if test.body == "" {
					headers = headers[:1]
				}
				got := h.send(to[0], to[1], test.body, headers...)
				p := problemIn(t, got)
				assert.Equal(t, test.status, p.Status, got.body)
				if test.code == "" {
					assert.Empty(t, p.Errors)
				} else if assert.NotEmpty(t, p.Errors) {
					assert.LessOrEqual(t, len(p.Errors), 20)
					assert.Equal(t, fields.Field(test.field), p.Errors[0].Field)
					assert.Equal(t, test.code, p.Errors[0].Code)
				}
				assertNoCanary(t, got.body)
			}
			assert.Empty(t, h.service.recordedCalls(), "no use case runs")
			assertNoCanary(t, h.log.String())
			if test.status == 413 {
				assert.Equal(t, []string{"too_large", "too_large", "too_large"}, h.access.denials(), "oversized bodies are audited")
			}
		})
	}
}

func TestInvalidHeadersAndQueries(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, path, body string
		headers            []header
		status             int
		field              string
	}{
		"no content type":              {"POST", "/api/v1/credentials", "{}", nil, 415, ""},
		"form":                         {"POST", "/api/v1/credentials", "a=b", []header{{"Content-Type", "application/x-www-form-urlencoded"}}, 415, ""},
		"plain text":                   {"POST", "/api/v1/credentials", "{}", []header{{"Content-Type", "text/plain"}}, 415, ""},
		"two content types":            {"POST", "/api/v1/credentials", "{}", []header{jsonBody, jsonBody}, 415, ""},
		"latin-1":                      {"POST", "/api/v1/credentials", "{}", []header{{"Content-Type", "application/json; charset=iso-8859-1"}}, 415, ""},
		"compressed":                   {"POST", "/api/v1/credentials", "{}", []header{jsonBody, {"Content-Encoding", "gzip"}}, 415, ""},
		"merge patch in a POST":        {"POST", "/api/v1/credentials", "{}", []header{{"Content-Type", "application/merge-patch+json"}}, 415, ""},
		"empty idempotency key":        {"POST", "/api/v1/credentials", "{}", []header{jsonBody, {"Idempotency-Key", ""}}, 400, ""},
		"blank in it":                  {"POST", "/api/v1/credentials", "{}", []header{jsonBody, {"Idempotency-Key", "a b"}}, 400, ""},
		"too long":                     {"POST", "/api/v1/credentials", "{}", []header{jsonBody, {"Idempotency-Key", strings.Repeat("k", 256)}}, 400, ""},
		"not ASCII":                    {"POST", "/api/v1/credentials", "{}", []header{jsonBody, {"Idempotency-Key", "schlüssel"}}, 400, ""},
		"two of them":                  {"POST", "/api/v1/credentials", "{}", []header{jsonBody, {"Idempotency-Key", "a"}, {"Idempotency-Key", "b"}}, 400, ""},
		"If-Match without quotes":      {"PATCH", "/api/v1/credentials/a", "{}", []header{jsonBody, {"If-Match", canaryKey}}, 400, ""},
		"If-Match empty":               {"DELETE", "/api/v1/credentials/a", "", []header{{"If-Match", ""}}, 400, ""},
		"many ids":                     {"GET", "/api/v1/credentials?ids=" + strings.Repeat("a,", 100) + "a", "", nil, 400, "ids"},
		"an empty id":                  {"GET", "/api/v1/credentials?ids=a,,b", "", nil, 400, "ids"},
		"limit 0":                      {"GET", "/api/v1/credentials?limit=0", "", nil, 400, "limit"},
		"limit 201":                    {"GET", "/api/v1/credentials?limit=201", "", nil, 400, "limit"},
		"limit no number":              {"GET", "/api/v1/credentials?limit=" + canaryKey, "", nil, 400, "limit"},
		"limit twice":                  {"GET", "/api/v1/credentials?limit=1&limit=2", "", nil, 400, "limit"},
		"unknown parameter":            {"GET", "/api/v1/credentials?page=2", "", nil, 400, "page"},
		"secret as a parameter":        {"GET", "/api/v1/credentials?" + canaryKey + "=1", "", nil, 400, ""},
		"broken escape":                {"GET", "/api/v1/credentials?q=%zz" + canaryKey, "", nil, 400, ""},
		"not UTF-8":                    {"GET", "/api/v1/credentials?q=%ff", "", nil, 400, "q"},
		"long search":                  {"GET", "/api/v1/credentials?q=" + strings.Repeat("q", 401), "", nil, 400, "q"},
		"long cursor":                  {"GET", "/api/v1/credentials?cursor=" + strings.Repeat("q", 1001), "", nil, 400, "cursor"},
		"verify neither":               {"POST", "/api/v1/credentials?verify=" + canaryKey, "{}", []header{jsonBody}, 400, "verify"},
		"force neither":                {"PATCH", "/api/v1/credentials/a?force=" + canaryKey, "{}", []header{jsonBody}, 400, "force"},
		"force on a create":            {"POST", "/api/v1/credentials?force=true", "{}", []header{jsonBody}, 400, "force"},
		"verify on a route without it": {"POST", "/api/v1/verify?verify=false", "{}", []header{jsonBody}, 400, "verify"},
		"field for a saved verify":     {"POST", "/api/v1/credentials/a/verify", `{"client_secret":"` + canarySecret + `"}`, []header{jsonBody}, 422, "client_secret"},
		"parameter of environments":    {"GET", "/api/v1/environments?x=1", "", nil, 400, ""},
		"parameter of history":         {"GET", "/api/v1/credentials/a/history?x=1", "", nil, 400, ""},
		"parameter of events":          {"GET", "/api/v1/events?x=1", "", nil, 400, ""},
		"parameter of a delete":        {"DELETE", "/api/v1/credentials/a?force=1", "", nil, 400, "force"},
		"id not UTF-8":                 {"GET", "/api/v1/credentials/%ff", "", nil, 404, ""},
		"long id":                      {"GET", "/api/v1/credentials/" + strings.Repeat("i", 129), "", nil, 404, ""},
		"too many headers":             {"GET", "/api/v1/credentials", "", []header{{"X-Big", strings.Repeat("x", 40000)}}, 431, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newTestServer(t)
			got := h.send(test.method, test.path, test.body, append(test.headers, bearer)...)
			assert.Equal(t, test.status, got.StatusCode, got.body)
			assertNoCanary(t, got.body+h.log.String())
			assert.Empty(t, h.service.recordedCalls())
			if test.field != "" {
				p := problemIn(t, got)
				require.Len(t, p.Errors, 1)
				assert.Equal(t, fields.Field(test.field), p.Errors[0].Field)
			}
		})
	}
}

func TestChunkedBodyIsLimited(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	body := io.MultiReader(strings.NewReader(`{"name":"`), bytes.NewReader(bytes.Repeat([]byte("x"), web.MaxBody)))
	request, err := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/api/v1/credentials", body)
	require.NoError(t, err)
	request.Host = "localhost"
	request.Header.Set("Authorization", bearer.value)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	assert.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
	assert.Empty(t, h.service.recordedCalls())
}

func TestTruncatedBody(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	connection, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	require.NoError(t, err)
	defer connection.Close()
	require.NoError(t, connection.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = io.WriteString(connection, "POST /api/v1/credentials HTTP/1.1\r\nHost: localhost\r\nAuthorization: "+bearer.value+
		"\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"client_secret\":\""+canarySecret)
	require.NoError(t, err)
	require.NoError(t, connection.(*net.TCPConn).CloseWrite())
	reply, _ := io.ReadAll(connection)
	assert.NotContains(t, string(reply), "201")
	assertNoCanary(t, string(reply)+h.log.String())
	assert.Empty(t, h.service.recordedCalls())
}

func TestNULIsAccepted(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	got := h.send("POST", "/api/v1/verify", `{"client_secret":"a\u0000b\ud83d\ude00\\ud800"}`, bearer, jsonBody)
	require.Equal(t, http.StatusOK, got.StatusCode, got.body)
	assert.Equal(t, "a\x00b😀\\ud800", h.service.request.ClientSecret.Reveal(), "paycor.Check validates it later")
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{completeDraft, `{}`, `{"name":"a","name":"b"}`, `{"legal_entity_id":1.5}`, `{"name":null}`, `{"x":[{}]}`, `{"name":"\ud83d\ude00"}`, `{"name":"\ud83d"}`, "{\"name\":\"\xff\"}", `{} {}`} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, strict bool) {
		draft, accept, err := web.DecodeDraft(data, strict)
		if err != nil {
			kind := paycor.KindOf(err)
			require.True(t, kind == paycor.KindMalformed || kind == paycor.KindInvalid, "the caller can fix every error")
			return
		}
		// A body that is accepted means the same to encoding/json, which is
		// less strict.
		var loose struct {
			paycor.Draft
			AcceptWarnings bool `json:"accept_warnings"`
		}
		require.NoError(t, json.Unmarshal(data, &loose))
		assert.Equal(t, loose.Draft, draft)
		assert.Equal(t, loose.AcceptWarnings, accept)
	})
}

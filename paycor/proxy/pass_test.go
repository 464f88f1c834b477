package proxy_test

import (
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

func TestBothHeadersGoAlong(t *testing.T) {
	upstream := listen(t, func(int, seen) string { return ok })
	s := open(t, upstream.URL())
	response, body := s.send("GET", root+"/v1/legalentities/501123", "", "Accept: application/json", "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "X-Custom: kept", "User-Agent: pipeline/1")
	assert.Equal(t, 200, response.StatusCode)
	assert.Equal(t, "ok", body)
	got := upstream.requests()
	require.Len(t, got, 1)
	assert.True(t, strings.HasPrefix(got[0].head, "GET /v1/legalentities/501123 HTTP/1.1\r\nHost: "+upstream.Addr().String()+"\r\n"), got[0].head)
	for _, line := range []string{
		"Authorization: Bearer " + oldToken, "Ocp-Apim-Subscription-Key: " + theKey, "Accept: application/json",
		"Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "X-Custom: kept", "User-Agent: pipeline/1",
	} {
		assert.Equal(t, 1, strings.Count(got[0].head, "\r\n"+line+"\r\n"), line)
	}
	use := s.last(1)
	assert.Equal(t, usage.Call{
		Caller: use.Caller, Credential: "cred_1", Environment: "test", At: use.At, Method: "GET", Status: 200,
		RequestID: response.Header.Get("X-Request-Id"), Took: use.Took, Upstream: use.Upstream, Tries: 1,
	}, use)
	assert.Equal(t, "token", use.Caller.ID)
	assert.Positive(t, use.Upstream)
	assert.GreaterOrEqual(t, use.Took, use.Upstream)
}

func TestWhatStaysHere(t *testing.T) {
	for _, header := range []string{
		"Cookie: a=canary", "Cookie2: canary", "Forwarded: for=canary", "Via: canary", "X-Forwarded-For: canary", "X-Forwarded-Host: canary",
		"X-Forwarded-Proto: canary", "X-Forwarded: canary", "X-Real-Ip: canary", "True-Client-Ip: canary", "X-Client-Ip: canary", "Keep-Alive: canary",
		"Proxy-Authorization: canary", "Proxy-Connection: canary", "Te: canary", "Http2-Settings: canary",
		"Ocp-Apim-Subscription-Key: canary", "ocp-apim-subscription-key: canary", "OCP-APIM-SUBSCRIPTION-KEY: canary",
		"Ocp_Apim_Subscription_Key: canary", "Subscription-Key: canary", "subscription_key: canary", "X-Subscription-Key: canary",
		"X_Forwarded_For: canary", "X-Http-Method-Override: canary", "X-Method-Override: canary", "X-Original-Url: canary", "X-Rewrite-Url: canary",
		"Ocp-Apim-Trace: canary", "X_Http_Method_Override: canary",
	} {
		t.Run(header, func(t *testing.T) {
			upstream := listen(t, func(int, seen) string { return ok })
			s := open(t, upstream.URL())
			response, _ := s.send("GET", root+"/v1/a", "", header, "X-Kept: yes")
			require.Equal(t, 200, response.StatusCode)
			got := upstream.requests()
			require.Len(t, got, 1)
			assert.NotContains(t, got[0].head, "canary")
			assert.NotContains(t, got[0].head, opens)
			assert.Contains(t, got[0].head, "X-Kept: yes")
			assert.Equal(t, 1, strings.Count(got[0].head, "Bearer"))
			assert.Equal(t, 1, strings.Count(strings.ToLower(got[0].head), "subscription-key"))
		})
	}
}

// What Connection names is of the caller's connection, whatever it is called.
func TestWhatConnectionNamesStaysHere(t *testing.T) {
	upstream := listen(t, func(int, seen) string { return ok })
	s := open(t, upstream.URL())
	got := s.raw("GET "+root+"/v1/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "+opens+
		"\r\nX-Hop: canary\r\nConnection: close, x-hop\r\nX-Other: canary\r\nConnection: X-Other\r\nX-Kept: yes\r\n\r\n", patience)
	require.Contains(t, got, "HTTP/1.1 200 OK")
	head := upstream.requests()[0].head
	assert.NotContains(t, head, "canary")
	assert.NotContains(t, head, "Connection")
	assert.Contains(t, head, "X-Kept: yes")
}

func TestPathAndQueryPassByteForByte(t *testing.T) {
	for _, target := range []string{
		"/", "/v1/legalentities/501123/payGroups", "/V1/LegalEntities/ActivatedLegalEntityTenantList", "/v1/a%2Fb", "/v1/a%2fb", "/v1/a%20b", "/v1/%E2%82%AC",
		"/v1/a+b", "/v1/a/", "/v1/a//b", "/v1/a.b", "/v1/...", "/v1/.a", "/v1/a..b", "/v1/100%25", "/v1/a;b=c", "/v1/a:b@c", "/v1/~a!$&'()*,", "/v1/a|b",
		"/v1/a?", "/v1/a?b", "/v1/a?b=c&b=d&B=%2F%2f+x", "/v1/a??b=?", "/v1/a?b=/../c", "/v1/a?b=%zz", "/v1/a?continuationToken=eyJ0Ijo%3D%3D",
		"/v1/a?from=2031-01-01T00:00:00Z;to=x", "/v1/a?subscription=1&key=2", "/v1/a?b=subscription-key", "?a=b",
	} {
		t.Run(target, func(t *testing.T) {
			upstream := listen(t, func(int, seen) string { return ok })
			s := open(t, upstream.URL())
			got := s.raw("GET "+root+target+" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "+opens+"\r\nConnection: close\r\n\r\n", patience)
			if target[0] != '/' {
				assert.Contains(t, got, "Paycorcred-Error: call_path")
				return
			}
			require.Contains(t, got, "HTTP/1.1 200 OK")
			line, _, _ := strings.Cut(upstream.requests()[0].head, "\r\n")
			assert.Equal(t, "GET "+target+" HTTP/1.1", line)
		})
	}
}

func TestAddressesThatLeadElsewhere(t *testing.T) {
	tests := map[string]struct{ target, code string }{
		"no path":                   {"", "call_path"},
		"dots":                      {"/..", "call_path"},
		"dots inside":               {"/v1/../../x", "call_path"},
		"one dot":                   {"/v1/./x", "call_path"},
		"encoded dots":              {"/v1/%2e%2e/x", "call_path"},
		"half encoded dots":         {"/v1/.%2E/x", "call_path"},
		"twice encoded dots":        {"/v1/%252e%252e/x", "call_path"},
		"dots behind encoded slash": {"/v1/a%2f..%2fb", "call_path"},
		"dots with a parameter":     {"/v1/..;a=b/x", "call_path"},
		"dots with backslash":       {`/v1/..\x`, "call_path"},
		"dots with encoded one":     {"/v1/a%5c..%5cb", "call_path"},
		"two slashes":               {"//evil.example/v1", "call_path"},
		"slash and encoded slash":   {"/%2fevil.example/v1", "call_path"},
		"slash and backslash":       {`/\evil.example`, "call_path"},
		"slash, encoded backslash":  {"/%5cevil.example", "call_path"},
		"encoded line end":          {"/v1/a%0d%0aX:%20y", "call_path"},
		"encoded zero":              {"/v1/a%00", "call_path"},
		"fragment":                  {"/v1/a#b", "call_path"},
		"dots before a fragment":    {"/v1/%2e%2e#", "call_path"},
		"key":                       {"/v1/a?subscription-key=canary", "call_query"},
		"key in capitals":           {"/v1/a?Subscription-Key=canary", "call_query"},
		"key second":                {"/v1/a?b=c&SUBSCRIPTION-KEY=canary", "call_query"},
		"key encoded":               {"/v1/a?%73ubscription-key=canary", "call_query"},
		"key dash encoded":          {"/v1/a?subscription%2Dkey=canary", "call_query"},
		"key all encoded":           {"/v1/a?%73%75%62%73%63%72%69%70%74%69%6f%6e%2d%6b%65%79=canary", "call_query"},
		"key twice encoded":         {"/v1/a?subscription%252Dkey=canary", "call_query"},
		"key without value":         {"/v1/a?subscription-key", "call_query"},
		"key behind semicolon":      {"/v1/a?b;subscription-key=canary", "call_query"},
		"key with blanks":           {"/v1/a?+subscription-key%20=canary", "call_query"},
		"key with zero":             {"/v1/a?subscription-key%00=canary", "call_query"},
		"key of the header's name":  {"/v1/a?Ocp-Apim-Subscription-Key=canary", "call_query"},
		"key with underscore":       {"/v1/a?subscription_key=canary", "call_query"},
		"key behind question mark":  {"/v1/a??subscription-key=canary", "call_query"},
		"bytes beyond ASCII":        {"/v1/a?b=\xe2\x82\xac", "call_query"},
		"path beyond ASCII":         {"/v1/\xe2\x82\xac", "call_path"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			upstream := listen(t, func(int, seen) string { return ok })
			s := open(t, upstream.URL())
			got := s.raw("GET "+root+test.target+" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "+opens+"\r\nConnection: close\r\n\r\n", patience)
			assert.Contains(t, got, "HTTP/1.1 400 Bad Request\r\n")
			assert.Contains(t, got, "\r\nPaycorcred-Error: "+test.code+"\r\n")
			assert.Contains(t, got, "application/problem+json")
			assert.NotContains(t, got, "canary")
			assert.NotContains(t, s.log.String(), "canary")
			assert.Empty(t, upstream.requests())
			assert.Equal(t, verdicts.Code(test.code), s.last(1).Code)
		})
	}
}

func TestAnswersComeBackAsTheyAre(t *testing.T) {
	tests := map[string]struct {
		answer string
		status int
		header map[string]string // an empty value means that it must not be there
		body   string
	}{
		"whole":            {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: application/json\r\nX-Own: 1\r\nDate: then\r\nEtag: \"a\"\r\n\r\n[1]", 200, map[string]string{"Content-Type": "application/json", "X-Own": "1", "Date": "then", "Etag": `"a"`, "Content-Length": "3"}, "[1]"},
		"chunked":          {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n2\r\n1]\r\n0\r\n\r\n", 200, nil, "[1]"},
		"no type":          {"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", 200, map[string]string{"Content-Type": ""}, "<html>"},
		"by way of others": {"HTTP/1.1 200 OK\r\nVia: 1.1 azure\r\nContent-Length: 0\r\n\r\n", 200, map[string]string{"Via": "1.1 azure"}, ""},
		"no content":       {"HTTP/1.1 204 No Content\r\n\r\n", 204, nil, ""},
		"not modified":     {"HTTP/1.1 304 Not Modified\r\nEtag: \"a\"\r\n\r\n", 304, map[string]string{"Etag": `"a"`}, ""},
		"failure":          {"HTTP/1.1 404 Not Found\r\nContent-Length: 51\r\n\r\n{\"correlationId\":\"11111111-2222-3333\",\"title\":\"No\"}", 404, nil, `{"correlationId":"11111111-2222-3333","title":"No"}`},
		"strange status":   {"HTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n", 299, nil, ""},
		"interim first":    {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok, 200, map[string]string{"Link": ""}, "ok"},
		"our header":       {"HTTP/1.1 400 Bad Request\r\nPaycorcred-Error: call_path\r\npaycorcred-error: call_path\r\nContent-Length: 0\r\n\r\n", 400, map[string]string{"Paycorcred-Error": ""}, ""},
		"cookies":          {"HTTP/1.1 200 OK\r\nSet-Cookie: paycorcred=planted\r\nContent-Length: 0\r\n\r\n", 200, map[string]string{"Set-Cookie": ""}, ""},
		"of the host":      {"HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\nAlt-Svc: h3\r\nClear-Site-Data: *\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n", 200, map[string]string{"Strict-Transport-Security": "", "Alt-Svc": "", "Clear-Site-Data": "", "Access-Control-Allow-Origin": ""}, ""},
		"hop by hop":       {"HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nContent-Length: 0\r\n\r\n", 200, map[string]string{"X-Hop": "", "Keep-Alive": ""}, ""},
		"wait":             {"HTTP/1.1 403 Forbidden\r\nRetry-After: 5025\r\nContent-Length: 0\r\n\r\n", 403, map[string]string{"Retry-After": "5025"}, ""},
		"www-authenticate": {"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: AzureApiManagementKey realm=\"x\"\r\nContent-Length: 2\r\n\r\n{}", 401, map[string]string{"Www-Authenticate": `AzureApiManagementKey realm="x"`}, "{}"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			upstream := listen(t, func(int, seen) string { return test.answer })
			s := open(t, upstream.URL())
			response, body := s.send("GET", root+"/v1/a", "")
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.body, body)
			for header, value := range test.header {
				assert.Equal(t, value, response.Header.Get(header), header)
			}
			assert.Empty(t, response.Header.Get("Content-Security-Policy"))
			assert.Empty(t, response.Header.Get(proxy.ErrorHeader))
			via := response.Header["Via"]
			assert.Equal(t, "1.1 paycorcred", via[len(via)-1])
			assert.Equal(t, `"paycor";q=1000000;w=60`, response.Header.Get("RateLimit-Policy"))
			assert.Regexp(t, `^"paycor";r=\d+;t=\d+$`, response.Header.Get("RateLimit"))
			if name == "failure" {
				assert.Equal(t, "11111111-2222-3333", s.last(1).CorrelationID)
			}
		})
	}
}

func TestLocationLeadsThroughHere(t *testing.T) {
	tests := map[string]struct{ base, location, want string }{
		"whole":                 {"", "http://HOST/v1/b?c=%2F", root + "/v1/b?c=%2F"},
		"host alone":            {"", "http://HOST", root + "/"},
		"host and query":        {"", "http://HOST?a", root + "/?a"},
		"without scheme":        {"", "//HOST/v1/b", root + "/v1/b"},
		"path":                  {"", "/v1/B%2Fc", root + "/v1/B%2Fc"},
		"relative":              {"", "c", root + "/v1/c"},
		"relative up":           {"", "../../../c", root + "/c"},
		"query":                 {"", "?d", root + "/v1/a?d"},
		"elsewhere":             {"", "https://other.example/x", "https://other.example/x"},
		"same name, other port": {"", "http://127.0.0.1:1/x", "http://127.0.0.1:1/x"},
		"same host, other way":  {"", "https://HOST/x", "https://HOST/x"},
		"with a password":       {"", "http://a:b@HOST/x", "http://a:b@HOST/x"},
		"not an address":        {"", "http://%zz", "http://%zz"},
		"below the base":        {"/gw", "http://HOST/gw/v1/b", root + "/v1/b"},
		"beside the base":       {"/gw", "/gwx/v1/b", "/gwx/v1/b"},
		"the base itself":       {"/gw", "/gw", root},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := ""
			upstream := listen(t, func(int, seen) string {
				at := strings.ReplaceAll(test.location, "HOST", host)
				return "HTTP/1.1 201 Created\r\nLocation: " + at + "\r\nContent-Location: " + at + "\r\nContent-Length: 0\r\n\r\n"
			})
			host = upstream.Addr().String()
			s := open(t, upstream.URL()+test.base)
			response, _ := s.send("POST", root+"/v1/a", "x")
			want := strings.ReplaceAll(test.want, "HOST", host)
			assert.Equal(t, want, response.Header.Get("Location"))
			assert.Equal(t, want, response.Header.Get("Content-Location"))
		})
	}
}

// Paycor names the next page by a path of its own; behind the address that
// ends in /paycor it is usable as it is.
func TestTheNextPageIsFoundByItsPath(t *testing.T) {
	upstream := listen(t, func(n int, _ seen) string {
		body := `{"hasMoreResults":true,"additionalResultsUrl":"/v1/legalentities/501123/employees?continuationToken=a%2Bb%3D","records":[]}`
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	})
	s := open(t, upstream.URL())
	_, body := s.send("GET", root+"/v1/legalentities/501123/employees", "")
	_, next, _ := strings.Cut(body, `"additionalResultsUrl":"`)
	next, _, _ = strings.Cut(next, `"`)
	response, _ := s.send("GET", root+next, "")
	assert.Equal(t, 200, response.StatusCode)
	assert.True(t, strings.HasPrefix(upstream.requests()[1].head, "GET /v1/legalentities/501123/employees?continuationToken=a%2Bb%3D HTTP/1.1\r\n"))
}

// large is far more than any buffer on the way, and never kept whole.
const large = 96 << 20

// sum reads everything and returns its length and hash.
func sum(r io.Reader) (int64, string, error) {
	hash := sha256.New()
	n, err := io.Copy(hash, r)
	return n, fmt.Sprintf("%x", hash.Sum(nil)), err
}

// noise is a stream that differs everywhere.
type noise struct{ at, left int64 }

func (n *noise) Read(b []byte) (int, error) {
	if n.left == 0 {
		return 0, io.EOF
	}
	b = b[:min(int64(len(b)), n.left)]
	for i := range b {
		b[i] = byte((n.at * 2654435761) >> 7)
		n.at++
	}
	n.left -= int64(len(b))
	return len(b), nil
}

func TestBodiesOfAnySizeStream(t *testing.T) {
	_, want, err := sum(&noise{left: large})
	require.NoError(t, err)
	for _, framing := range []string{"with length", "chunked"} {
		t.Run(framing, func(t *testing.T) {
			got := ""
			s := before(t, func(w http.ResponseWriter, r *http.Request) {
				_, got, _ = sum(r.Body)
				if framing == "with length" {
					w.Header().Set("Content-Length", fmt.Sprint(large))
				}
				_, _ = io.Copy(w, &noise{left: large})
			})
			request, err := http.NewRequestWithContext(t.Context(), "PUT", s.URL+root+"/v1/file", &noise{left: large})
			require.NoError(t, err)
			if framing == "with length" {
				request.ContentLength = large
			}
			request.Header.Set("Authorization", "Bearer "+opens)
			response, err := http.DefaultTransport.RoundTrip(request)
			require.NoError(t, err)
			defer response.Body.Close()
			n, back, err := sum(response.Body)
			require.NoError(t, err)
			assert.EqualValues(t, large, n)
			assert.Equal(t, want, back, "what came back")
			assert.Equal(t, want, got, "what arrived")
		})
	}
}

// Neither side waits for the other to finish: what is sent arrives while more
// is still to come.
func TestNothingIsHeldBack(t *testing.T) {
	s := before(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		buffer := make([]byte, 16)
		for {
			n, err := r.Body.Read(buffer)
			_, _ = w.Write(buffer[:n])
			_ = http.NewResponseController(w).Flush()
			if err != nil {
				return
			}
		}
	})
	reader, writer := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+root+"/v1/echo", reader)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+opens)
	go func() { _, _ = writer.Write([]byte("first")) }()
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	back := make([]byte, 5)
	for _, word := range []string{"first", "again", "third"} {
		if word != "first" {
			_, err = writer.Write([]byte(word))
			require.NoError(t, err)
		}
		_, err = io.ReadFull(response.Body, back)
		require.NoError(t, err)
		assert.Equal(t, word, string(back))
	}
	require.NoError(t, writer.Close())
	rest, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Empty(t, rest)
}

func TestEncodingsAndTrailersAreUntouched(t *testing.T) {
	var packed strings.Builder
	zip := gzip.NewWriter(&packed)
	_, _ = zip.Write([]byte("plain"))
	_ = zip.Close()
	s := before(t, func(w http.ResponseWriter, r *http.Request) {
		if _, asked := r.Header["Accept-Encoding"]; asked {
			w.Header().Set("Content-Encoding", "gzip")
		}
		w.Header().Set("Trailer", "X-Sum, Paycorcred-Error")
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, packed.String())
		w.Header().Set("X-Sum", "answer "+r.Trailer.Get("X-Sum"))
		w.Header().Set("Paycorcred-Error", "canary")
	})
	for _, accept := range []string{"", "gzip", "br;q=1, gzip"} {
		request, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+root+"/v1/a", io.MultiReader(strings.NewReader("body")))
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+opens)
		request.Trailer = http.Header{"X-Sum": {"request"}, "Authorization": {"canary"}}
		if accept != "" {
			request.Header.Set("Accept-Encoding", accept)
		}
		transport := &http.Transport{DisableCompression: true}
		response, err := transport.RoundTrip(request)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		_ = response.Body.Close()
		assert.Equal(t, packed.String(), string(body))
		assert.Equal(t, accept != "", response.Header.Get("Content-Encoding") == "gzip", accept)
		assert.Equal(t, http.Header{"X-Sum": {"answer request"}}, response.Trailer)
		transport.CloseIdleConnections()
	}
}

func TestMethods(t *testing.T) {
	for method, passes := range map[string]bool{
		"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "OPTIONS": false, "TRACE": false, "PROPFIND": false, "get": false,
	} {
		t.Run(method, func(t *testing.T) {
			upstream := listen(t, func(_ int, got seen) string {
				if strings.HasPrefix(got.head, "HEAD") {
					return "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"
				}
				return ok
			})
			s := open(t, upstream.URL())
			response, _ := s.send(method, root+"/v1/a", "")
			if !passes {
				assert.Equal(t, 400, response.StatusCode)
				assert.Equal(t, "call_method", response.Header.Get(proxy.ErrorHeader))
				assert.Empty(t, upstream.requests())
				return
			}
			assert.Equal(t, 200, response.StatusCode)
			head := upstream.requests()[0].head
			assert.True(t, strings.HasPrefix(head, method+" /v1/a HTTP/1.1\r\n"))
			assert.Equal(t, slices.Contains([]string{"POST", "PUT", "PATCH"}, method), strings.Contains(head, "Content-Length: 0\r\n"), head)
			if method == "HEAD" {
				assert.Equal(t, "1234", response.Header.Get("Content-Length"))
			}
		})
	}
}

func TestWhoMayCall(t *testing.T) {
	upstream := listen(t, func(int, seen) string { return ok })
	s := open(t, upstream.URL())
	tests := map[string]struct {
		headers, code string
		status        int
	}{
		"nobody":          {"", "unauthorized", 401},
		"a session":       {"Cookie: paycorcred=x\r\n", "unauthorized", 401},
		"an unknown":      {"Authorization: Bearer pcc_x\r\n", "unauthorized", 401},
		"two tokens":      {"Authorization: Bearer " + opens + "\r\nAuthorization: Bearer " + opens + "\r\n", "unauthorized", 401},
		"a token as name": {"Authorization: " + opens + "\r\n", "unauthorized", 401},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.raw("GET "+root+"/v1/a HTTP/1.1\r\nHost: localhost\r\n"+test.headers+"Connection: close\r\n\r\n", patience)
			assert.Contains(t, got, fmt.Sprintf("HTTP/1.1 %d ", test.status))
			assert.Contains(t, got, "Paycorcred-Error: "+test.code)
		})
	}
	assert.Empty(t, upstream.requests())

	s.source.err = &paycor.Error{Kind: paycor.KindConflict, Code: verdicts.CodeRefreshUsed, Message: message.Text("Activate it again.")}
	response, body := s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 409, response.StatusCode)
	assert.Equal(t, "refresh_token_used", response.Header.Get(proxy.ErrorHeader))
	assert.Contains(t, body, "Activate it again.")
	assert.Empty(t, response.Header["Via"], "that is no answer of Paycor's")

	s.source.err = paycor.Errorf(paycor.KindNotFound, "It may have been deleted.")
	response, body = s.send("GET", root+"/v1/a", "")
	assert.Equal(t, 404, response.StatusCode)
	assert.Contains(t, body, locale.English.Text("call.not-found"))
}

// The line of a call says through which credential it went and what was said,
// and nothing that was sent in the place of an id.
func TestTheLogNamesCredentialAndCode(t *testing.T) {
	upstream := listen(t, func(int, seen) string { return ok })
	s := open(t, upstream.URL())
	id := "cred_0123456789abcdefghijklmnop"
	s.send("GET", "/api/v1/credentials/"+id+"/paycor/v1/a", "")
	s.send("OPTIONS", "/api/v1/credentials/"+id+"/paycor/v1/a", "")
	secret := "0123456789abcdef0123456789abcdef"
	s.send("GET", "/api/v1/credentials/"+secret+"/paycor/v1/a", "")
	s.send("GET", "/api/v1/credentials/cred_"+secret[:25]+"z/paycor/v1/a", "")
	log := s.log.String()
	assert.Regexp(t, `msg=request .*method=GET .*status=200 .*credential=`+id+"\n", log)
	assert.Regexp(t, `msg=request .*method=OPTIONS .*status=400 .*credential=`+id+" code=call_method\n", log)
	assert.Contains(t, log, "code=not_found")
	assert.NotContains(t, log, secret[:25])
}

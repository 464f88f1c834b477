package e2e_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// answer is a response, read to its end.
type answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// into decodes the body.
func (a answer) into(t testing.TB, value any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.Body, value), "%d %s", a.Status, a.Body)
}

// problem is an RFC 9457 body.
type problem struct {
	Type   string
	Title  string
	Status int
	Detail string
	Code   string
	Errors []fields.Problem
}

// ask is a request. It is sent without cookies, and redirects are not followed.
type ask struct {
	Method, Path string
	Host         string
	Header       map[string]string
	Body         any // []byte is sent unchanged, anything else as JSON
}

var plainClient = &http.Client{
	Timeout:       timeout,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport: &http.Transport{
		DisableCompression: true, MaxIdleConnsPerHost: 64,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // of proxies that the tests start in front of the program
	},
}

// do sends a request.
func (p *program) do(a ask) answer {
	p.t.Helper()
	got, err := p.try(p.t.Context(), a)
	require.NoError(p.t, err)
	return got
}

// try sends a request that may fail.
func (p *program) try(ctx context.Context, a ask) (answer, error) {
	var body io.Reader
	contentType := ""
	switch value := a.Body.(type) {
	case nil:
	case []byte:
		body, contentType = bytes.NewReader(value), "application/json"
	default:
		data, err := json.Marshal(value)
		if err != nil {
			return answer{}, err
		}
		body, contentType = bytes.NewReader(data), "application/json"
	}
	request, err := http.NewRequestWithContext(ctx, a.Method, p.address+a.Path, body)
	if err != nil {
		return answer{}, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for name, value := range a.Header {
		request.Header.Set(name, value)
	}
	if a.Host != "" {
		request.Host = a.Host
	}
	response, err := plainClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, data}, err
}

// api sends a request to the API with a token that has every right.
func (p *program) api(method, path string, body any) answer {
	p.t.Helper()
	return p.do(ask{Method: method, Path: "/api/v1" + path, Body: body, Header: p.bearer()})
}

func (p *program) bearer() map[string]string {
	p.t.Helper()
	if p.token == "" {
		p.token = p.newToken("--rights", "view,use,edit,admin")
	}
	return map[string]string{"Authorization": "Bearer " + p.token}
}

// body is a credential as the body of an API request.
type body map[string]any

// with returns the body with one value replaced.
func (b body) with(name string, value any) body {
	other := body{}
	for n, v := range b {
		other[n] = v
	}
	other[name] = value
	return other
}

// save saves a credential through the API.
func (p *program) save(b body, query string) paycor.Credential {
	p.t.Helper()
	got := p.api("POST", "/credentials"+query, b)
	require.Equal(p.t, http.StatusCreated, got.Status, "%s", got.Body)
	var credential paycor.Credential
	got.into(p.t, &credential)
	return credential
}

// list returns the names of all credentials.
func (p *program) names() []string {
	p.t.Helper()
	names, cursor := []string{}, ""
	for {
		got := p.api("GET", "/credentials?limit=200"+cursor, nil)
		require.Equal(p.t, http.StatusOK, got.Status, "%s", got.Body)
		var page paycor.CredentialPage
		got.into(p.t, &page)
		for _, credential := range page.Credentials {
			names = append(names, credential.Name)
		}
		if page.Next == "" {
			assert.Equal(p.t, page.Total, len(names))
			return names
		}
		cursor = "&cursor=" + page.Next
	}
}

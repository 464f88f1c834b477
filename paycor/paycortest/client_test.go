package paycortest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// client is a plain client of a simulator: it follows no redirects and hides
// nothing.
type client struct {
	t      *testing.T
	server *paycortest.Server
	app    *paycortest.Application
	http   *http.Client
}

// reply is a complete response.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) json(t *testing.T) map[string]any {
	t.Helper()
	var value map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.body), &value), "body: %s", r.body)
	return value
}

func start(t *testing.T, config paycortest.Config) *client {
	t.Helper()
	server := paycortest.Start(t, config)
	app := server.Application(paycortest.Details{
		Name: "Application under Test", RedirectURIs: []string{"https://localhost/callback?kept=1"},
		Casing: paycortest.CamelCase,
	})
	// On a reused connection, Go's transport repeats a GET that failed before
	// any response, which would hide the failure from the test.
	transport := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{t: t, server: server, app: app, http: &http.Client{
		Transport:     transport,
		Timeout:       20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *client) try(method, path string, header http.Header, body string) (reply, error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.server.URL+path, strings.NewReader(body))
	require.NoError(c.t, err)
	if header != nil {
		request.Header = header
	}
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	response, err := c.http.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, string(text)}, err
}

func (c *client) do(method, path string, header http.Header, body string) reply {
	c.t.Helper()
	r, err := c.try(method, path, header, body)
	require.NoError(c.t, err)
	return r
}

// form is a token request with key, client ID and secret. Name and value pairs
// change it, and an empty value removes the field.
func (c *client) form(pairs ...string) (http.Header, string) {
	d := c.app.Details()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {d.ClientID}, "client_secret": {d.ClientSecret}}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			form.Del(pairs[i])
		} else {
			form.Set(pairs[i], pairs[i+1])
		}
	}
	header := http.Header{}
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	header.Set("Ocp-Apim-Subscription-Key", d.PrimaryKey)
	return header, form.Encode()
}

const tokenPath = "/sts/v1/common/token"

func (c *client) token(pairs ...string) reply {
	c.t.Helper()
	header, body := c.form(pairs...)
	return c.do("POST", tokenPath, header, body)
}

// signIn returns headers for a valid call.
func (c *client) signIn(pairs ...string) http.Header {
	c.t.Helper()
	r := c.token(pairs...)
	require.Equal(c.t, 200, r.status, r.body)
	header := http.Header{}
	header.Set("Authorization", "Bearer "+r.json(c.t)["access_token"].(string))
	header.Set("Ocp-Apim-Subscription-Key", c.app.Details().PrimaryKey)
	return header
}

const listPath = "/v1/legalentities/ActivatedLegalEntityTenantList"

func (c *client) list(header http.Header) reply { return c.do("GET", listPath, header, "") }

// How long a test waits for something that should take a moment.
const (
	limit   = 10 * time.Second
	aMoment = time.Millisecond
)

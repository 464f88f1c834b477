package tokens_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

const success = `{"access_token":"aaaa.bbbb.cccc","expires_in":1800,"token_type":"Bearer"}`

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func client(transport http.RoundTripper) *tokens.Client {
	if transport == nil {
		plain := upstream.NewTransport(nil)
		plain.DisableKeepAlives = true
		transport = plain
	}
	return tokens.NewClient(upstream.New(upstream.Config{Transport: transport, Clock: func() time.Time { return now }}))
}

func application(address string) tokens.Application {
	return tokens.Application{
		Environment: paycor.Environment{Name: "test", APIURL: address}, ClientID: "00000000000000000a01",
		ClientSecret:    paycor.NewSecret("simulator/secret+of/Sunrise+Bakery/0000001"),
		SubscriptionKey: paycor.NewSecret("000000000000000000000000000000b1"), LegalEntityID: 501123,
	}
}

// request is a token request as the endpoint received it.
type request struct {
	header http.Header
	query  url.Values
	body   string
	form   url.Values
}

// listen starts a token endpoint. The returned function stops it and returns
// the requests it received.
func listen(t *testing.T, answer func(request) (int, string)) (string, func() []request) {
	t.Helper()
	seen := make(chan request, 16)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		received := request{r.Header.Clone(), r.URL.Query(), string(body), form}
		if r.Method != http.MethodPost || r.URL.Path != "/sts/v1/common/token" {
			t.Errorf("unexpected request %s %s", r.Method, r.URL.Path)
		}
		seen <- received
		status, text := answer(received)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []request {
		server.Close() // waits for running handlers
		close(seen)
		var all []request
		for r := range seen {
			all = append(all, r)
		}
		return all
	}
}

func always(status int, text string) func(request) (int, string) {
	return func(request) (int, string) { return status, text }
}

func code(err error) verdicts.Code {
	failure, ok := upstream.AsFailure(err)
	if !ok {
		return ""
	}
	return failure.Code
}

func TestExchangeRequest(t *testing.T) {
	address, sent := listen(t, always(200, success))
	token, err := client(nil).Exchange(t.Context(), application(address))
	require.NoError(t, err)
	assert.Equal(t, "aaaa.bbbb.cccc", token.Access.Reveal())
	assert.True(t, token.Refresh.IsZero())
	assert.Equal(t, now.Add(30*time.Minute), token.ExpiresAt)

	all := sent()
	require.Len(t, all, 1)
	assert.Equal(t, "application/x-www-form-urlencoded", all[0].header.Get("Content-Type"))
	assert.Equal(t, "000000000000000000000000000000b1", all[0].header.Get("Ocp-Apim-Subscription-Key"))
	assert.Empty(t, all[0].header.Get("Authorization"), "client ID and secret belong in the body")
	assert.Empty(t, all[0].query)
	assert.Equal(t, url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"00000000000000000a01"},
		"client_secret": {"simulator/secret+of/Sunrise+Bakery/0000001"},
	}, all[0].form)
	assert.Contains(t, all[0].body, "client_secret=simulator%2Fsecret%2Bof%2F", "an unencoded + arrives as a space")
}

func TestScope(t *testing.T) {
	accept := func(scopes ...string) func(request) (int, string) {
		return func(r request) (int, string) {
			for _, scope := range scopes {
				if r.form.Get("scope") == scope && r.form.Has("scope") == (scope != "") {
					return 200, success
				}
			}
			return 400, `{"error":"invalid_scope"}`
		}
	}
	rejectSilently := func(scopes ...string) func(request) (int, string) {
		return func(r request) (int, string) {
			status, text := accept(scopes...)(r)
			if status == 400 {
				text = ""
			}
			return status, text
		}
	}
	for _, c := range []struct {
		name   string
		scope  string
		entity int32
		answer func(request) (int, string)
		tried  []string
		code   verdicts.Code
	}{
		{"none", "", 501123, accept(""), []string{""}, ""},
		{"the partner page's form", "dd", 501123, accept("c501123 dd"), []string{"c501123 dd"}, ""},
		{"by itself", "dd", 501123, accept("dd"), []string{"c501123 dd", "dd"}, ""},
		{"by itself, first rejected without a reason", "dd", 501123, rejectSilently("dd"), []string{"c501123 dd", "dd"}, ""},
		{"without a legal entity", "dd", 0, accept("dd"), []string{"dd"}, ""},
		{"unknown", "dd", 501123, accept(""), []string{"c501123 dd", "dd"}, verdicts.CodeScopeUnknown},
		{"unknown, without a reason", "dd", 501123, rejectSilently(""), []string{"c501123 dd", "dd", ""}, verdicts.CodeScopeUnknown},
		{"required", "", 501123, accept("dd"), []string{""}, verdicts.CodeScopeNeeded},
		{"everything rejected without a reason", "dd", 501123, rejectSilently(), []string{"c501123 dd", "dd", ""}, verdicts.CodeTokenRefused},
		{"another error", "dd", 501123, always(400, `{"error":"invalid_client"}`), []string{"c501123 dd"}, verdicts.CodeClientRejected},
	} {
		t.Run(c.name, func(t *testing.T) {
			address, sent := listen(t, c.answer)
			app := application(address)
			app.Scope, app.LegalEntityID = c.scope, c.entity
			token, err := client(nil).Exchange(t.Context(), app)
			assert.Equal(t, c.code, code(err))
			assert.Equal(t, c.code != "", token.Access.IsZero())
			var tried []string
			for _, r := range sent() {
				tried = append(tried, r.form.Get("scope"))
			}
			assert.Equal(t, c.tried, tried)
		})
	}
}

func TestKeyInQueryIfGatewayMissesHeader(t *testing.T) {
	const missing = `{"statusCode":401,"message":"Access denied due to missing subscription key. Make sure to include it."}`
	t.Run("header dropped on the way", func(t *testing.T) {
		address, sent := listen(t, func(r request) (int, string) {
			if r.query.Get("subscription-key") != "000000000000000000000000000000b1" {
				return 401, missing
			}
			return 200, success
		})
		_, err := client(nil).Exchange(t.Context(), application(address))
		require.NoError(t, err)
		all := sent()
		require.Len(t, all, 2)
		assert.Empty(t, all[0].query)
		assert.Empty(t, all[1].header.Get("Ocp-Apim-Subscription-Key"), "the gateway reads the query only if there is no header")
		assert.Equal(t, all[0].form, all[1].form)
	})
	for name, c := range map[string]struct {
		body     string
		requests int
		code     verdicts.Code
	}{
		"retried once":        {missing, 2, verdicts.CodeKeyMissing},
		"not for a wrong key": {`{"statusCode":401,"message":"Access denied due to invalid subscription key."}`, 1, verdicts.CodeKeyRejected},
	} {
		t.Run(name, func(t *testing.T) {
			address, sent := listen(t, always(401, c.body))
			_, err := client(nil).Exchange(t.Context(), application(address))
			assert.Equal(t, c.code, code(err))
			assert.Len(t, sent(), c.requests)
		})
	}
}

func TestLifetime(t *testing.T) {
	for name, c := range map[string]struct {
		field string
		want  time.Duration
	}{
		"a number":     {`"expires_in":600`, 10 * time.Minute},
		"a string":     {`"expires_in":"600"`, 10 * time.Minute},
		"a fraction":   {`"expires_in":600.5`, 600500 * time.Millisecond},
		"missing":      {`"x":1`, 30 * time.Minute},
		"null":         {`"expires_in":null`, 30 * time.Minute},
		"zero":         {`"expires_in":0`, 30 * time.Minute},
		"negative":     {`"expires_in":-1`, 30 * time.Minute},
		"too long":     {`"expires_in":1e18`, 30 * time.Minute},
		"overflow":     {`"expires_in":1e999`, 30 * time.Minute},
		"not a number": {`"expires_in":"soon"`, 30 * time.Minute},
		"an object":    {`"expires_in":{}`, 30 * time.Minute},
		"PascalCase":   {`"ExpiresIn":600`, 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			address, _ := listen(t, always(200, `{"access_token":"a","token_type":"BEARER","refresh_token":"r",`+c.field+`}`))
			token, err := client(nil).Exchange(t.Context(), application(address))
			require.NoError(t, err)
			assert.Equal(t, now.Add(c.want), token.ExpiresAt)
			assert.Equal(t, "r", token.Refresh.Reveal())
		})
	}
}

// Gateways in front of a token endpoint write the type in words of their own.
func TestTokenTypes(t *testing.T) {
	t.Parallel()
	for kind, bearer := range map[string]bool{
		`"Bearer"`: true, `"BearerToken"`: true, `"bearer_token"`: true, `" Bearer "`: true, `""`: true, `null`: true, `"JWT"`: true, `"urn:ietf:params:oauth:token-type:access_token"`: true,
		`"mac"`: false, `"DPoP"`: false, `"pop"`: false, `"N_A"`: false,
	} {
		address, _ := listen(t, always(200, `{"access_token":"a","token_type":`+kind+`}`))
		token, err := client(nil).Exchange(t.Context(), application(address))
		if !bearer {
			failure, _ := upstream.AsFailure(err)
			require.NotNil(t, failure, kind)
			assert.Equal(t, verdicts.CodeUnexpected, failure.Code, kind)
			continue
		}
		require.NoError(t, err, kind)
		assert.Equal(t, "a", token.Access.Reveal())
	}
}

// No error body of the token endpoint is documented, so every style has to be
// recognized.
func TestRejectionStyles(t *testing.T) {
	styles := []paycortest.Style{paycortest.StyleOAuth, paycortest.StylePaycor, paycortest.StyleProblem, paycortest.StyleGateway, paycortest.StyleText, paycortest.StyleEmpty}
	server := paycortest.Start(t, paycortest.Config{})
	app := server.Lookup(paycortest.SunriseBakery)
	for _, style := range styles {
		for _, status := range []int{400, 401} {
			t.Run(string(style)+" "+http.StatusText(status), func(t *testing.T) {
				app.Change(func(d *paycortest.Details) { d.ErrorStyle, d.ClientErrorStatus = style, status })
				wrong := application(server.URL)
				wrong.ClientSecret = paycor.NewSecret("simulator/secret+of/nobody/at+all/00000001")
				_, err := client(nil).Exchange(t.Context(), wrong)
				failure, ok := upstream.AsFailure(err)
				require.True(t, ok)
				want := verdicts.CodeClientRejected
				if style == paycortest.StyleEmpty && status == 400 {
					want = verdicts.CodeTokenRefused // no reason at all
				}
				assert.Equal(t, want, failure.Code)
				assert.Equal(t, []fields.Field{fields.ClientID, fields.ClientSecret}, failure.Verdict().Fields)
			})
		}
		if style == paycortest.StyleEmpty {
			continue
		}
		t.Run(string(style)+" of grant and scope", func(t *testing.T) {
			app.Change(func(d *paycortest.Details) { d.ErrorStyle = style })
			unknown := application(server.URL)
			unknown.Scope = "0000000000000000000000000000beef"
			_, err := client(nil).Exchange(t.Context(), unknown)
			assert.Equal(t, verdicts.CodeScopeUnknown, code(err))

			server.AddFault(paycortest.Fault{Kind: paycortest.GrantNotAllowed})
			defer server.ClearFaults()
			_, err = client(nil).Exchange(t.Context(), application(server.URL))
			assert.Equal(t, verdicts.CodeGrantNotAllowed, code(err))
		})
	}
	t.Run("scope, without a reason", func(t *testing.T) {
		app.Change(func(d *paycortest.Details) { d.ErrorStyle = paycortest.StyleEmpty })
		unknown := application(server.URL)
		unknown.Scope = "0000000000000000000000000000beef"
		_, err := client(nil).Exchange(t.Context(), unknown)
		assert.Equal(t, verdicts.CodeScopeUnknown, code(err), "it works without the scope, so the scope is the problem")
	})
}

// Texts without an OAuth error code are classified by their subject.
func TestRejectionsInPlainWords(t *testing.T) {
	for text, want := range map[string]verdicts.Code{
		"Client credentials are not enabled for this application.": verdicts.CodeGrantNotAllowed,
		"The application was not activated.":                       verdicts.CodeGrantNotAllowed,
		"The scopes of this application are superseded.":           verdicts.CodeScopeOutdated,
		"Client sent an HTTP request to an HTTPS server.":          verdicts.CodeRouteUnknown,
		"The secret is wrong.":                                     verdicts.CodeClientRejected,
		"No.":                                                      verdicts.CodeTokenRefused,
	} {
		address, _ := listen(t, always(400, `{"message":"`+text+`"}`))
		app := application(address)
		app.Scope, app.LegalEntityID = "dd", 0
		_, err := client(nil).Exchange(t.Context(), app)
		assert.Equal(t, want, code(err), text)
	}
	for status, want := range map[int]verdicts.Code{404: verdicts.CodeRouteUnknown, 418: verdicts.CodeUnexpected} {
		address, _ := listen(t, always(status, `{}`))
		_, err := client(nil).Exchange(t.Context(), application(address))
		assert.Equal(t, want, code(err), status)
	}
}

func TestApplicationsThatShareTokens(t *testing.T) {
	a := application("https://api.example.com")
	entity, client, environment := a, a, a
	entity.LegalEntityID++
	client.ClientSecret = paycor.NewSecret("another")
	environment.Environment.Name = "another"
	assert.True(t, a.SameTokens(entity))
	assert.False(t, a.SameTokens(client))
	assert.True(t, a.SameActivation(client), "a rotated secret keeps the activation")
	assert.False(t, a.SameActivation(environment))
}

// dials returns a transport whose first dials fail.
func dials(failures int32, err error) (*http.Transport, *atomic.Int32) {
	var count atomic.Int32
	transport := upstream.NewTransport(nil)
	transport.DisableKeepAlives = true
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if count.Add(1) <= failures {
			return nil, &net.OpError{Op: "dial", Net: network, Err: err}
		}
		return dial(ctx, network, address)
	}
	return transport, &count
}

func TestRetryOnlyIfNothingWasSent(t *testing.T) {
	t.Run("connection refused once", func(t *testing.T) {
		address, sent := listen(t, always(200, success))
		transport, _ := dials(1, syscall.ECONNREFUSED)
		_, err := client(transport).Exchange(t.Context(), application(address))
		require.NoError(t, err)
		assert.Len(t, sent(), 1)
	})
	t.Run("connection refused twice", func(t *testing.T) {
		transport, count := dials(9, syscall.ECONNREFUSED)
		_, err := client(transport).Exchange(t.Context(), application("http://127.0.0.1:1"))
		assert.Equal(t, verdicts.CodeRefused, code(err))
		assert.EqualValues(t, 2, count.Load())
	})
	t.Run("an error of Paycor's", func(t *testing.T) {
		address, sent := listen(t, always(500, ``))
		_, err := client(nil).Exchange(t.Context(), application(address))
		assert.Equal(t, verdicts.CodeServerError, code(err))
		assert.Len(t, sent(), 1)
	})
	t.Run("connection cut after sending", func(t *testing.T) {
		server := paycortest.Start(t, paycortest.Config{})
		server.AddFault(paycortest.Fault{Kind: paycortest.LostAnswer})
		_, err := client(nil).Exchange(t.Context(), application(server.URL))
		assert.Equal(t, verdicts.CodeReset, code(err))
		assert.Equal(t, 1, server.Counts().Tokens)
	})
}

func TestExchangeReturnsCancellation(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	returned := make(chan struct{})
	address, _ := listen(t, func(request) (int, string) { cancel(); <-returned; return 500, "" })
	_, err := client(nil).Exchange(ctx, application(address))
	close(returned)
	assert.ErrorIs(t, err, context.Canceled)
	_, isFailure := upstream.AsFailure(err)
	assert.False(t, isFailure)
}

func TestNoRequestToUnusableEnvironment(t *testing.T) {
	sent := false
	transport := transportFunc(func(*http.Request) (*http.Response, error) { sent = true; return nil, errors.New("unused") })
	_, err := client(transport).Exchange(t.Context(), application("http://apis.example.invalid"))
	assert.Equal(t, verdicts.CodeEnvironmentUnusable, code(err))
	assert.False(t, sent)
}

func TestApplicationFromDraft(t *testing.T) {
	environment := paycor.Environment{Name: "test", APIURL: "https://127.0.0.1"}
	draft := paycor.Draft{ClientID: "a", ClientSecret: paycor.NewSecret("b"), SubscriptionKey: paycor.NewSecret("c"), LegalEntityID: " 501123 ", Scope: "d"}
	assert.Equal(t, tokens.Application{
		Environment: environment, ClientID: "a", ClientSecret: paycor.NewSecret("b"), SubscriptionKey: paycor.NewSecret("c"),
		LegalEntityID: 501123, Scope: "d",
	}, tokens.ApplicationFromDraft(environment, draft))
	draft.LegalEntityID = ""
	assert.Zero(t, tokens.ApplicationFromDraft(environment, draft).LegalEntityID)
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Any response yields a token that is a valid header value, or a failure that
// reveals no secret.
func FuzzExchange(f *testing.F) {
	for _, body := range []string{success, ``, `{`, `[]`, `null`, `{"access_token":1}`, `{"access_token":"a b"}`, `{"error":{}}`, `<html>`,
		`{"access_token":"a","expires_in":"1e400"}`, `{"Access-Token":"a","token_type":7}`} {
		f.Add(200, body)
		f.Add(400, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		transport := transportFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})
		app := application("https://127.0.0.1")
		token, err := client(transport).Exchange(t.Context(), app)
		if err != nil {
			assert.True(t, token.Access.IsZero())
			assert.NotEmpty(t, code(err))
			assert.NotContains(t, err.Error(), app.ClientSecret.Reveal())
			return
		}
		assert.Regexp(t, `^[!-~]+$`, token.Access.Reveal())
		assert.True(t, token.ExpiresAt.After(now) && !token.ExpiresAt.After(now.Add(24*time.Hour)))
	})
}

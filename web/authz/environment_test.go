package authz_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/proxy"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
	"paycorcred/web"
)

// environment is an HTTP server over a backend for one test. Paycor accepts every
// credential and issues no tokens.
type environment struct {
	*env.Environment
	t   *testing.T
	URL string
}

func newEnvironment(t *testing.T, change ...func(*backend.Config, *web.Config)) *environment {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	e := &environment{t: t, URL: "http://" + server.Listener.Addr().String()}
	config := web.Config{Body: func(api.Start) string { return `<div id="app"></div>` }}
	e.Environment = env.New(t, func(c *backend.Config) {
		c.Environments = []paycor.Environment{{Name: "production", APIURL: "http://127.0.0.1:1", AuthorizeURL: "http://127.0.0.1:1/authorize"}}
		config.Clock = c.Clock
		for _, change := range change {
			change(c, &config)
		}
	})
	config.Access, config.Embedding, config.Activations, config.Services, config.Changes, config.Ready = e, e, e, e.As, e.Changes, e.Ready
	calls, err := proxy.New(proxy.Config{CredentialSource: e.CredentialSource()})
	require.NoError(t, err)
	t.Cleanup(calls.Close)
	config.Calls = calls
	config.Metrics = func(ctx context.Context, caller paycor.Caller) (http.Handler, error) {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), e.AuthorizeMetrics(ctx, caller)
	}
	handler, err := web.New(config)
	require.NoError(t, err)
	server.Config = web.NewHTTPServer(handler, nil)
	server.Start()
	t.Cleanup(server.Close)
	return e
}

// owner is a person with every right who created all credentials.
func owner() paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerPerson, ID: "owner", Name: "Owner", Workspace: paycor.DefaultWorkspace, Rights: paycor.AllRights()}
}

// create creates a credential as the owner.
func (e *environment) create(name string) paycor.Credential {
	e.t.Helper()
	draft := env.Draft()
	draft.Name, draft.Scope = name, "0123456789abcdef0123456789abcdef"
	saved, err := e.As(owner()).Create(e.t.Context(), draft, paycor.CreateOptions{})
	require.NoError(e.t, err)
	return saved.Credential
}

// draftJSON is the body of a create.
const draftJSON = `{"name":"Another","environment":"production","client_id":"0000000000000000bbbb",
	"client_secret":"invented-secret/of+an+invented+app/000000002","subscription_key":"0000000000000000000000000000beef",
	"legal_entity_id":501124}`

// response is an HTTP response that was read.
type response struct {
	status   int
	location string
	body     string
}

// send sends a request. It does not read event streams.
func (e *environment) send(by authentication, method, path, body string) response {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, e.URL+path, strings.NewReader(body))
	require.NoError(e.t, err)
	if by.header != "" {
		request.Header.Set(by.header, by.value)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	received, err := client.Do(request)
	require.NoError(e.t, err)
	defer received.Body.Close()
	got := response{status: received.StatusCode, location: received.Header.Get("Location")}
	if received.Header.Get("Content-Type") != "text/event-stream" {
		text, err := io.ReadAll(received.Body)
		require.NoError(e.t, err)
		got.body = string(text)
	}
	return got
}

// lastAuditEntry returns the sequence number of the newest audit entry.
func (e *environment) lastAuditEntry() (sequence int64) {
	e.t.Helper()
	require.NoError(e.t, e.Store.View(e.t.Context(), func(r store.Reader) error {
		entry, err := r.LastAuditEntry()
		sequence = entry.Sequence
		return err
	}))
	return sequence
}

// deniedSince reports whether a denial of the caller was audited after an entry.
func (e *environment) deniedSince(caller paycor.Caller, since int64) bool {
	e.t.Helper()
	found := false
	require.NoError(e.t, e.Store.View(e.t.Context(), func(r store.Reader) error {
		entries, _, err := r.SearchAudit(caller.Workspace, audit.Query{}, store.AuditScan{MaxScanned: 1 << 30, Limit: 10})
		for _, entry := range entries {
			found = found || entry.Sequence > since && entry.Outcome == "refused" && entry.CallerID == caller.ID && entry.CallerKind == caller.Kind
		}
		return err
	}))
	return found
}

// state returns the credentials of the workspace as text, to detect changes.
func (e *environment) state() string {
	e.t.Helper()
	page, err := e.As(owner()).Credentials(e.t.Context(), paycor.Query{})
	require.NoError(e.t, err)
	text, err := json.Marshal(page)
	require.NoError(e.t, err)
	return string(text)
}

// sessions returns the sessions of the workspace.
func (e *environment) sessions() (sessions []store.Session, err error) {
	err = e.Store.View(e.t.Context(), func(r store.Reader) (err error) {
		sessions, err = r.Sessions(paycor.DefaultWorkspace, "")
		return err
	})
	return sessions, err
}

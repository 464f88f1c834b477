package authz_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
	"paycorcred/web"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// house is the door with the real manager and a real store behind it. Paycor
// accepts everything, and gives no tokens.
type house struct {
	*backend.Backend
	t     *testing.T
	store store.Store
	URL   string
}

func open(t *testing.T, change ...func(*backend.Config, *web.Config)) *house {
	t.Helper()
	directory := t.TempDir()
	opened, err := sqlite.Open(t.Context(), sqlite.Config{
		Path: filepath.Join(directory, "test.db"), KeyFile: filepath.Join(directory, "test.key"),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, opened.Close()) })
	managed := backend.Config{
		Store: opened, Verify: accept, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})),
		Environments: []paycor.Environment{{Name: "production", Title: "Nowhere", APIURL: "http://127.0.0.1:1", AuthorizeURL: "http://127.0.0.1:1/authorize"}},
	}
	served := web.Config{Body: func(api.Start) string { return `<div id="app"></div>` }}
	server := httptest.NewUnstartedServer(nil)
	h := &house{t: t, store: opened, URL: "http://" + server.Listener.Addr().String()}
	for _, c := range change {
		c(&managed, &served)
	}
	kept, err := backend.New(managed)
	require.NoError(t, err)
	served.Access, served.Embedding, served.Services, served.Changes, served.Ready = kept, kept, kept.As, kept.Changes, kept.Ready
	served.Metrics = func(ctx context.Context, caller paycor.Caller) (http.Handler, error) {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), kept.AuthorizeMetrics(ctx, caller)
	}
	handler, err := web.New(served)
	require.NoError(t, err)
	server.Config = web.NewHTTPServer(handler, nil)
	server.Start()
	t.Cleanup(server.Close)
	h.Backend = kept
	return h
}

func accept(context.Context, upstream.VerifyRequest, upstream.TokenSource, paycor.Progress) (verdicts.Verdict, error) {
	verdict := verdicts.CodeVerified.Verdict()
	verdict.CheckedAt = time.Now()
	return verdict, nil
}

// way is how somebody comes to the door: a header, and whether that is a
// session's cookie.
type way struct{ name, value string }

// session signs somebody in without a sign-in.
func (h *house) session(caller paycor.Caller) way {
	h.t.Helper()
	return h.sessionNamed(caller, caller.ID)
}

// sessionID is the id of a session that sessionNamed made.
func sessionID(by way) string { return "sess_" + strings.TrimPrefix(by.value, "paycorcred=") }

// sessionNamed makes one of several sessions of somebody.
func (h *house) sessionNamed(caller paycor.Caller, name string) way {
	h.t.Helper()
	handle, now := "session-of-"+strings.NewReplacer(" ", "-", ",", ".").Replace(name), time.Now()
	hash := sha256.Sum256([]byte(handle))
	err := h.store.Update(h.t.Context(), func(tx store.Tx) error {
		return tx.InsertSession(store.Session{Hash: hash[:], ID: "sess_" + handle, Caller: caller, CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(time.Hour)})
	})
	require.NoError(h.t, err)
	return way{"Cookie", "paycorcred=" + handle}
}

// token makes an API token that is as its caller.
func (h *house) token(caller paycor.Caller) way {
	h.t.Helper()
	text := "pcc_" + strings.NewReplacer(" ", "-", ",", ".").Replace(caller.ID)
	hash := sha256.Sum256([]byte(text))
	err := h.store.Update(h.t.Context(), func(tx store.Tx) error {
		return tx.InsertAPIToken(store.APIToken{ID: caller.ID, Hash: hash[:], Name: caller.Name, Workspace: caller.Workspace,
			Rights: caller.Rights, Credentials: caller.Credentials, CreatedAt: time.Now()})
	})
	require.NoError(h.t, err)
	return way{"Authorization", "Bearer " + text}
}

// frame opens an embedded session that is as its caller, of a host that may
// hand out everything.
func (h *house) frame(caller paycor.Caller) way {
	h.t.Helper()
	handle, now := "pce_"+strings.ReplaceAll(caller.ID, " ", "-"), time.Now()
	hash, host := sha256.Sum256([]byte(handle)), "host-of-"+caller.Workspace
	err := h.store.Update(h.t.Context(), func(tx store.Tx) error {
		if _, err := tx.EmbedHost(host); err == store.ErrNotFound {
			err := tx.InsertEmbedHost(embed.Host{ID: host, Workspace: caller.Workspace, Name: host, Origins: []string{"https://host.example"}, Rights: paycor.AllRights(), CreatedAt: now})
			if err != nil {
				return err
			}
		}
		return tx.InsertEmbedSession(store.EmbedSession{Hash: hash[:], Host: host, Origin: "https://host.example", Caller: caller, CreatedAt: now, ExpiresAt: now.Add(time.Hour)})
	})
	require.NoError(h.t, err)
	return way{"Authorization", "Bearer " + handle}
}

// owner is somebody with every right, who made what there is.
func owner() paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerPerson, ID: "owner", Name: "Owner", Workspace: paycor.DefaultWorkspace, Rights: paycor.AllRights()}
}

// create makes a credential.
func (h *house) create(name string) paycor.Credential {
	h.t.Helper()
	saved, err := h.As(owner()).Create(h.t.Context(), draft(name), paycor.CreateOptions{})
	require.NoError(h.t, err)
	return saved.Credential
}

func draft(name string) paycor.Draft {
	return paycor.Draft{
		Name: name, Environment: "production", ClientID: "0000000000000000aaaa",
		ClientSecret:    paycor.NewSecret("walk-secret/of+an+invented+app/000000001"),
		SubscriptionKey: paycor.NewSecret("0000000000000000000000000000cafe"),
		LegalEntityID:   "501123", Scope: "0123456789abcdef0123456789abcdef",
	}
}

// wholeDraft is one in JSON.
const wholeDraft = `{"name":"Another","environment":"production","client_id":"0000000000000000bbbb",
	"client_secret":"walk-secret/of+an+invented+app/000000002","subscription_key":"0000000000000000000000000000beef",
	"legal_entity_id":501124}`

// answer is a whole response.
type answer struct {
	status   int
	location string
	body     string
}

// send sends a request in somebody's name. A stream is read no further than
// its beginning.
func (h *house) send(by way, method, path, body string) answer {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, h.URL+path, strings.NewReader(body))
	require.NoError(h.t, err)
	if by.name != "" {
		request.Header.Set(by.name, by.value)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	require.NoError(h.t, err)
	defer response.Body.Close()
	got := answer{status: response.StatusCode, location: response.Header.Get("Location")}
	if response.Header.Get("Content-Type") != "text/event-stream" {
		text, err := io.ReadAll(response.Body)
		require.NoError(h.t, err)
		got.body = string(text)
	}
	return got
}

// last returns the number of the newest entry of the audit trail.
func (h *house) last() (sequence int64) {
	h.t.Helper()
	require.NoError(h.t, h.store.View(h.t.Context(), func(r store.Reader) error {
		entry, err := r.LastAuditEntry()
		sequence = entry.Sequence
		return err
	}))
	return sequence
}

// refused reports whether a refusal of somebody was written down since.
func (h *house) refused(caller paycor.Caller, since int64) bool {
	h.t.Helper()
	found := false
	require.NoError(h.t, h.store.View(h.t.Context(), func(r store.Reader) error {
		entries, _, err := r.SearchAudit(caller.Workspace, audit.Query{}, store.AuditScan{MaxScanned: 1 << 30, Limit: 10})
		for _, entry := range entries {
			found = found || entry.Sequence > since && entry.Outcome == "refused" && entry.CallerID == caller.ID && entry.CallerKind == caller.Kind
		}
		return err
	}))
	return found
}

// state is everything of a workspace that a request could change, as text.
func (h *house) state() string {
	h.t.Helper()
	page, err := h.As(owner()).Credentials(h.t.Context(), paycor.Query{})
	require.NoError(h.t, err)
	text, err := json.Marshal(page)
	require.NoError(h.t, err)
	return string(text)
}

// stored are the sessions of the workspace, as they are in the store.
func (h *house) stored() (sessions []store.Session, err error) {
	err = h.store.View(h.t.Context(), func(r store.Reader) (err error) {
		sessions, err = r.Sessions(paycor.DefaultWorkspace, "")
		return err
	})
	return sessions, err
}

package credentials_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/session"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
)

// harmless are the methods of a service and of the manager that neither
// change nor use anything, and so write nothing down unless they are refused.
// Each other one has to be walked by a test below: a new method is in neither
// list at first, and the test says so.
var harmless = []string{
	"Environments", "Credentials", "Credential", "History", "Audit", "Consumers", "Duplicates", "Usage", "Hosts", "Sessions", "AllSessions", "CurrentSession", // of the service
	"As", "Operator", "AuthorizeMetrics", "Available", "Waiting", "Ready", "Changes", "CallerBySession", "CallerByToken", "LogHeads", "WarnUnconfiguredEnvironments", // of the backend
	"CallerByEmbedding", "EmbeddingHost", "ExamineEmbedding", "ProviderHint", "Authorize", "AuthorizeWorkspace", "MaySeeChange", "ForgetIdle", "Busy",
	"Run", "Close", "Drain", "Flush", "FlushDenials", "Touch",
	"Observe", "Publish", // within the process only
	"Deny", "DenyCredential", "NotFound", // denials are walked: DenyRequest, and actions without the right
	"UseSession",            // only notes when a session was last used
	"CredentialSource",      // its credentials are used, and CallFinished counts that; a denial is walked: TestARefusedCallNeedsItsEntry
	"CallFinished", "Count", // only counted: what waits too long to be written stops further calls, see TestBrokenTrailDeniesCalls
	"TokenSource", // walked by itself: TestATokenIsNotKeptWithoutItsEntry
	"VerifySaved", // walked as Verify
}

// rows is everything in a database, the leases on token exchanges left out: a
// program takes these for itself, for a minute.
func rows(t *testing.T, path string) (all []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	names, err := db.Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
	require.NoError(t, err)
	var tables []string
	for names.Next() {
		var name string
		require.NoError(t, names.Scan(&name))
		tables = append(tables, name)
	}
	require.NoError(t, names.Err())
	for _, table := range tables {
		found, err := db.Query("SELECT * FROM " + table)
		require.NoError(t, err)
		columns, err := found.Columns()
		require.NoError(t, err)
		for found.Next() {
			values, pointers := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				pointers[i] = &values[i]
			}
			require.NoError(t, found.Scan(pointers...))
			line := table
			for i, column := range columns {
				if !strings.HasPrefix(column, "lease_") && column != "began_at" {
					line += fmt.Sprintf(" %s=%v", column, values[i])
				}
			}
			if !strings.HasSuffix(line, " epoch=0 expires_at= renew_at= refused_at= ended=") { // a row that only held a lease
				all = append(all, line)
			}
		}
		require.NoError(t, found.Err())
	}
	slices.Sort(all)
	require.NotEmpty(t, all)
	return all
}

// deaf returns a manager over the house's store that cannot write the trail.
func (h *house) deaf(t *testing.T) *backend.Backend {
	t.Helper()
	plain := upstream.NewTransport()
	plain.DisableKeepAlives = true
	client := upstream.New(upstream.Config{Transport: plain, RetryPause: -1})
	made, err := backend.New(backend.Config{
		LastFlush: patience,
		Store:     brokenTrail{h.store}, Verify: client.Verify, TokenClient: tokens.NewClient(client),
		Clock: func() time.Time { return time.Now().Add(h.ahead) },
		Environments: []paycor.Environment{
			{Name: "test", Title: "Test", APIURL: h.paycor.URL, AuthorizeURL: h.paycor.URL + "/AppActivation/Authorize", Peer: "mirror"},
			{Name: "mirror", Title: "Mirror", APIURL: h.paycor.URL, Peer: "test"},
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, made.Close(context.WithoutCancel(t.Context()))) })
	return made
}

// act is one act on a house whose trail cannot be written: prepare does before
// what it needs, with a trail that works.
type act struct {
	name    string // of the method; what stands behind a blank tells its ways apart
	prepare func(t *testing.T, h *house) any
	do      func(t *testing.T, broken *backend.Backend, id string, prepared any) error
}

var failClosed = []act{
	{"Create", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		other := draft()
		other.Environment = "test"
		_, err := m.As(everyRight()).Create(t.Context(), other, paycor.CreateOptions{IdempotencyKey: "k"})
		return err
	}},
	{"Update a name", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(everyRight()).Update(t.Context(), id, paycor.Patch{Name: ptr("Other")}, paycor.UpdateOptions{})
		return err
	}},
	{"Update a secret", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(everyRight()).Update(t.Context(), id, paycor.Patch{ClientSecret: ptr(paycor.NewSecret("another/secret+of/nobody/0000000000000001"))}, paycor.UpdateOptions{})
		return err
	}},
	{"Delete", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		return m.As(everyRight()).Delete(t.Context(), id, "")
	}},
	{"Verify", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(everyRight()).Verify(t.Context(), id, nil)
		return err
	}},
	{"VerifyDraft", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(everyRight()).VerifyDraft(t.Context(), paycor.VerifyRequest{ID: id, Draft: paycor.Draft{Name: "x"}}, nil)
		return err
	}},
	{"StartActivation", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(everyRight()).StartActivation(t.Context(), id, activationHome)
		return err
	}},
	{"Activate by value", func(t *testing.T, h *house) any { return h.app.IssueRefreshToken() }, func(t *testing.T, m *backend.Backend, id string, prepared any) error {
		_, err := m.As(everyRight()).Activate(t.Context(), id, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(prepared.(string))}, nil)
		return err
	}},
	{"Activate by coming back", func(t *testing.T, h *house) any {
		begun, err := h.As(everyRight()).StartActivation(t.Context(), h.first(t), activationHome)
		require.NoError(t, err)
		return h.consent(t, begun, paycortest.Allow)
	}, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		_, err := m.As(everyRight()).Activate(t.Context(), "", prepared.(paycor.ActivationAnswer), nil)
		return err
	}},
	{"Activate with a state that is none", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(everyRight()).Activate(t.Context(), "", paycor.ActivationAnswer{State: paycor.NewSecret("none"), Code: paycor.NewSecret("c")}, nil)
		return err
	}},
	{"ExportAudit", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.As(everyRight()).ExportAudit(t.Context(), audit.Query{}, 0, func(audit.Line) error {
			t.Error("a line was handed out")
			return nil
		})
	}},
	{"CreateConsumer", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(everyRight()).CreateConsumer(t.Context(), consumer.Draft{Name: "n", Rights: paycor.Rights{paycor.RightView}})
		return err
	}},
	{"RevokeConsumer", func(t *testing.T, h *house) any {
		made, err := h.As(everyRight()).CreateConsumer(t.Context(), consumer.Draft{Name: "n", Rights: paycor.Rights{paycor.RightView}})
		require.NoError(t, err)
		return made.ID
	}, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		return m.As(everyRight()).RevokeConsumer(t.Context(), prepared.(string))
	}},
	{"Rotate", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(everyRight()).Rotate(t.Context(), id, unknownSecret(), nil)
		return err
	}},
	{"EndRotation", rotatedOnce, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(everyRight()).EndRotation(t.Context(), id)
		return err
	}},
	{"RotateBack", rotatedAndTaken, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(everyRight()).RotateBack(t.Context(), id, false, nil)
		return err
	}},
	{"RotateBack anyway", rotatedAndTaken, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(everyRight()).RotateBack(t.Context(), id, true, nil)
		return err
	}},
	{"DiscardExpiredSecrets", func(t *testing.T, h *house) any {
		rotatedAndTaken(t, h)
		h.ahead = 2 * time.Hour
		return nil
	}, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.DiscardExpiredSecrets(t.Context())
	}},
	{"TryPeerEnvironment", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(everyRight()).TryPeerEnvironment(t.Context(), paycor.VerifyRequest{ID: id, Draft: paycor.Draft{Name: "x"}})
		return err
	}},
	{"Share", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(everyRight()).Share(t.Context(), id, &paycor.Sharing{Groups: []string{"payroll"}}, "")
		return err
	}},
	{"Share with everybody", func(t *testing.T, h *house) any {
		_, err := h.As(everyRight()).Share(t.Context(), h.first(t), &paycor.Sharing{Groups: []string{"payroll"}}, "")
		require.NoError(t, err)
		return nil
	}, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(everyRight()).Share(t.Context(), id, nil, "")
		return err
	}},
	{"AddHost", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(everyRight()).AddHost(t.Context(), newSigningSite(t).Draft())
		return err
	}},
	{"RemoveHost", registered, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.As(everyRight()).RemoveHost(t.Context(), "console")
	}},
	{"AddHost from inside a host", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		framed := everyRight()
		framed.Kind = paycor.CallerEmbedded
		_, err := m.As(framed).AddHost(t.Context(), newSigningSite(t).Draft())
		return err
	}},
	{"Exchange", registered, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		_, err := m.Exchange(t.Context(), prepared.(embed.Request))
		return err
	}},
	{"OpenSession", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, _, err := m.OpenSession(t.Context(), vouched())
		return err
	}},
	{"OpenSession in place of another", signedIn, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		again := vouched()
		again.Replaces = prepared.(paycor.Secret)
		_, _, err := m.OpenSession(t.Context(), again)
		return err
	}},
	{"EndProviderSessions", signedIn, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.EndProviderSessions(t.Context(), session.SignOut{Issuer: vouched().Issuer, Subject: vouched().Subject, Until: time.Now().Add(time.Hour)}, "", "")
		return err
	}},
	{"EndSession", signedIn, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.As(everyRight()).EndSession(t.Context(), firstSession(t, m))
	}},
	{"EndSession of others without the right", signedIn, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.As(someone(paycor.RightView)).EndSession(t.Context(), firstSession(t, m))
	}},
	{"CreateLink", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, _, err := m.CreateLink(t.Context())
		return err
	}},
	{"SignIn", func(t *testing.T, h *house) any {
		code, _, err := h.CreateLink(t.Context())
		require.NoError(t, err)
		return code
	}, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		_, _, err := m.SignIn(t.Context(), prepared.(paycor.Secret), "", "")
		return err
	}},
	{"SignOut", func(t *testing.T, h *house) any {
		code, _, err := h.CreateLink(t.Context())
		require.NoError(t, err)
		handle, _, err := h.SignIn(t.Context(), code, "", "")
		require.NoError(t, err)
		return handle
	}, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		return m.SignOut(t.Context(), prepared.(paycor.Secret), "", "")
	}},
	{"DenyRequest", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.DenyRequest(t.Context(), someone(), "foreign_origin")
	}},
	{"Credentials without the right", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(someone()).Credentials(t.Context(), paycor.Query{})
		return err
	}},
	{"Hosts without the right", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(someone()).Hosts(t.Context())
		return err
	}},
	{"UpdateHost", registered, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(everyRight()).UpdateHost(t.Context(), "console", embed.HostPatch{Name: ptr("Other")}, "")
		return err
	}},
	{"Delete what is not there", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.As(everyRight()).Delete(t.Context(), "cred_aaaaaaaaaaaaaaaaaaaaaaaaaa", "")
	}},
}

func unknownSecret() paycor.RotateRequest {
	return paycor.RotateRequest{ClientSecret: paycor.NewSecret("another/secret+of/nobody/0000000000000001"), KeepPending: true}
}

// rotatedOnce begins a rotation whose new secret waits.
func rotatedOnce(t *testing.T, h *house) any {
	_, err := h.As(everyRight()).Rotate(t.Context(), h.first(t), unknownSecret(), nil)
	require.NoError(t, err)
	return nil
}

// rotatedAndTaken begins a rotation whose new secret Paycor takes.
func rotatedAndTaken(t *testing.T, h *house) any {
	_, err := h.As(everyRight()).Activate(t.Context(), h.first(t), paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(h.app.IssueRefreshToken())}, nil)
	require.NoError(t, err)
	h.change(newSecret)
	rotated, err := h.As(everyRight()).Rotate(t.Context(), h.first(t), rotateTo(newSecret), nil)
	require.NoError(t, err)
	require.True(t, rotated.Promoted)
	return nil
}

func newSigningSite(t *testing.T) env.Site { return env.NewSite(t, time.Now) }

// registered registers a host, and returns a request with a good token of it.
func registered(t *testing.T, h *house) any {
	host := newSigningSite(t)
	_, err := h.As(everyRight()).AddHost(t.Context(), host.Draft())
	require.NoError(t, err)
	return host.Request(t, nil)
}

// vouched is somebody whom a provider signed in.
func vouched() session.SignIn {
	return session.SignIn{Issuer: "https://login.example", Subject: "bea", SID: "s1", Name: "Bea", Workspace: "default", Rights: paycor.AllRights(), Hint: paycor.NewSecret("an ID token")}
}

// signedIn opens a session, and returns its handle.
func signedIn(t *testing.T, h *house) any {
	handle, _, err := h.OpenSession(t.Context(), vouched())
	require.NoError(t, err)
	return handle
}

func firstSession(t *testing.T, m *backend.Backend) string {
	t.Helper()
	sessions, err := m.Operator("").AllSessions(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, sessions)
	return sessions[0].ID
}

// first returns the id of the house's credential.
func (h *house) first(t *testing.T) string {
	t.Helper()
	page, err := h.As(everyRight()).Credentials(t.Context(), paycor.Query{})
	require.NoError(t, err)
	require.Len(t, page.Credentials, 1)
	return page.Credentials[0].ID
}

// Where the audit trail cannot be written, nothing is done: after every act
// that changes or uses something, every row is as it was.
func TestWithoutTheTrailNoRowChanges(t *testing.T) {
	for _, act := range failClosed {
		t.Run(act.name, func(t *testing.T) {
			h := newHouse(t, paycortest.HarborLogistics)
			id := h.saved(t).ID
			var ready any
			if act.prepare != nil {
				ready = act.prepare(t, h)
			}
			path := filepath.Join(h.directory, "test.db")
			before := rows(t, path)
			require.ErrorIs(t, act.do(t, h.deaf(t), id, ready), errBrokenTrail)
			assert.Equal(t, before, rows(t, path))
		})
	}
}

func TestEveryActIsWalked(t *testing.T) {
	walked := map[string]bool{}
	for _, act := range failClosed {
		method, _, _ := strings.Cut(act.name, " ")
		walked[method] = true
	}
	for _, kind := range []reflect.Type{reflect.TypeFor[api.Service](), reflect.TypeFor[*backend.Backend]()} {
		for i := range kind.NumMethod() {
			name := kind.Method(i).Name
			assert.True(t, walked[name] || slices.Contains(harmless, name), "%s of %s: walk it in failClosed, or say that it is harmless", name, kind)
		}
	}
}

// An access token that is not written down is not handed out.
func TestATokenIsNotKeptWithoutItsEntry(t *testing.T) {
	h := newHouse(t, paycortest.SunriseBakery)
	id := h.saved(t).ID
	path := filepath.Join(h.directory, "test.db")
	before := rows(t, path)
	_, err := h.deaf(t).TokenSource().FreshToken(t.Context(), tokens.Key{Workspace: "default", Credential: id})
	require.ErrorIs(t, err, errBrokenTrail)
	assert.Equal(t, before, rows(t, path))
}

// A call that is refused is answered only when that is written down.
func TestARefusedCallNeedsItsEntry(t *testing.T) {
	h := newHouse(t, paycortest.SunriseBakery)
	id := h.saved(t).ID
	_, err := h.deaf(t).CredentialSource().UpstreamCredentials(t.Context(), someone(paycor.RightView), id, http.MethodGet)
	require.ErrorIs(t, err, errBrokenTrail)
}

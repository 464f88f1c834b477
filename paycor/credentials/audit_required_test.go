package credentials_test

import (
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
	"paycorcred/paycor/notification"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/session"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
)

// readOnly are the methods of api.Service and of the backend that neither change nor
// use anything, and so record nothing unless they are denied. Every other method
// needs a case below: TestEveryActionIsCovered fails for a method in neither list.
var readOnly = []string{
	"Environments", "Credentials", "CredentialCounts", "Credential", "Applications", "Application", "ActivationLinks", "Invitation", "History", "Audit", "Consumers", "Duplicates", "Usage", "ApplicationUsage", "Hosts", "Channels", "ChannelDeliveries", "Sessions", "AllSessions", "CurrentSession", "Health", // of api.Service
	"As", "Operator", "AuthorizeMetrics", "AuthorizeHealth", "Inventory", "Streams", "Available", "Waiting", "Ready", "Changes", "CallerBySession", "CallerByToken", "LogHeads", "WarnUnconfiguredEnvironments", // of the backend
	"CallerByEmbedding", "EmbeddingHost", "ExamineEmbedding", "ProviderHint", "Authorize", "AuthorizeShared", "AuthorizeWorkspace", "MaySeeChange", "ForgetIdle", "Busy",
	"Run", "Close", "Drain", "Flush", "FlushDenials", "Touch",
	"Observe", "Publish", "Deliver", "Miss", // within the process only, and from other servers
	"Deny", "DenyCredential", "NotFound", // covered by DenyRequest and by actions without the right
	"UseSession",            // only stores when a session was last used
	"CredentialSource",      // calls are counted; for a denial see TestDeniedCallNeedsItsEntry
	"CallFinished", "Count", // in memory; for a failing flush see meter.TestBrokenTrailDeniesCalls
	"TokenSource", // see TestTokenNeedsItsEntry
	"VerifySaved", // covered by Verify
}

// rows returns every row of a database, without the leases of token exchanges, which
// a process acquires for a minute.
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
				if !strings.HasPrefix(column, "lease_") && column != "exchange_started_at" {
					line += fmt.Sprintf(" %s=%v", column, values[i])
				}
			}
			if !strings.HasSuffix(line, " epoch=0 expires_at= renew_at= rejected_at= refresh_token_error=") { // the row of a lease only
				all = append(all, line)
			}
		}
		require.NoError(t, found.Err())
	}
	slices.Sort(all)
	require.NotEmpty(t, all)
	return all
}

// withBrokenTrail returns a backend over the simulation's store that cannot write
// the audit trail. Its clock is ahead of the real one.
func withBrokenTrail(t *testing.T, s *env.Simulation, ahead time.Duration) *backend.Backend {
	t.Helper()
	broken := s.Reopen(t, env.Options{
		WrapStore: func(inner store.Store) store.Store { return env.BrokenTrail{Store: inner} },
		Change: func(c *backend.Config) {
			c.Clock = func() time.Time { return time.Now().Add(ahead) }
			c.Elapsed = func() time.Duration { return time.Hour }
			c.Environments = []paycor.Environment{
				{Name: "test", APIURL: s.Paycor.URL, AuthorizeURL: s.Paycor.URL + "/AppActivation/Authorize", Peer: "mirror"},
				{Name: "mirror", APIURL: s.Paycor.URL, Peer: "test"},
			}
		},
	})
	return broken
}

// action is one action on a backend that cannot write the audit trail. prepare runs
// before, on one that can, and its result is passed to do.
type action struct {
	name    string // of the method, and after a space the variant
	prepare func(t *testing.T, h *env.Simulation) any
	do      func(t *testing.T, broken *backend.Backend, id string, prepared any) error
}

var recorded = []action{
	{"Create", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		other := env.Draft()
		other.Environment = "test"
		_, err := m.As(env.Administrator()).Create(t.Context(), other, paycor.CreateOptions{IdempotencyKey: "k"})
		return err
	}},
	{"Update a name", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).Update(t.Context(), id, paycor.Patch{Name: ptr("Other")}, paycor.UpdateOptions{})
		return err
	}},
	{"Update a secret", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).Update(t.Context(), id, paycor.Patch{ClientSecret: ptr(paycor.NewSecret("another/secret+of/nobody/0000000000000001"))}, paycor.UpdateOptions{})
		return err
	}},
	{"ConfirmAddresses", func(t *testing.T, s *env.Simulation) any {
		_, err := s.ConfirmAddresses(t.Context(), []paycor.Environment{{Name: "test", APIURL: "https://before.example"}}, nil)
		require.NoError(t, err)
		return nil
	}, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.ConfirmAddresses(t.Context(), []paycor.Environment{{Name: "test", APIURL: "https://after.example"}}, []string{"test"})
		return err
	}},
	{"DenyAltered", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.DenyAltered(t.Context(), &store.AlteredError{Record: store.RecordSession, ID: "s"}, nil)
	}},
	{"RecordAltered", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.RecordAltered(t.Context(), []*store.AlteredError{{Record: store.RecordAPIToken, ID: "t"}})
	}},
	{"Delete", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		return m.As(env.Administrator()).Delete(t.Context(), id, "")
	}},
	{"Verify", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).Verify(t.Context(), id, nil)
		return err
	}},
	{"VerifyDraft", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).VerifyDraft(t.Context(), paycor.VerifyRequest{ID: id, Draft: paycor.Draft{Name: "x"}}, nil)
		return err
	}},
	{"StartActivation", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).StartActivation(t.Context(), id, env.RedirectURI)
		return err
	}},
	{"OpenActivation", func(t *testing.T, h *env.Simulation) any {
		started, err := h.As(env.Administrator()).StartActivation(t.Context(), onlyCredential(t, h), env.RedirectURI)
		require.NoError(t, err)
		return started.Handle
	}, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		_, err := m.OpenActivation(t.Context(), prepared.(paycor.Secret), env.Administrator())
		return err
	}},
	{"CreateActivationLink", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).CreateActivationLink(t.Context(), id)
		return err
	}},
	{"RevokeActivationLink", func(t *testing.T, h *env.Simulation) any {
		return createLink(t, h, env.Administrator(), onlyCredential(t, h)).ID
	}, func(t *testing.T, m *backend.Backend, id string, prepared any) error {
		return m.As(env.Administrator()).RevokeActivationLink(t.Context(), id, prepared.(string))
	}},
	{"StartActivationByLink", func(t *testing.T, h *env.Simulation) any {
		return createLink(t, h, env.Administrator(), onlyCredential(t, h)).Code
	}, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		_, err := m.StartActivationByLink(t.Context(), prepared.(paycor.Secret), visitor("b1"), env.RedirectURI)
		return err
	}},
	{"FinishActivationByLink", func(t *testing.T, h *env.Simulation) any {
		link := createLink(t, h, env.Administrator(), onlyCredential(t, h))
		return consent(t, h.Paycor, visit(t, h, link.Code, "b1"), paycortest.Allow)
	}, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		_, _, err := m.FinishActivationByLink(t.Context(), visitor("b1"), prepared.(paycor.ActivationAnswer))
		return err
	}},
	{"Activate with a refresh token", func(t *testing.T, h *env.Simulation) any { return h.App.IssueRefreshToken() }, func(t *testing.T, m *backend.Backend, id string, prepared any) error {
		_, err := m.As(env.Administrator()).Activate(t.Context(), id, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(prepared.(string))}, nil)
		return err
	}},
	{"Activate in the browser", func(t *testing.T, h *env.Simulation) any {
		begun, err := h.As(env.Administrator()).StartActivation(t.Context(), onlyCredential(t, h), env.RedirectURI)
		require.NoError(t, err)
		return consent(t, h.Paycor, opened(t, h, env.Administrator(), begun), paycortest.Allow)
	}, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		_, err := m.As(env.Administrator()).Activate(t.Context(), "", prepared.(paycor.ActivationAnswer), nil)
		return err
	}},
	{"Activate with an unknown state", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(env.Administrator()).Activate(t.Context(), "", paycor.ActivationAnswer{State: paycor.NewSecret("none"), Code: paycor.NewSecret("c")}, nil)
		return err
	}},
	{"ExportAudit", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.As(env.Administrator()).ExportAudit(t.Context(), audit.Query{}, 0, func(audit.Line) error {
			t.Error("a line was handed out")
			return nil
		})
	}},
	{"CreateConsumer", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(env.Administrator()).CreateConsumer(t.Context(), consumer.Draft{Name: "n", Rights: paycor.Rights{paycor.RightView}})
		return err
	}},
	{"RevokeConsumer", func(t *testing.T, h *env.Simulation) any {
		made, err := h.As(env.Administrator()).CreateConsumer(t.Context(), consumer.Draft{Name: "n", Rights: paycor.Rights{paycor.RightView}})
		require.NoError(t, err)
		return made.ID
	}, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		return m.As(env.Administrator()).RevokeConsumer(t.Context(), prepared.(string))
	}},
	{"Rotate", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).Rotate(t.Context(), id, unknownSecret(), nil)
		return err
	}},
	{"EndRotation", startRotation, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).EndRotation(t.Context(), id)
		return err
	}},
	{"RotateBack", completeRotation, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).RotateBack(t.Context(), id, false, nil)
		return err
	}},
	{"RotateBack anyway", completeRotation, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).RotateBack(t.Context(), id, true, nil)
		return err
	}},
	{"DiscardExpiredSecrets", func(t *testing.T, h *env.Simulation) any {
		completeRotation(t, h)
		return 2 * time.Hour // by which the clock is ahead then
	}, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.DiscardExpiredSecrets(t.Context())
	}},
	{"TryPeerEnvironment", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).TryPeerEnvironment(t.Context(), paycor.VerifyRequest{ID: id, Draft: paycor.Draft{Name: "x"}})
		return err
	}},
	{"Share", nil, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).Share(t.Context(), id, &paycor.Sharing{Groups: []string{"payroll"}}, "")
		return err
	}},
	{"Share with everybody", func(t *testing.T, h *env.Simulation) any {
		_, err := h.As(env.Administrator()).Share(t.Context(), onlyCredential(t, h), &paycor.Sharing{Groups: []string{"payroll"}}, "")
		require.NoError(t, err)
		return nil
	}, func(t *testing.T, m *backend.Backend, id string, _ any) error {
		_, err := m.As(env.Administrator()).Share(t.Context(), id, nil, "")
		return err
	}},
	{"AddHost", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(env.Administrator()).AddHost(t.Context(), newSigningSite(t).Draft())
		return err
	}},
	{"RemoveHost", registerSite, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.As(env.Administrator()).RemoveHost(t.Context(), "console")
	}},
	{"AddTenant", registerSite, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.AddTenant(t.Context(), rights.Operator(""), "console", embed.Tenant{ID: "acme", Workspace: "acme"})
		return err
	}},
	{"AddTenant by an administrator", registerSite, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.AddTenant(t.Context(), env.Administrator(), "console", embed.Tenant{ID: "acme", Workspace: "acme"})
		return err
	}},
	{"ReplaceTenant", registerTenant, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.ReplaceTenant(t.Context(), rights.Operator(""), "console", embed.Tenant{ID: "acme", Workspace: "birch"})
		return err
	}},
	{"RemoveTenant", registerTenant, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.RemoveTenant(t.Context(), rights.Operator(""), "console", "acme")
	}},
	{"AddChannel", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(env.Administrator()).AddChannel(t.Context(), someChannel())
		return err
	}},
	{"UpdateChannel", addChannel, func(t *testing.T, m *backend.Backend, _ string, channel any) error {
		_, err := m.As(env.Administrator()).UpdateChannel(t.Context(), channel.(string), notification.Patch{Name: ptr("Other")}, "")
		return err
	}},
	{"ReplaceChannelSecret", addChannel, func(t *testing.T, m *backend.Backend, _ string, channel any) error {
		_, err := m.As(env.Administrator()).ReplaceChannelSecret(t.Context(), channel.(string))
		return err
	}},
	{"RemoveChannel", addChannel, func(t *testing.T, m *backend.Backend, _ string, channel any) error {
		return m.As(env.Administrator()).RemoveChannel(t.Context(), channel.(string))
	}},
	{"TestChannel", addChannel, func(t *testing.T, m *backend.Backend, _ string, channel any) error {
		_, err := m.As(env.Administrator()).TestChannel(t.Context(), channel.(string))
		return err
	}},
	{"ReplayDelivery", addDelivery, func(t *testing.T, m *backend.Backend, _ string, delivery any) error {
		made := delivery.(notification.Delivery)
		_, err := m.As(env.Administrator()).ReplayDelivery(t.Context(), made.Channel, made.ID)
		return err
	}},
	{"AddHost from inside a frame", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		framed := env.Administrator()
		framed.Kind = paycor.CallerEmbedded
		_, err := m.As(framed).AddHost(t.Context(), newSigningSite(t).Draft())
		return err
	}},
	{"Exchange", registerSite, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		_, err := m.Exchange(t.Context(), prepared.(embed.Request))
		return err
	}},
	{"CreateOneTimeToken", func(t *testing.T, h *env.Simulation) any {
		registerSite(t, h)
		made, err := h.As(env.Administrator()).CreateConsumer(t.Context(), consumer.Draft{Name: "n", Rights: paycor.Rights{paycor.RightEmbed}})
		require.NoError(t, err)
		caller, err := h.CallerByToken(t.Context(), made.Token)
		require.NoError(t, err)
		return caller
	}, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		_, err := m.CreateOneTimeToken(t.Context(), prepared.(paycor.Caller), embed.OneTimeTokenDraft{
			Host: "console", Origin: env.SiteOrigin, Person: embed.Person{Subject: "ann"}, Rights: paycor.Rights{paycor.RightView},
		})
		return err
	}},
	{"OpenSession", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, _, err := m.OpenSession(t.Context(), signIn())
		return err
	}},
	{"OpenSession replacing another", openSession, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		again := signIn()
		again.Replaces = prepared.(paycor.Secret)
		_, _, err := m.OpenSession(t.Context(), again)
		return err
	}},
	{"EndProviderSessions", openSession, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.EndProviderSessions(t.Context(), session.SignOut{Issuer: signIn().Issuer, Subject: signIn().Subject, Until: time.Now().Add(time.Hour)}, "", "")
		return err
	}},
	{"EndSession", openSession, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.As(env.Administrator()).EndSession(t.Context(), firstSession(t, m))
	}},
	{"EndSession of others without the right", openSession, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.As(env.Person(paycor.RightView)).EndSession(t.Context(), firstSession(t, m))
	}},
	{"CreateLink", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, _, err := m.CreateLink(t.Context())
		return err
	}},
	{"SignIn", func(t *testing.T, h *env.Simulation) any {
		code, _, err := h.CreateLink(t.Context())
		require.NoError(t, err)
		return code
	}, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		_, _, err := m.SignIn(t.Context(), prepared.(paycor.Secret), "", "")
		return err
	}},
	{"SignOut", func(t *testing.T, h *env.Simulation) any {
		code, _, err := h.CreateLink(t.Context())
		require.NoError(t, err)
		handle, _, err := h.SignIn(t.Context(), code, "", "")
		require.NoError(t, err)
		return handle
	}, func(t *testing.T, m *backend.Backend, _ string, prepared any) error {
		return m.SignOut(t.Context(), prepared.(paycor.Secret), "", "")
	}},
	{"DenyRequest", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.DenyRequest(t.Context(), env.Person(), "foreign_origin")
	}},
	{"Credentials without the right", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(env.Person()).Credentials(t.Context(), paycor.Query{})
		return err
	}},
	{"Hosts without the right", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(env.Person()).Hosts(t.Context())
		return err
	}},
	{"UpdateHost", registerSite, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		_, err := m.As(env.Administrator()).UpdateHost(t.Context(), "console", embed.HostPatch{Name: ptr("Other")}, "")
		return err
	}},
	{"Delete an unknown credential", nil, func(t *testing.T, m *backend.Backend, _ string, _ any) error {
		return m.As(env.Administrator()).Delete(t.Context(), "cred_aaaaaaaaaaaaaaaaaaaaaaaaaa", "")
	}},
}

func unknownSecret() paycor.RotateRequest {
	return paycor.RotateRequest{ClientSecret: paycor.NewSecret("another/secret+of/nobody/0000000000000001"), KeepPending: true}
}

// startRotation starts a rotation whose new secret stays pending.
func startRotation(t *testing.T, h *env.Simulation) any {
	_, err := h.As(env.Administrator()).Rotate(t.Context(), onlyCredential(t, h), unknownSecret(), nil)
	require.NoError(t, err)
	return nil
}

// completeRotation rotates to a new secret that Paycor accepts.
func completeRotation(t *testing.T, h *env.Simulation) any {
	_, err := h.As(env.Administrator()).Activate(t.Context(), onlyCredential(t, h), paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(h.App.IssueRefreshToken())}, nil)
	require.NoError(t, err)
	h.ChangeSecret(newSecret)
	rotated, err := h.As(env.Administrator()).Rotate(t.Context(), onlyCredential(t, h), rotateTo(newSecret), nil)
	require.NoError(t, err)
	require.True(t, rotated.Promoted)
	return nil
}

func newSigningSite(t *testing.T) env.Site { return env.NewSite(t, time.Now) }

// registerSite registers a site and returns a request with a valid token of it.
func registerSite(t *testing.T, h *env.Simulation) any {
	host := newSigningSite(t)
	_, err := h.As(env.Administrator()).AddHost(t.Context(), host.Draft())
	require.NoError(t, err)
	return host.Request(t, nil)
}

// registerTenant registers a site with a tenant.
func registerTenant(t *testing.T, h *env.Simulation) any {
	registerSite(t, h)
	_, err := h.AddTenant(t.Context(), rights.Operator(""), "console", embed.Tenant{ID: "acme", Workspace: "acme"})
	require.NoError(t, err)
	return nil
}

func someChannel() notification.Draft {
	return notification.Draft{Name: "Operations", Address: "http://127.0.0.1:1/", Language: "en", Filter: notification.Filter{Kinds: notification.Kinds()}}
}

// addChannel adds a notification channel and returns its ID.
func addChannel(t *testing.T, h *env.Simulation) any {
	added, err := h.As(env.Administrator()).AddChannel(t.Context(), someChannel())
	require.NoError(t, err)
	return added.ID
}

// addDelivery returns a delivery to a channel, which failed.
func addDelivery(t *testing.T, h *env.Simulation) any {
	sent, err := h.As(env.Administrator()).TestChannel(t.Context(), addChannel(t, h).(string))
	require.NoError(t, err)
	return sent
}

// signIn is a person an identity provider vouches for.
func signIn() session.SignIn {
	return session.SignIn{Issuer: "https://login.example", Subject: "bea", SID: "s1", Name: "Bea", Workspace: "default", Rights: paycor.AllRights(), Hint: paycor.NewSecret("an ID token")}
}

// openSession opens a session and returns its handle.
func openSession(t *testing.T, h *env.Simulation) any {
	handle, _, err := h.OpenSession(t.Context(), signIn())
	require.NoError(t, err)
	return handle
}

func firstSession(t *testing.T, m *backend.Backend) string {
	t.Helper()
	sessions, err := m.Operator("").AllSessions(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, sessions.Sessions)
	return sessions.Sessions[0].ID
}

// onlyCredential returns the id of the simulation's credential.
func onlyCredential(t *testing.T, h *env.Simulation) string {
	t.Helper()
	page, err := h.As(env.Administrator()).Credentials(t.Context(), paycor.Query{})
	require.NoError(t, err)
	require.Len(t, page.Credentials, 1)
	return page.Credentials[0].ID
}

// While the audit trail cannot be written, nothing changes: every action fails and
// leaves every row of the database as it was.
func TestNoRowChangesWithoutTheTrail(t *testing.T) {
	for _, action := range recorded {
		t.Run(action.name, func(t *testing.T) {
			h := env.Simulate(t, paycortest.HarborLogistics)
			id := h.Create(t).ID
			var ready any
			if action.prepare != nil {
				ready = action.prepare(t, h)
			}
			path := filepath.Join(h.Directory, "test.db")
			before := rows(t, path)
			ahead, _ := ready.(time.Duration)
			require.ErrorIs(t, action.do(t, withBrokenTrail(t, h, ahead), id, ready), env.ErrBrokenTrail)
			assert.Equal(t, before, rows(t, path))
		})
	}
}

func TestEveryActionIsCovered(t *testing.T) {
	covered := map[string]bool{}
	for _, action := range recorded {
		method, _, _ := strings.Cut(action.name, " ")
		covered[method] = true
	}
	for _, kind := range []reflect.Type{reflect.TypeFor[api.Service](), reflect.TypeFor[*backend.Backend]()} {
		for i := range kind.NumMethod() {
			name := kind.Method(i).Name
			assert.True(t, covered[name] || slices.Contains(readOnly, name), "%s of %s: add a case to recorded, or list it in readOnly", name, kind)
		}
	}
}

// An access token without an audit entry is neither stored nor returned.
func TestTokenNeedsItsEntry(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved := h.Create(t)
	path := filepath.Join(h.Directory, "test.db")
	before := rows(t, path)
	_, err := withBrokenTrail(t, h, 0).TokenSource().FreshToken(t.Context(), env.TokenKey(saved))
	require.ErrorIs(t, err, env.ErrBrokenTrail)
	assert.Equal(t, before, rows(t, path))
}

// A denied call is answered as denied only once the denial is recorded.
func TestDeniedCallNeedsItsEntry(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	id := h.Create(t).ID
	_, err := withBrokenTrail(t, h, 0).CredentialSource().UpstreamCredentials(t.Context(), env.Person(paycor.RightView), id, http.MethodGet)
	require.ErrorIs(t, err, env.ErrBrokenTrail)
}

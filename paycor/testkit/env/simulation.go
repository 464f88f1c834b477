package env

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
)

// RedirectURI is the redirect URI of activations.
const RedirectURI = "http://localhost:8080/activation/callback"

// Simulation is a backend that calls the Paycor simulator, with one of its
// applications.
type Simulation struct {
	*backend.Backend
	Store     store.Store
	Paycor    *paycortest.Server
	App       *paycortest.Application
	Log       *testkit.Log
	Directory string // of the database
}

// Options configure a process of a Simulation.
type Options struct {
	Transport http.RoundTripper             // nil means one without keep-alive
	WrapStore func(store.Store) store.Store // nil leaves the store as it is
	Log       *testkit.Log                  // nil discards
	Change    func(*backend.Config)         // may be nil
	Database  string                        // URL of a PostgreSQL database, whose key is in the directory; empty means SQLite
}

// Simulate returns a simulation with an application of the simulator. It closes
// with the test.
func Simulate(t testing.TB, application string, change ...func(*backend.Config)) *Simulation {
	t.Helper()
	server := paycortest.Start(t, paycortest.Config{RatePerMinute: -1})
	s := &Simulation{Paycor: server, App: server.Lookup(application), Log: &testkit.Log{}, Directory: t.TempDir()}
	var err error
	s.Backend, s.Store, err = Open(context.Background(), s.Directory, server.URL, Options{Log: s.Log, Change: func(c *backend.Config) {
		for _, set := range change {
			set(c)
		}
	}})
	require.NoError(t, err)
	s.closeWith(t)
	return s
}

// Open returns a backend over the database of a directory, as another process
// does. Its only environment is "test", at the given address. The caller closes both.
func Open(ctx context.Context, directory, address string, o Options) (*backend.Backend, store.Store, error) {
	opened, err := o.open(ctx, directory)
	if err != nil {
		return nil, nil, err
	}
	if o.Transport == nil {
		transport := upstream.NewTransport(nil)
		transport.DisableKeepAlives = true // each test has its own server
		o.Transport = transport
	}
	if o.Log == nil {
		o.Log = &testkit.Log{}
	}
	logger := slog.New(slog.NewTextHandler(o.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client := upstream.New(upstream.Config{Transport: o.Transport, RetryPause: -1, Logger: logger})
	used := opened
	if o.WrapStore != nil {
		used = o.WrapStore(opened)
	}
	config := backend.Config{
		Store: used, Verify: client.Verify, TokenClient: tokens.NewClient(client), Logger: logger, LastFlush: Timeout,
		Environments: []paycor.Environment{{Name: "test", APIURL: address, AuthorizeURL: address + "/AppActivation/Authorize"}},
	}
	if o.Change != nil {
		o.Change(&config)
	}
	made, err := backend.New(config)
	return made, opened, err
}

// open opens the database as a server does.
func (o Options) open(ctx context.Context, directory string) (store.Store, error) {
	keyFile := filepath.Join(directory, "test.key")
	if o.Database == "" {
		return sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(directory, "test.db"), KeyFile: keyFile})
	}
	return postgres.Open(ctx, postgres.Config{URL: o.Database, KeyFile: keyFile, Readers: 4, Replica: "test"})
}

// Replicas returns simulations of servers on one PostgreSQL database, with one simulator.
// They close with the test.
func Replicas(t testing.TB, application string, count int) []*Simulation {
	t.Helper()
	server, directory := paycortest.Start(t, paycortest.Config{RatePerMinute: -1}), t.TempDir()
	database := prepared.Copy(t)
	require.NoError(t, os.WriteFile(filepath.Join(directory, "test.key"), preparedKey, 0o600))
	replicas := make([]*Simulation, count)
	for i := range replicas {
		s := &Simulation{Paycor: server, App: server.Lookup(application), Log: &testkit.Log{}, Directory: directory}
		var err error
		s.Backend, s.Store, err = Open(context.Background(), directory, server.URL, Options{Log: s.Log, Database: database})
		require.NoError(t, err)
		s.closeWith(t)
		replicas[i] = s
	}
	return replicas
}

// closeWith closes the simulation with the test.
func (s *Simulation) closeWith(t testing.TB) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), Timeout)
		defer cancel()
		assert.NoError(t, s.Close(ctx))
		assert.NoError(t, s.Store.Close())
	})
}

// Reopen returns another backend over the simulation's store. It closes with
// the test.
func (s *Simulation) Reopen(t testing.TB, o Options) *backend.Backend {
	t.Helper()
	made, opened, err := Open(context.Background(), s.Directory, s.Paycor.URL, o)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), Timeout)
		defer cancel()
		assert.NoError(t, made.Close(ctx))
		assert.NoError(t, opened.Close())
	})
	return made
}

// Trail returns the audit trail of the default workspace, newest entry first.
func (s *Simulation) Trail(t testing.TB) []audit.Entry { return Trail(t, s.Store) }

// Draft returns the application's values as a person enters them.
func (s *Simulation) Draft() paycor.Draft { return DraftOf(s.App.Details()) }

// DraftOf returns an application's values as a person enters them.
func DraftOf(details paycortest.Details) paycor.Draft {
	return paycor.Draft{
		Name: details.Name, Environment: "test", ClientID: details.ClientID,
		ClientSecret: paycor.NewSecret(details.ClientSecret), SubscriptionKey: paycor.NewSecret(details.PrimaryKey),
		LegalEntityID: paycor.TypedID(strconv.Itoa(details.Entities[0].ID)), Scope: details.Scopes[0].ID,
	}
}

// Create saves the application's credential without verifying it.
func (s *Simulation) Create(t testing.TB) paycor.Credential {
	t.Helper()
	saved, err := s.As(Administrator()).Create(context.Background(), s.Draft(), paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	return saved.Credential
}

// Activate creates the credential and activates it with a refresh token.
func (s *Simulation) Activate(t testing.TB) paycor.Credential {
	t.Helper()
	activated, err := s.As(Administrator()).Activate(context.Background(), s.Create(t).ID,
		paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(s.App.IssueRefreshToken())}, nil)
	require.NoError(t, err)
	return activated.Credential
}

// Credential returns a credential as it is stored now.
func (s *Simulation) Credential(t testing.TB, id string) paycor.Credential {
	t.Helper()
	found, err := s.As(Administrator()).Credential(context.Background(), id)
	require.NoError(t, err)
	return found
}

// Secrets returns the stored secrets of a credential.
func (s *Simulation) Secrets(t testing.TB, id string) store.Secrets { return Secrets(t, s.Store, id) }

// ChangeSecret changes the Client Secret at Paycor, as the developer portal does,
// and returns the previous one.
func (s *Simulation) ChangeSecret(secret string) (previous string) {
	s.App.Change(func(d *paycortest.Details) { previous, d.ClientSecret = d.ClientSecret, secret })
	return previous
}

// ExpireToken makes the stored access token of a credential expire.
func (s *Simulation) ExpireToken(t testing.TB, id string) {
	t.Helper()
	ExpireToken(t, s.Store, id)
	s.TokenSource().Forget(TokenKey(s.Credential(t, id)))
}

// ExpireToken makes a stored access token expire. A running backend keeps it in
// memory.
func ExpireToken(t testing.TB, in store.Store, id string) {
	t.Helper()
	require.NoError(t, in.Update(context.Background(), func(tx store.Tx) error {
		state, err := tx.TokenState(paycor.DefaultWorkspace, id)
		if err != nil {
			return err
		}
		state.ExpiresAt, state.RenewAt = time.Now().Add(-time.Minute), time.Now().Add(-time.Minute)
		return tx.PutTokenState(paycor.DefaultWorkspace, id, state, nil)
	}))
}

// Secrets returns the stored secrets of a credential.
func Secrets(t testing.TB, from store.Store, id string) (found store.Secrets) {
	t.Helper()
	require.NoError(t, from.View(context.Background(), func(r store.Reader) (err error) {
		found, err = r.Secrets(paycor.DefaultWorkspace, id)
		return err
	}))
	return found
}

// TokenKey identifies the tokens of a credential of the default workspace.
func TokenKey(c paycor.Credential) tokens.Key {
	return tokens.Key{Workspace: paycor.DefaultWorkspace, Application: c.ApplicationID, Credential: c.ID}
}

// Key identifies a credential of the default workspace.
func Key(id string) paycor.CredentialKey {
	return paycor.CredentialKey{Workspace: paycor.DefaultWorkspace, Credential: id}
}

// Package credentials puts the rooms together: it is api.Service on the
// server. It decides who may do what, writes down what was done in the same
// transaction as the change itself, asks Paycor, and tells open pages.
//
// It knows no HTTP of its own: the door (package web) calls it through
// api.Service, and Paycor is asked through apim and oauth.
package credentials

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/events"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/verdicts"
)

// Config is what a Manager is made of.
type Config struct {
	Store            store.Store          // required
	Environments     []paycor.Environment // to choose from; nil means Paycor's own two
	Verify           VerifyFunc           // asks Paycor; required
	TokenClient      *tokens.Client       // gets tokens from Paycor; required
	Look             Look                 // finds out what can be read, after a save; nil leaves that to a verification
	TokenTimeout     time.Duration        // of one exchange; 0 means 45 s
	TokenLease       time.Duration        // how long a process may be about an exchange; 0 means TokenTimeout and 15 s
	Clock            func() time.Time     // nil means time.Now
	Logger           *slog.Logger         // nil discards
	MaxVerifications int                  // verifications at once, a quarter of them of one caller; 0 means 32
	Observer         Observer             // learns what use reveals about a credential; may be nil

	Recorder   *trail.Recorder    // required
	Authorizer *rights.Authorizer // required
	Events     *events.Broker     // required

	// Available returns an error to answer where no call to Paycor may be made,
	// because calls cannot be counted. nil means that calls always may.
	Available func() error

	// Exchanged and Verified are told what came of asking Paycor for a token and
	// of each verification, for counting. They must not block; nil tells nobody.
	OnExchange, OnVerification func(environment string, outcome verdicts.Outcome)
}

// Manager is the server's side of every service. It is safe for concurrent
// use.
type Manager struct {
	config              Config
	changes             *events.Broker
	recorder            *trail.Recorder
	authorizer          *rights.Authorizer
	verdictCache        verdictCache
	tokens              *tokens.Source
	verifications       *quota.Quota // of verifications under way
	upstreamCredentials credentialCache

	running    context.Context // of what goes on behind an answer; ended by Drain
	stop       context.CancelFunc
	background sync.WaitGroup
}

// New returns a manager.
func New(config Config) (*Manager, error) {
	if config.Store == nil || config.Verify == nil || config.TokenClient == nil || config.Recorder == nil || config.Authorizer == nil || config.Events == nil {
		return nil, errors.New("credentials: Config needs Store, Verify, TokenClient, Recorder, Authorizer and Events")
	}
	if config.Environments == nil {
		config.Environments = paycor.Environments()
	}
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.OnExchange == nil {
		config.OnExchange = func(string, verdicts.Outcome) {}
	}
	if config.Available == nil {
		config.Available = func() error { return nil }
	}
	if config.Observer == nil {
		config.Observer = noObserver{}
	}
	if config.OnVerification == nil {
		config.OnVerification = func(string, verdicts.Outcome) {}
	}
	if config.MaxVerifications == 0 {
		config.MaxVerifications = 32
	}
	m := &Manager{
		config:        config,
		changes:       config.Events,
		recorder:      config.Recorder,
		authorizer:    config.Authorizer,
		verdictCache:  verdictCache{clock: config.Clock},
		verifications: newVerificationQuota(config.MaxVerifications),
	}
	m.running, m.stop = context.WithCancel(context.Background())
	m.changes.Observe(func(workspace string, change events.Change) {
		key := tokens.Key{Workspace: workspace, Credential: change.ID}
		m.upstreamCredentials.forget(key)
		config.Observer.Forget(key)
	})
	m.tokens = tokens.NewSource(tokens.Config{
		Client: config.TokenClient, Store: tokenStore{m}, Clock: config.Clock, Timeout: config.TokenTimeout, Lease: config.TokenLease,
	})
	return m, nil
}

// TokenSource returns the access tokens of saved credentials. It does not
// authorize: its callers do.
func (m *Manager) TokenSource() *tokens.Source { return m.tokens }

// Drain stops background work and waits for token exchanges under way. The store
// has to stay open until then, or a refresh token that Paycor just issued is lost.
// Nothing may be called afterwards.
func (m *Manager) Drain(ctx context.Context) error {
	m.stop()
	m.background.Wait() // its context has ended
	return m.tokens.Drain(ctx)
}

// CallerCredentials is what one caller can do with credentials.
type CallerCredentials = service

// As returns what one caller can do with credentials.
func (m *Manager) As(caller paycor.Caller) *CallerCredentials {
	return &service{Manager: m, caller: caller}
}

// Run runs the background job until ctx ends: it discards the secrets that
// rotations kept for long enough.
func (m *Manager) Run(ctx context.Context) {
	var group sync.WaitGroup
	defer group.Wait()
	group.Go(func() {
		m.repeat(ctx, "destroying what rotations kept", func() (time.Duration, error) { return time.Minute, m.DiscardExpiredSecrets(ctx) })
	})
}

// repeat calls do until ctx ends, and waits in between as long as it says.
func (m *Manager) repeat(ctx context.Context, what string, do func() (time.Duration, error)) {
	for {
		wait, err := do()
		if err != nil && ctx.Err() == nil {
			m.config.Logger.Error(what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// now is the time as it is stored: UTC, to the millisecond.
func (m *Manager) now() time.Time { return m.config.Clock().UTC().Truncate(time.Millisecond) }

// service is the Manager bound to one caller.
type service struct {
	*Manager
	caller paycor.Caller
}

// Package credentials saves, verifies, activates and rotates credentials, and
// hands out what it takes to call Paycor through one.
//
// Each change is authorized first (package rights), written in one transaction with
// its audit entry, and then published to open pages (package events). Package
// upstream asks Paycor; package tokens exchanges and refreshes access tokens over
// the store that this package gives it. Service is the part without a caller, and
// CallerCredentials what one caller can do.
//
// Verification after a save does not undo it: a credential is stored in any case
// and carries the verdict. A rotation stores the new secret beside the current one,
// probes it, and promotes it in one transaction, so a server killed at any step
// loses neither.
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

// Config configures a Service.
type Config struct {
	Store            store.Store          // required
	Environments     []paycor.Environment // to choose from; nil means Paycor's own two
	Verify           VerifyFunc           // verifies a credential with Paycor; required
	ProbeAccess      ProbeFunc            // probes data access after a save; nil leaves that to verifications
	TokenClient      *tokens.Client       // exchanges and refreshes access tokens; required
	TokenTimeout     time.Duration        // for one token exchange; 0 means 45 s
	TokenLease       time.Duration        // how long one process holds a credential's exchange; 0 means TokenTimeout and 15 s
	Clock            func() time.Time     // nil means time.Now
	Logger           *slog.Logger         // nil discards
	MaxVerifications int                  // concurrent verifications, a quarter of them for one caller; 0 means 32
	Observer         Observer             // learns what use reveals about a credential; may be nil

	Recorder   *trail.Recorder    // required
	Authorizer *rights.Authorizer // required
	Events     *events.Broker     // required

	// Available returns an error to answer where no call to Paycor may be made,
	// because calls cannot be counted. nil means that calls always may.
	Available func() error

	// OnExchange and OnVerification are told the outcome of each token exchange
	// and of each verification, for metrics. They must not block.
	OnExchange, OnVerification func(environment string, outcome verdicts.Outcome)
}

// Service manages credentials. It is safe for concurrent use.
type Service struct {
	config              Config
	changes             *events.Broker
	recorder            *trail.Recorder
	authorizer          *rights.Authorizer
	verdictCache        verdictCache
	tokens              *tokens.Source
	verifications       *quota.Quota // of running verifications
	upstreamCredentials credentialCache

	running    context.Context // of background work; Drain cancels it
	stop       context.CancelFunc
	background sync.WaitGroup
}

// New returns a service. Call Drain before closing the store.
func New(config Config) (*Service, error) {
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
	m := &Service{
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
func (s *Service) TokenSource() *tokens.Source { return s.tokens }

// Drain stops background work and waits for token exchanges under way. The store
// has to stay open until then, or a refresh token that Paycor just issued is lost.
// Nothing may be called afterwards.
func (s *Service) Drain(ctx context.Context) error {
	s.stop()
	s.background.Wait() // its context has ended
	return s.tokens.Drain(ctx)
}

// Run runs the background job until ctx ends: it discards the secrets that
// rotations kept for long enough.
func (s *Service) Run(ctx context.Context) {
	var group sync.WaitGroup
	defer group.Wait()
	group.Go(func() {
		s.repeat(ctx, "discarding secrets that rotations kept", func() (time.Duration, error) { return time.Minute, s.DiscardExpiredSecrets(ctx) })
	})
}

// repeat calls do until ctx ends, waiting as long as do says in between.
func (s *Service) repeat(ctx context.Context, what string, do func() (time.Duration, error)) {
	for {
		wait, err := do()
		if err != nil && ctx.Err() == nil {
			s.config.Logger.Error(what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// now returns the time as the store keeps it: UTC, in milliseconds.
func (s *Service) now() time.Time { return s.config.Clock().UTC().Truncate(time.Millisecond) }

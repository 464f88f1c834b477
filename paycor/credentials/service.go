package credentials

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/clock"
	"paycorcred/paycor/events"
	"paycorcred/paycor/quota"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/verdicts"
)

// Config configures a Service.
type Config struct {
	Store            store.Scope[Reader, Tx]                      // required
	Version          func(context.Context) (store.Version, error) // of the store, for caching what calls need; required
	Fingerprint      func(purpose string, data []byte) []byte     // keyed digest; see store.Store; required
	Environments     []paycor.Environment                         // to choose from; nil means Paycor's own two
	Verify           VerifyFunc                                   // verifies a credential with Paycor; required
	ProbeAccess      ProbeFunc                                    // probes data access after a save; nil leaves that to verifications
	TokenClient      *tokens.Client                               // exchanges and refreshes access tokens; required
	TokenTimeout     time.Duration                                // for one token exchange; 0 means 45 s
	TokenLease       time.Duration                                // how long one process holds a credential's exchange; 0 means TokenTimeout and 15 s
	Clock            func() time.Time                             // nil means time.Now
	Logger           *slog.Logger                                 // nil discards
	MaxVerifications int                                          // concurrent verifications, a quarter of them for one caller; 0 means 32
	Observer         Observer                                     // is notified of what calls reveal about a credential; may be nil

	Retention  *clock.Retention   // by which kept secrets are deleted; required
	Recorder   *trail.Recorder    // required
	Authorizer *rights.Authorizer // required
	Events     *events.Broker     // required

	// Available returns an error to respond with if calls to Paycor must not be
	// made, because they cannot be counted. nil means that calls are always
	// allowed.
	Available func() error

	// OnExchange and OnVerification are called with the outcome of each token
	// exchange and each verification, for metrics. They must not block.
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
	rejections          rejections // of access tokens

	running    context.Context // of background work; Drain cancels it
	stop       context.CancelFunc
	background sync.WaitGroup
}

// New returns a service. Call Drain before closing the store.
func New(config Config) (*Service, error) {
	if config.Store.View == nil || config.Store.Update == nil || config.Version == nil || config.Fingerprint == nil || config.Verify == nil || config.TokenClient == nil || config.Retention == nil || config.Recorder == nil || config.Authorizer == nil || config.Events == nil {
		return nil, errors.New("credentials: Config needs Store, Version, Fingerprint, Verify, TokenClient, Retention, Recorder, Authorizer and Events")
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
	s := &Service{
		config:        config,
		changes:       config.Events,
		recorder:      config.Recorder,
		authorizer:    config.Authorizer,
		verdictCache:  verdictCache{clock: config.Clock},
		verifications: newVerificationQuota(config.MaxVerifications),
	}
	s.running, s.stop = context.WithCancel(context.Background())
	s.changes.Observe(func(workspace string, change events.Change) {
		key := paycor.CredentialKey{Workspace: workspace, Credential: change.ID}
		s.upstreamCredentials.forget(key)
		config.Observer.Forget(key)
	})
	s.tokens = tokens.NewSource(tokens.Config{
		Client: config.TokenClient, Store: tokenStore{s}, Clock: config.Clock, Timeout: config.TokenTimeout, Lease: config.TokenLease,
	})
	return s, nil
}

// TokenSource returns the access tokens of saved credentials. It does not
// authorize: its callers do.
func (s *Service) TokenSource() *tokens.Source { return s.tokens }

// Drain stops background work and waits for token exchanges in flight. The
// store must stay open until then, or a refresh token that Paycor just issued
// is lost. No other method may be called afterwards.
func (s *Service) Drain(ctx context.Context) error {
	s.stop()
	s.background.Wait() // its context has ended
	return s.tokens.Drain(ctx)
}

// now returns the time at the store's resolution: UTC, in milliseconds.
func (s *Service) now() time.Time { return s.config.Clock().UTC().Truncate(time.Millisecond) }

// Package credentials puts the rooms together: it is api.Service on the
// server. It decides who may do what, writes down what was done in the same
// transaction as the change itself, asks Paycor, and tells open pages.
//
// It knows no HTTP of its own: the door (package web) calls it through
// api.Service, and Paycor is asked through apim and oauth.
package credentials

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/cache"
	"paycorcred/paycor/embed/hosttoken"
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
	SessionIdle      time.Duration        // a session that is not used for so long ends; 0 means an hour
	SessionLimit     time.Duration        // a session ends then whatever is done; 0 means 12 hours
	LastFlush        time.Duration        // how long Drain tries to write down what was used; 0 means 3 s
	Clock            func() time.Time     // nil means time.Now
	Logger           *slog.Logger         // nil discards
	MaxVerifications int                  // verifications at once, a quarter of them of one caller; 0 means 32
	Embed            hosttoken.Config     // how the tokens of embedding hosts are judged
	Observer         Observer             // learns what use reveals about a credential; may be nil

	// PausedUntil tells until when calls through a credential are held back
	// because Paycor failed too often; zero where they are not. nil means that
	// none ever are.
	PausedUntil func(workspace, credential string) time.Time

	// Exchanged and Verified are told what came of asking Paycor for a token and
	// of each verification, for counting. They must not block; nil tells nobody.
	OnExchange, OnVerification func(environment string, outcome verdicts.Outcome)
}

// Manager is the server's side of every service. It is safe for concurrent
// use.
type Manager struct {
	config              Config
	changes             events.Broker
	recorder            *trail.Recorder
	authorizer          *rights.Authorizer
	trail               *trail.Trail
	verdictCache        verdictCache
	tokens              *tokens.Source
	verifications       *quota.Quota // of verifications under way
	judge               *hosttoken.Judge
	known               *cache.Versioned[[sha256.Size]byte, store.APIToken]
	uses                *uses
	upstreamCredentials credentialCache
	seen                sightings

	running    context.Context // of what goes on behind an answer; ended by Drain
	stop       context.CancelFunc
	background sync.WaitGroup
}

// New returns a manager.
func New(config Config) (*Manager, error) {
	if config.Store == nil || config.Verify == nil || config.TokenClient == nil {
		return nil, errors.New("manager needs a Store, a way to Ask and one to Exchange")
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
	if config.PausedUntil == nil {
		config.PausedUntil = func(string, string) time.Time { return time.Time{} }
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
	if config.Embed.Clock == nil {
		config.Embed.Clock = config.Clock
	}
	config.LastFlush = cmp.Or(config.LastFlush, lastFlush)
	config.SessionIdle, config.SessionLimit = cmp.Or(config.SessionIdle, sessionIdle), cmp.Or(config.SessionLimit, sessionLifetime)
	m := &Manager{
		config:        config,
		judge:         hosttoken.New(config.Embed),
		verdictCache:  verdictCache{clock: config.Clock},
		verifications: newVerificationQuota(config.MaxVerifications),
	}
	m.running, m.stop = context.WithCancel(context.Background())
	m.recorder = trail.NewRecorder(config.Clock)
	m.authorizer = rights.New(rights.Config{
		Store: store.ScopeOf[store.SharingReader, trail.Appender](config.Store), Version: config.Store.Version,
		Recorder: m.recorder, Clock: config.Clock,
	})
	m.trail = trail.New(trail.Config{
		Store: store.ScopeOf[trail.Reader, trail.Appender](config.Store), Recorder: m.recorder, Authorizer: m.authorizer, Logger: config.Logger,
	})
	m.changes.Visible = m.authorizer.MaySeeChange
	m.changes.Observe(func(workspace string, change events.Change) {
		key := tokens.Key{Workspace: workspace, Credential: change.ID}
		m.upstreamCredentials.forget(key)
		config.Observer.Forget(key)
	})
	m.tokens = tokens.NewSource(tokens.Config{
		Client: config.TokenClient, Store: tokenStore{m}, Clock: config.Clock, Timeout: config.TokenTimeout, Lease: config.TokenLease,
	})
	m.known, m.uses = newTokenMemory(config.Store), newUses(m)
	return m, nil
}

// Tokens hands out the access tokens of saved credentials. It asks for no
// right: whoever calls it decides who may.
func (m *Manager) Tokens() *tokens.Source { return m.tokens }

// Drain ends what goes on behind answers, waits for token exchanges under way
// and writes down what was used and how many were refused. The store has to
// stay open until then, or a refresh token that Paycor has just given is lost.
// Nothing may be used any more.
func (m *Manager) Drain(ctx context.Context) error {
	m.stop()
	m.background.Wait() // it ends with its context
	err := m.tokens.Drain(ctx)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.config.LastFlush)
	defer cancel()
	if !m.uses.flush(last, true, true) {
		err = errors.Join(err, errors.New("the last uses could not be written down"))
	}
	if denialErr := m.authorizer.FlushDenials(last, true); denialErr != nil {
		err = errors.Join(err, fmt.Errorf("the last refusals could not be written down: %w", denialErr))
	}
	return err
}

// As returns the service of one caller.
func (m *Manager) As(caller paycor.Caller) api.Service {
	return &service{Manager: m, Bound: m.trail.As(caller), caller: caller}
}

// Ready reports whether requests can be served.
func (m *Manager) Ready(ctx context.Context) error {
	return errors.Join(m.config.Store.Ping(ctx), m.Countable())
}

// Run does the periodic work until ctx ends: it writes usage and denials,
// deletes expired records, and discards secrets that rotations no longer keep.
func (m *Manager) Run(ctx context.Context) {
	var group sync.WaitGroup
	defer group.Wait()
	group.Go(func() { m.uses.run(ctx) })
	group.Go(func() {
		m.repeat(ctx, "sweeping what has expired", func() (time.Duration, error) {
			return time.Hour, m.config.Store.Update(ctx, func(tx store.Tx) error {
				m.seen.sweep(m.now().Add(-m.config.SessionIdle))
				return errors.Join(tx.DeleteExpired(m.now()), tx.DeleteUsage(m.now().Add(-keptUses)), tx.DeleteEndedAPITokens(m.now().Add(-keptTokens)))
			})
		})
	})
	group.Go(func() {
		m.repeat(ctx, "writing down how many were refused", func() (time.Duration, error) { return time.Minute, m.authorizer.FlushDenials(ctx, false) })
	})
	group.Go(func() {
		m.repeat(ctx, "destroying what rotations kept", func() (time.Duration, error) { return time.Minute, m.DiscardExpiredSecrets(ctx) })
	})
	group.Go(func() { m.checkpoint(ctx) })
}

// checkpointInterval is how much of what was done last a copy of the database's file
// alone may miss.
const checkpointInterval = time.Minute

// checkpoint brings what was written to the database's own file now and then. It
// does not begin at once: as long as everything a new server has stands in the
// log, a copy without it is empty, and refused for it.
func (m *Manager) checkpoint(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(checkpointInterval):
		m.repeat(ctx, "writing the database's log back", func() (time.Duration, error) { return checkpointInterval, m.config.Store.Checkpoint(ctx) })
	}
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
	trail.Bound
	caller paycor.Caller
}

var _ api.Service = (*service)(nil)

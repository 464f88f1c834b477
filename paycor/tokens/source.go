package tokens

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"paycorcred/paycor"
)

// Defaults of Config.
const (
	defaultTimeout = 45 * time.Second
	leaseMargin    = 15 * time.Second
	defaultRecheck = 5 * time.Second
)

// minRemainingLife is how long a token must still be valid to be returned when
// it cannot be renewed.
const minRemainingLife = 5 * time.Second

var (
	errUnstable = errors.New("the application's values changed on every attempt to read them")
	errBusy     = errors.New("another process holds the lease on this application's tokens and did not finish in time")
)

// Config configures a Source.
type Config struct {
	Client  *Client          // required
	Store   Store            // required
	Clock   func() time.Time // nil means time.Now
	Timeout time.Duration    // of one exchange; 0 means 45 s
	Lease   time.Duration    // must exceed Timeout; 0 means Timeout + 15 s
	Recheck time.Duration    // how long a token in memory is used before the store is read again; 0 means 5 s, negative means no limit
}

// Source returns access tokens from memory, from the store, or from the token
// endpoint, in this order. At most one exchange per application is in flight,
// and all callers share it (see join): a caller that is canceled or times out
// does not cancel it for the others. After a failure, a cooldown keeps callers
// from repeating the exchange. A Source is safe for concurrent use.
type Source struct {
	config   Config
	inflight inflightCount

	mu      sync.Mutex
	entries map[Key]*entry // by application
}

// NewSource returns a Source.
func NewSource(config Config) *Source {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Timeout == 0 {
		config.Timeout = defaultTimeout
	}
	if config.Lease == 0 {
		config.Lease = config.Timeout + leaseMargin
	}
	if config.Recheck == 0 {
		config.Recheck = defaultRecheck
	}
	return &Source{config: config, entries: map[Key]*entry{}}
}

// Token returns an access token. The error is an *upstream.Failure if Paycor
// gave none, ctx's error if ctx ended first, and the store's otherwise.
func (s *Source) Token(ctx context.Context, key Key) (Token, error) {
	return s.token(ctx, key, false)
}

// FreshToken requests a new access token, even during the cooldown after a
// failure. It serves a person who wants to know whether the stored values
// work. The new token becomes the current one.
func (s *Source) FreshToken(ctx context.Context, key Key) (Token, error) {
	return s.token(ctx, key, true)
}

// TokenIgnoringCooldown is Token without the cooldown after a failure.
func (s *Source) TokenIgnoringCooldown(ctx context.Context, key Key) (Token, error) {
	s.mu.Lock()
	if e := s.entries[key.application()]; e != nil {
		e.failure = nil
	}
	s.mu.Unlock()
	return s.token(ctx, key, false)
}

// ProbeToken renews the token of an activated credential with other values than
// the stored ones, such as a new Client Secret, to find out whether they work.
// It stores the tokens it gets: they belong to the same activation, and the
// previous refresh token has been used.
func (s *Source) ProbeToken(ctx context.Context, key Key, with Application) (Token, error) {
	f := &inflightExchange{done: make(chan struct{})}
	s.inflight.start()
	go func() {
		defer s.inflight.finish()
		defer close(f.done)
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.maxExchangeTime())
		defer cancel()
		found, err := s.exchangeUnderLease(detached, key, true, &with)
		f.token, f.err = found.token, err
		s.Forget(key)
	}()
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return Token{}, fmt.Errorf("waiting for a token: %w", ctx.Err())
	}
}

func (s *Source) token(ctx context.Context, key Key, fresh bool) (Token, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Token{}, fmt.Errorf("waiting for a token: %w", err)
		}
		token, exchange, err := s.join(ctx, key, fresh)
		if exchange == nil {
			return token, err
		}
		select {
		case <-exchange.done:
		case <-ctx.Done():
			return Token{}, fmt.Errorf("waiting for a token: %w", ctx.Err())
		}
		if exchange.fresh || !fresh {
			return exchange.token, exchange.err
		}
		// The exchange started before this call and may have used older values.
	}
}

// maxExchangeTime allows another process's lease to expire before our own
// exchange starts.
func (s *Source) maxExchangeTime() time.Duration {
	return s.config.Lease + s.config.Timeout + leaseMargin
}

// RejectToken reports that the API responded to an access token with an empty
// 401. It removes the token if it is still the current one, and reports whether
// calling Token once more is worthwhile.
func (s *Source) RejectToken(ctx context.Context, key Key, access paycor.Secret) (bool, error) {
	again, err := s.config.Store.RejectAccessToken(ctx, key, access)
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[key.application()]; again && e != nil && e.token.Access == access {
		e.token = Token{}
	}
	return again, nil
}

// Forget removes an application from memory because its values changed or it was
// deleted. An exchange in flight continues for its callers.
func (s *Source) Forget(key Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, key.application())
}

// State returns the stored token state of an application.
func (s *Source) State(ctx context.Context, key Key) (State, error) {
	return s.config.Store.Load(ctx, key)
}

// Drain waits until no exchange is in flight, so that the last results are
// stored. If none is in flight, it succeeds even after ctx ended.
func (s *Source) Drain(ctx context.Context) error { return s.inflight.wait(ctx) }

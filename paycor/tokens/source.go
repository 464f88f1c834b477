package tokens

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/upstream"
)

// The zero TokensConfig stands for these.
const (
	defaultTimeout = 45 * time.Second
	leaseMargin    = 15 * time.Second
	defaultRecheck = 5 * time.Second
	shortestPause  = 2 * time.Second
	longestPause   = 30 * time.Second
	longestWait    = 5 * time.Minute // that Paycor can ask for by Retry-After
)

const (
	// A token is renewed so long before its end, at a moment drawn for each, so
	// that tokens given together are not renewed together.
	earliestRenewal, latestRenewal = 120 * time.Second, 60 * time.Second

	// shortestUse is what a token must still last to be handed out when it
	// cannot be renewed.
	shortestUse = 5 * time.Second
)

// Config is what Tokens are made of.
type Config struct {
	Client  *Client          // required
	Store   Store            // required
	Clock   func() time.Time // nil means time.Now
	Timeout time.Duration    // of one exchange; 0 means 45 s
	Lease   time.Duration    // longer than Timeout; 0 means Timeout and 15 s
	Recheck time.Duration    // how long memory is believed before the vault is read again; 0 means 5 s, negative never
}

// Source hands out access tokens: from memory, else from the vault, else from
// the token endpoint. However many ask, one exchange is under way for a
// credential, and it belongs to none of them: who leaves or runs out of time
// takes nothing from the others. A failing endpoint is asked once for all who
// wait, and then left in peace for a while. It is safe for concurrent use.
type Source struct {
	config Config

	inflight inflightCount

	mu      sync.Mutex
	entries map[Key]*entry
}

// entry is what memory knows of one credential.
type entry struct {
	token   Token
	renewAt time.Time
	checked time.Time // when the vault was last read

	failure  error // of the last exchange, until
	retryAt  time.Time
	cooldown time.Duration

	inflight *inflightExchange
}

// inflightExchange is one exchange under way, or whatever else it takes to find a token.
type inflightExchange struct {
	fresh bool // it takes no token that is there already
	done  chan struct{}
	token Token
	err   error
}

// NewSource returns a source of tokens.
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

// Token returns an access token, from wherever one is to be had. The error is
// an *upstream.Failure for what Paycor answered, ctx's own where it ended first,
// and otherwise the vault's.
func (t *Source) Token(ctx context.Context, key Key) (Token, error) { return t.token(ctx, key, false) }

// FreshToken returns an access token that was asked for just now, also during the
// pause after a failure: it is for a person who wants to know whether the
// stored values work. The token is from then on the current one.
func (t *Source) FreshToken(ctx context.Context, key Key) (Token, error) {
	return t.token(ctx, key, true)
}

// TokenIgnoringCooldown is Token, but it does not wait out the pause after a failure.
func (t *Source) TokenIgnoringCooldown(ctx context.Context, key Key) (Token, error) {
	t.mu.Lock()
	if e := t.entries[key]; e != nil {
		e.failure = nil
	}
	t.mu.Unlock()
	return t.token(ctx, key, false)
}

// ProbeToken renews the token of an activated credential with other values than the
// stored ones, such as a new Client Secret, to learn whether they work. Where
// they do, the tokens that come of it are kept: they are of the same
// activation, and the refresh token before is used up.
func (t *Source) ProbeToken(ctx context.Context, key Key, with Application) (Token, error) {
	f := &inflightExchange{done: make(chan struct{})}
	t.inflight.start()
	go func() {
		defer t.inflight.finish()
		defer close(f.done)
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.config.Lease+t.config.Timeout+leaseMargin)
		defer cancel()
		found, err := t.exchangeUnderLease(detached, key, true, &with)
		f.token, f.err = found.token, err
		t.Forget(key)
	}()
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return Token{}, fmt.Errorf("waiting for a token: %w", ctx.Err())
	}
}

func (t *Source) token(ctx context.Context, key Key, fresh bool) (Token, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Token{}, fmt.Errorf("waiting for a token: %w", err)
		}
		token, flight, err := t.join(ctx, key, fresh)
		if flight == nil {
			return token, err
		}
		select {
		case <-flight.done:
		case <-ctx.Done():
			return Token{}, fmt.Errorf("waiting for a token: %w", ctx.Err())
		}
		if flight.fresh || !fresh {
			return flight.token, flight.err
		}
		// It began before the question and may have looked at older values.
	}
}

// join returns what memory has, or the flight to wait for.
func (t *Source) join(ctx context.Context, key Key, fresh bool) (Token, *inflightExchange, error) {
	now := t.config.Clock()
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.entries[key]
	if e == nil {
		e = &entry{}
		t.entries[key] = e
	}
	switch {
	case !fresh && e.fresh(now, t.config.Recheck):
		return e.token, nil, nil
	case !fresh && e.failure != nil && now.Before(e.retryAt):
		if !e.token.Access.IsZero() && now.Add(shortestUse).Before(e.token.ExpiresAt) {
			return e.token, nil, nil // it could not be renewed, and works still
		}
		return Token{}, nil, e.failure
	case e.inflight != nil:
		return Token{}, e.inflight, nil
	}
	e.inflight = &inflightExchange{fresh: fresh, done: make(chan struct{})}
	t.inflight.start()
	go t.run(context.WithoutCancel(ctx), key, e, e.inflight)
	return Token{}, e.inflight, nil
}

// fresh reports whether memory alone can answer.
func (e *entry) fresh(now time.Time, recheck time.Duration) bool {
	return !e.token.Access.IsZero() && now.Before(e.renewAt) && (recheck < 0 || now.Sub(e.checked) < recheck)
}

// run finds a token for all who wait.
func (t *Source) run(ctx context.Context, key Key, e *entry, f *inflightExchange) {
	defer t.inflight.finish()
	// Somebody else's lease may have to end before our own exchange begins.
	ctx, cancel := context.WithTimeout(ctx, t.config.Lease+t.config.Timeout+leaseMargin)
	defer cancel()
	found, err := t.resolve(ctx, key, f.fresh)

	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.config.Clock()
	e.inflight = nil
	switch {
	case err == nil:
		e.token, e.renewAt, e.checked = found.token, found.renewAt, now
		e.failure = nil
		if !found.asked || found.failure == nil {
			e.cooldown = 0
		} else {
			e.startCooldown(found.failure, now)
		}
	case found.asked:
		e.token = Token{}
		e.startCooldown(err, now)
	case t.entries[key] == e:
		delete(t.entries, key) // the vault can be asked again at any time
	}
	f.token, f.err = found.token, err
	close(f.done)
}

// startCooldown begins the pause after a failed exchange, longer each time.
func (e *entry) startCooldown(err error, now time.Time) {
	var wait time.Duration
	if failure, ok := upstream.AsFailure(err); ok {
		wait = min(failure.RetryAfter, longestWait)
	}
	e.cooldown = min(max(2*e.cooldown, shortestPause), longestPause)
	e.failure, e.retryAt = err, now.Add(max(e.cooldown, wait))
}

// RejectToken is told that the API refused an access token with an empty 401. It
// drops the token, if that is still the current one, and reports whether
// Token is worth asking again, which it is once.
func (t *Source) RejectToken(ctx context.Context, key Key, access paycor.Secret) (bool, error) {
	again, err := t.config.Store.RejectAccessToken(ctx, key, access)
	if err != nil {
		return false, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.entries[key]; again && e != nil && e.token.Access == access {
		e.token = Token{}
	}
	return again, nil
}

// Forget makes memory forget a credential: its values were changed, or it is
// gone. An exchange under way goes on for those who wait for it.
func (t *Source) Forget(key Key) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.entries, key)
}

// Drain waits until no exchange is under way, so that what Paycor answers to
// the last of them is still kept. Where there is none, it does not matter that
// ctx has ended.
func (t *Source) Drain(ctx context.Context) error {
	return t.inflight.wait(ctx)
}

// RenewAt returns from when on a token should be renewed: well before it
// ends, and after three quarters of its life where that is short.
func RenewAt(now, expires time.Time) time.Time {
	life := expires.Sub(now)
	early := latestRenewal + rand.N(earliestRenewal-latestRenewal)
	return expires.Add(-min(early, life/4))
}

var errChanging = errors.New("the credential's values changed with every look")

var errBusy = errors.New("another process holds the lease on this credential's tokens and did not finish in time")

// State returns what the vault holds for a credential.
func (t *Source) State(ctx context.Context, key Key) (State, error) {
	return t.config.Store.Load(ctx, key)
}

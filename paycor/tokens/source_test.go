package tokens_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

var key = tokens.Key{Workspace: "w", Application: "a", Credential: "c"}

// endpoint is an in-memory token endpoint that counts requests.
type endpoint struct {
	requests atomic.Int64
	answer   func(n int64, r *http.Request) (int, string, error)
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	n := e.requests.Add(1)
	status, body, err := e.answer(n, r)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// issue responds with a new pair of tokens each time.
func issue(n int64, _ *http.Request) (int, string, error) {
	return 200, fmt.Sprintf(`{"access_token":"access-%d","refresh_token":"refresh-%d","expires_in":1800,"token_type":"Bearer"}`, n, n), nil
}

func fail500(int64, *http.Request) (int, string, error) {
	return 500, `{"statusCode":500,"message":"Internal server error"}`, nil
}

// hang responds only after the caller gives up.
func hang(_ int64, r *http.Request) (int, string, error) {
	<-r.Context().Done()
	return 0, "", r.Context().Err()
}

type fixture struct {
	*tokens.Source
	store    *memoryStore
	endpoint *endpoint
	clock    *testkit.Clock
}

// newFixture returns a Source over a store that holds an expired token.
func newFixture(t testing.TB, grant paycor.Grant, answer func(int64, *http.Request) (int, string, error)) *fixture {
	t.Helper()
	s := &fixture{endpoint: &endpoint{answer: answer}, clock: testkit.NewClock(now)}
	s.store = &memoryStore{state: tokens.State{
		Application: application("http://127.0.0.1:1"), Grant: grant,
		Access: paycor.NewSecret("access-0"), ExpiresAt: now, RenewAt: now.Add(-time.Minute),
	}}
	if grant == paycor.GrantAuthorizationCode {
		s.store.state.Refresh = paycor.NewSecret("refresh-0")
	}
	s.Source = tokens.NewSource(tokens.Config{
		Client: tokens.NewClient(upstream.New(upstream.Config{Transport: s.endpoint, Clock: s.clock.Now})), Store: s.store, Clock: s.clock.Now, Timeout: 5 * time.Second,
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		assert.NoError(t, s.Drain(ctx))
	})
	return s
}

// callConcurrently calls Token from many goroutines, each with its own context,
// and returns the tokens and errors.
func callConcurrently(s *fixture, callers int, newContext func() (context.Context, context.CancelFunc)) ([]string, []error) {
	tokens, errs := make([]string, callers), make([]error, callers)
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range callers {
		group.Go(func() {
			<-start
			ctx, cancel := newContext()
			defer cancel()
			token, err := s.Token(ctx, key)
			tokens[i], errs[i] = token.Access.Reveal(), err
		})
	}
	close(start)
	group.Wait()
	return tokens, errs
}

func longContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 30*time.Second)
}

func TestThousandCallersShareOneExchange(t *testing.T) {
	for _, grant := range []paycor.Grant{paycor.GrantClientCredentials, paycor.GrantAuthorizationCode} {
		t.Run(string(grant), func(t *testing.T) {
			s := newFixture(t, grant, issue)
			tokens, errs := callConcurrently(s, 1000, longContext)
			for i := range tokens {
				require.NoError(t, errs[i])
				assert.Equal(t, "access-1", tokens[i])
			}
			assert.EqualValues(t, 1, s.endpoint.requests.Load())
			_, err := s.Token(t.Context(), key)
			require.NoError(t, err)
			assert.EqualValues(t, 1, s.endpoint.requests.Load(), "the token is cached")
		})
	}
}

// A thousand callers cause three requests, then a cooldown that grows.
func TestFailingEndpointIsAskedThreeTimes(t *testing.T) {
	s := newFixture(t, paycor.GrantClientCredentials, fail500)
	_, errs := callConcurrently(s, 1000, longContext)
	for _, err := range errs {
		require.Equal(t, verdicts.CodeServerError, code(err))
	}
	assert.EqualValues(t, 3, s.endpoint.requests.Load())

	_, err := s.Token(t.Context(), key)
	assert.Equal(t, verdicts.CodeServerError, code(err), "the failure is returned during the cooldown")
	assert.EqualValues(t, 3, s.endpoint.requests.Load())

	var cooldowns []time.Duration
	for range 6 {
		before, cooldown := s.endpoint.requests.Load(), time.Duration(0)
		for s.endpoint.requests.Load() == before {
			s.clock.Pass(time.Second)
			cooldown += time.Second
			_, _ = s.Token(t.Context(), key)
		}
		cooldowns = append(cooldowns, cooldown)
	}
	assert.Equal(t, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second}, cooldowns)

	before := s.endpoint.requests.Load()
	_, _ = s.FreshToken(t.Context(), key)
	_, _ = s.TokenIgnoringCooldown(t.Context(), key)
	assert.Equal(t, before+2*3, s.endpoint.requests.Load(), "an explicit request ignores the cooldown")

	s.endpoint.answer = func(n int64, r *http.Request) (int, string, error) {
		if n <= before+2*3+2 {
			return fail500(n, r)
		}
		return issue(n, r)
	}
	_, err = s.FreshToken(t.Context(), key)
	require.NoError(t, err, "two failures in a row are not noticed")
	_, err = s.Token(t.Context(), key)
	assert.NoError(t, err, "the first success ends the cooldown")
}

func TestCooldownHonorsRetryAfter(t *testing.T) {
	s := newFixture(t, paycor.GrantClientCredentials, func(int64, *http.Request) (int, string, error) {
		return 429, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 17 seconds."}`, nil
	})
	_, err := s.Token(t.Context(), key)
	assert.Equal(t, verdicts.CodeRateLimited, code(err))
	s.clock.Pass(16 * time.Second)
	_, _ = s.Token(t.Context(), key)
	assert.EqualValues(t, 1, s.endpoint.requests.Load())
	s.clock.Pass(time.Second)
	_, _ = s.Token(t.Context(), key)
	assert.EqualValues(t, 2, s.endpoint.requests.Load())
}

func TestCallersHonorTheirOwnDeadline(t *testing.T) {
	release := make(chan struct{})
	s := newFixture(t, paycor.GrantAuthorizationCode, func(n int64, r *http.Request) (int, string, error) { <-release; return issue(n, r) })
	short := func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.Background(), time.Millisecond)
	}
	_, errs := callConcurrently(s, 50, short) // returns although the endpoint does not respond
	for _, err := range errs {
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	}
	waiting := make(chan error, 1)
	go func() {
		ctx, cancel := longContext()
		defer cancel()
		_, err := s.Token(ctx, key)
		waiting <- err
	}()
	close(release)
	assert.NoError(t, <-waiting, "callers that gave up do not cancel the exchange")
	assert.EqualValues(t, 1, s.endpoint.requests.Load())
	assert.Equal(t, "refresh-1", s.store.state.Refresh.Reveal(), "the result is stored although nobody waited for it")
}

func TestFirstCallerMayLeave(t *testing.T) {
	requested, release := make(chan struct{}), make(chan struct{})
	s := newFixture(t, paycor.GrantAuthorizationCode, func(n int64, r *http.Request) (int, string, error) {
		close(requested)
		select {
		case <-release:
			return issue(n, r)
		case <-r.Context().Done():
			return 0, "", r.Context().Err()
		}
	})
	first, cancel := context.WithCancel(context.Background())
	left := make(chan error, 1)
	go func() { _, err := s.Token(first, key); left <- err }()
	<-requested
	stayed := make(chan error, 1)
	go func() { _, err := s.Token(context.Background(), key); stayed <- err }()
	cancel()
	assert.ErrorIs(t, <-left, context.Canceled)
	close(release)
	assert.NoError(t, <-stayed)
}

func TestRefreshTokenIsCommittedBeforeAccessTokenIsReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFixture(t, paycor.GrantAuthorizationCode, issue)
		s.store.failures = 2 // commit is retried
		token, err := s.Token(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, "access-1", token.Access.Reveal())
		require.Len(t, s.store.results(), 1)
		assert.Equal(t, "refresh-1", s.store.state.Refresh.Reveal())

		s = newFixture(t, paycor.GrantAuthorizationCode, issue)
		s.store.failures = 9
		token, err = s.Token(t.Context(), key)
		assert.Error(t, err)
		assert.True(t, token.Access.IsZero(), "a token that is not stored is not returned")
	})
}

func TestStoredTokenNeedsNoExchange(t *testing.T) {
	s := newFixture(t, paycor.GrantAuthorizationCode, issue)
	s.store.state.ExpiresAt, s.store.state.RenewAt = now.Add(time.Hour), now.Add(58*time.Minute)
	token, err := s.Token(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, "access-0", token.Access.Reveal())
	assert.Zero(t, s.endpoint.requests.Load(), "a restart needs no exchange")
}

func TestExpiringTokenIsUsedWhileRenewalFails(t *testing.T) {
	s := newFixture(t, paycor.GrantClientCredentials, fail500)
	s.store.state.ExpiresAt = now.Add(time.Minute)
	for range 3 {
		token, err := s.Token(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, "access-0", token.Access.Reveal())
	}
	assert.EqualValues(t, 3, s.endpoint.requests.Load())
	_, err := s.FreshToken(t.Context(), key)
	assert.Equal(t, verdicts.CodeServerError, code(err), "a test of the values does not return the old token")
	s.clock.Pass(56 * time.Second)
	_, err = s.Token(t.Context(), key)
	assert.Equal(t, verdicts.CodeServerError, code(err))
}

func TestRejectToken(t *testing.T) {
	s := newFixture(t, paycor.GrantAuthorizationCode, issue)
	first, err := s.Token(t.Context(), key)
	require.NoError(t, err)
	again, err := s.RejectToken(t.Context(), key, first.Access)
	require.NoError(t, err)
	assert.True(t, again)
	second, err := s.Token(t.Context(), key)
	require.NoError(t, err)
	assert.NotEqual(t, first.Access, second.Access)
	_, err = s.RejectToken(t.Context(), key, first.Access) // a late caller
	require.NoError(t, err)
	third, err := s.Token(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, second.Access, third.Access, "only the current token is removed")
	assert.EqualValues(t, 2, s.endpoint.requests.Load())
}

func TestFreshTokenDoesNotJoinEarlierExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := newFixture(t, paycor.GrantClientCredentials, func(n int64, r *http.Request) (int, string, error) { <-release; return issue(n, r) })
		go func() { _, _ = s.Token(t.Context(), key) }()
		synctest.Wait() // the first exchange is in flight
		fresh := make(chan string, 1)
		go func() {
			token, _ := s.FreshToken(t.Context(), key)
			fresh <- token.Access.Reveal()
		}()
		synctest.Wait() // the second waits for it
		close(release)
		assert.Equal(t, "access-2", <-fresh)
	})
}

func TestInvalidRefreshTokenIsNotSent(t *testing.T) {
	s := newFixture(t, paycor.GrantAuthorizationCode, issue)
	s.store.state.RefreshTokenError = verdicts.CodeRefreshLost
	_, err := s.Token(t.Context(), key)
	assert.Equal(t, verdicts.CodeRefreshLost, code(err))
	s.store.state.RefreshTokenError, s.store.state.Refresh = "", paycor.Secret{}
	_, err = s.Token(t.Context(), key)
	assert.Equal(t, verdicts.CodeActivationNeeded, code(err), "without a cooldown: the stored state may change at any time")
	assert.Zero(t, s.endpoint.requests.Load())
}

// A request whose response never arrived may have used the refresh token. If Paycor
// rejects it afterward, that request did.
func TestLostResponseIsRecognizedByTheNextRejection(t *testing.T) {
	s := newFixture(t, paycor.GrantAuthorizationCode, func(n int64, _ *http.Request) (int, string, error) {
		if n == 1 {
			return 504, "upstream timed out", nil
		}
		return 400, `{"error":"invalid_grant"}`, nil
	})
	_, err := s.FreshToken(t.Context(), key)
	require.Error(t, err)
	require.Len(t, s.store.results(), 1)
	assert.Equal(t, tokens.RefreshTokenUnknown, s.store.results()[0].RefreshTokenStatus)

	_, err = s.FreshToken(t.Context(), key)
	assert.Equal(t, verdicts.CodeRefreshLost, code(err))
	require.Len(t, s.store.results(), 2)
	assert.Equal(t, tokens.RefreshTokenInvalid, s.store.results()[1].RefreshTokenStatus)
	_, err = s.FreshToken(t.Context(), key)
	assert.Equal(t, verdicts.CodeRefreshLost, code(err))
	assert.EqualValues(t, 2, s.endpoint.requests.Load(), "a lost refresh token is not sent again")
}

// A request that certainly was not processed says nothing about the one whose response
// was lost.
func TestUnprocessedRequestLeavesALostResponseOpen(t *testing.T) {
	s := newFixture(t, paycor.GrantAuthorizationCode, func(int64, *http.Request) (int, string, error) {
		return 401, `{"statusCode":401,"message":"Access denied due to invalid subscription key."}`, nil
	})
	s.store.started = true
	_, err := s.FreshToken(t.Context(), key)
	assert.Equal(t, verdicts.CodeKeyRejected, code(err))
	require.Len(t, s.store.results(), 1)
	assert.Equal(t, tokens.RefreshTokenUnknown, s.store.results()[0].RefreshTokenStatus)
}

func TestWaitingForTheLeaseOfAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFixture(t, paycor.GrantAuthorizationCode, issue)
		s.store.owner, s.store.expires = "another process", time.Now().Add(time.Minute)
		time.AfterFunc(2*time.Second, func() {
			defer s.store.lock()()
			s.store.owner = ""
			s.store.state.Access, s.store.state.ExpiresAt = paycor.NewSecret("theirs"), now.Add(time.Hour)
			s.store.state.RenewAt = now.Add(58 * time.Minute)
		})
		token, err := s.Token(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, "theirs", token.Access.Reveal())
		assert.Zero(t, s.endpoint.requests.Load())

		s = newFixture(t, paycor.GrantAuthorizationCode, issue)
		s.store.owner, s.store.expires = "a process that died", time.Now().Add(time.Hour)
		_, err = s.Token(t.Context(), key)
		assert.ErrorContains(t, err, "holds the lease")

		s = newFixture(t, paycor.GrantAuthorizationCode, issue)
		s.store.owner, s.store.expires = "a process that died", time.Now().Add(10*time.Second)
		token, err = s.Token(t.Context(), key)
		require.NoError(t, err, "its lease ends")
		assert.Equal(t, "access-1", token.Access.Reveal())
	})
}

// The application is edited during an exchange: its token belongs to old values.
func TestLeaseLostDuringExchange(t *testing.T) {
	s := newFixture(t, paycor.GrantClientCredentials, nil)
	s.endpoint.answer = func(n int64, r *http.Request) (int, string, error) {
		if n == 1 {
			defer s.store.lock()()
			s.store.owner = "" // as an edit does
			s.store.state.Application.ClientID = "00000000000000000a02"
		} else {
			assert.NoError(t, r.ParseForm())
			assert.Equal(t, "00000000000000000a02", r.PostForm.Get("client_id"))
		}
		return issue(n, r)
	}
	token, err := s.Token(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, "access-2", token.Access.Reveal())
	assert.EqualValues(t, 2, s.endpoint.requests.Load())
}

func TestProbeTokenTriesOtherValuesAndKeepsWhatItGets(t *testing.T) {
	var sent atomic.Value
	s := newFixture(t, paycor.GrantAuthorizationCode, func(n int64, r *http.Request) (int, string, error) {
		assert.NoError(t, r.ParseForm())
		sent.Store(r.PostForm.Get("client_secret"))
		return issue(n, r)
	})
	with := s.store.state.Application
	with.ClientSecret = paycor.NewSecret("the new one")
	token, err := s.ProbeToken(t.Context(), key, with)
	require.NoError(t, err)
	assert.Equal(t, "access-1", token.Access.Reveal())
	assert.Equal(t, "the new one", sent.Load())
	state, err := s.State(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, "refresh-1", state.Refresh.Reveal(), "the previous refresh token has been used")
	assert.NotEqual(t, with.ClientSecret, state.Application.ClientSecret, "the values themselves are not stored")

	left, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.ProbeToken(left, key, with)
	assert.ErrorIs(t, err, context.Canceled)
	require.NoError(t, s.Drain(t.Context()))
	state, err = s.State(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, "refresh-2", state.Refresh.Reveal(), "it ends and is stored although nobody waited")
}

func TestErrorsOfTheStoreNeedNoCooldown(t *testing.T) {
	s := newFixture(t, paycor.GrantClientCredentials, issue)
	s.store.loadErr = assert.AnError
	_, err := s.Token(t.Context(), key)
	require.ErrorIs(t, err, assert.AnError)
	s.store.loadErr = nil
	_, err = s.Token(t.Context(), key)
	assert.NoError(t, err)
	s.store.rejectErr = assert.AnError
	_, err = s.RejectToken(t.Context(), key, paycor.NewSecret("access-1"))
	assert.ErrorIs(t, err, assert.AnError)
}

func TestRenewAtIsEarlyAndRandom(t *testing.T) {
	seen := map[time.Time]bool{}
	for range 200 {
		at := tokens.RenewAt(now, now.Add(30*time.Minute))
		assert.WithinRange(t, at, now.Add(28*time.Minute), now.Add(29*time.Minute))
		seen[at] = true
	}
	assert.Greater(t, len(seen), 150)
	assert.Equal(t, now.Add(30*time.Second), tokens.RenewAt(now, now.Add(40*time.Second)), "a short-lived token is used for three quarters of its life")
}

// BenchmarkThousandCallers reports what a thousand callers of one credential
// cost: exchanges, failures, and when the last caller returned.
func BenchmarkThousandCallers(b *testing.B) {
	const callers = 1000
	for _, c := range []struct {
		name    string
		answer  func(int64, *http.Request) (int, string, error)
		timeout time.Duration
	}{
		{"expired", issue, 30 * time.Second},
		{"500", fail500, 30 * time.Second},
		{"hanging", hang, 50 * time.Millisecond},
	} {
		b.Run(c.name, func(b *testing.B) {
			var exchanges, failures int64
			var longest time.Duration
			for b.Loop() {
				s := newFixture(b, paycor.GrantAuthorizationCode, c.answer)
				started := time.Now()
				_, errs := callConcurrently(s, callers, func() (context.Context, context.CancelFunc) {
					return context.WithTimeout(context.Background(), c.timeout)
				})
				longest = max(longest, time.Since(started))
				exchanges += s.endpoint.requests.Load()
				for _, err := range errs {
					if err != nil {
						failures++
					}
				}
			}
			b.ReportMetric(float64(exchanges)/float64(b.N), "exchanges")
			b.ReportMetric(float64(failures)/float64(b.N), "failures")
			b.ReportMetric(float64(longest.Milliseconds()), "ms-last-caller")
		})
	}
}

// Drain reports an exchange only if one is in flight, even if its context ended
// before.
func TestDrainReportsInflightExchanges(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	hold := make(chan struct{})
	requested := make(chan struct{}, 1)
	s := newFixture(t, paycor.GrantClientCredentials, func(int64, *http.Request) (int, string, error) {
		requested <- struct{}{}
		<-hold
		return http.StatusBadRequest, `{"error":"invalid_client"}`, nil
	})
	for range 100 {
		require.NoError(t, s.Drain(canceled))
	}
	go func() { _, _ = s.Token(context.WithoutCancel(t.Context()), key) }()
	<-requested
	assert.ErrorContains(t, s.Drain(canceled), "waiting for 1 token exchanges")
	close(hold)
}

package tokens_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/testkit"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var key = tokens.Key{Workspace: "w", Credential: "c"}

// endpoint is a token endpoint in memory: it counts, and answers as told.
type endpoint struct {
	asked  atomic.Int64
	answer func(n int64, r *http.Request) (int, string, error)
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	n := e.asked.Add(1)
	status, body, err := e.answer(n, r)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// give answers with a new pair of tokens each time.
func give(n int64, _ *http.Request) (int, string, error) {
	return 200, fmt.Sprintf(`{"access_token":"access-%d","refresh_token":"refresh-%d","expires_in":1800,"token_type":"Bearer"}`, n, n), nil
}

func fail500(int64, *http.Request) (int, string, error) {
	return 500, `{"statusCode":500,"message":"Internal server error"}`, nil
}

// hang answers nothing until whoever asks gives up.
func hang(_ int64, r *http.Request) (int, string, error) {
	<-r.Context().Done()
	return 0, "", r.Context().Err()
}

type stage struct {
	*tokens.Source
	vault    *memory
	endpoint *endpoint
	clock    *testkit.Clock
}

// set makes Tokens over a vault that holds an expired token.
func set(t testing.TB, grant paycor.Grant, answer func(int64, *http.Request) (int, string, error)) *stage {
	t.Helper()
	s := &stage{endpoint: &endpoint{answer: answer}, clock: testkit.NewClock(now)}
	s.vault = &memory{held: tokens.State{
		Application: application("http://127.0.0.1:1"), Grant: grant,
		Access: paycor.NewSecret("access-0"), ExpiresAt: now, RenewAt: now.Add(-time.Minute),
	}}
	if grant == paycor.GrantAuthorizationCode {
		s.vault.held.Refresh = paycor.NewSecret("refresh-0")
	}
	s.Source = tokens.NewSource(tokens.Config{
		Client: tokens.NewClient(upstream.New(upstream.Config{Transport: s.endpoint, Clock: s.clock.Now})), Store: s.vault, Clock: s.clock.Now, Timeout: 5 * time.Second,
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		assert.NoError(t, s.Drain(ctx))
	})
	return s
}

// crowd asks from many goroutines at once, each with its own context, and
// returns the tokens and errors.
func crowd(s *stage, callers int, within func() (context.Context, context.CancelFunc)) ([]string, []error) {
	tokens, errs := make([]string, callers), make([]error, callers)
	var group sync.WaitGroup
	begin := make(chan struct{})
	for i := range callers {
		group.Go(func() {
			<-begin
			ctx, cancel := within()
			defer cancel()
			token, err := s.Token(ctx, key)
			tokens[i], errs[i] = token.Access.Reveal(), err
		})
	}
	close(begin)
	group.Wait()
	return tokens, errs
}

func patient() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 30*time.Second)
}

func TestAThousandCallersOneExchange(t *testing.T) {
	for _, grant := range []paycor.Grant{paycor.GrantClientCredentials, paycor.GrantAuthorizationCode} {
		t.Run(string(grant), func(t *testing.T) {
			s := set(t, grant, give)
			tokens, errs := crowd(s, 1000, patient)
			for i := range tokens {
				require.NoError(t, errs[i])
				assert.Equal(t, "access-1", tokens[i])
			}
			assert.EqualValues(t, 1, s.endpoint.asked.Load())
			_, err := s.Token(t.Context(), key)
			require.NoError(t, err)
			assert.EqualValues(t, 1, s.endpoint.asked.Load(), "it is kept")
		})
	}
}

func TestAFailingEndpointIsAskedOnceForAll(t *testing.T) {
	s := set(t, paycor.GrantClientCredentials, fail500)
	_, errs := crowd(s, 1000, patient)
	for _, err := range errs {
		require.Equal(t, verdicts.CodeServerError, code(err))
	}
	assert.EqualValues(t, 1, s.endpoint.asked.Load())

	_, err := s.Token(t.Context(), key)
	assert.Equal(t, verdicts.CodeServerError, code(err), "the pause says what it is about")
	assert.EqualValues(t, 1, s.endpoint.asked.Load())

	var pauses []time.Duration
	for range 6 {
		asked, pause := s.endpoint.asked.Load(), time.Duration(0)
		for s.endpoint.asked.Load() == asked {
			s.clock.Pass(time.Second)
			pause += time.Second
			_, _ = s.Token(t.Context(), key)
		}
		pauses = append(pauses, pause)
	}
	assert.Equal(t, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second}, pauses)

	before := s.endpoint.asked.Load()
	_, _ = s.FreshToken(t.Context(), key)
	_, _ = s.TokenIgnoringCooldown(t.Context(), key)
	assert.Equal(t, before+2, s.endpoint.asked.Load(), "a person who asks need not wait")

	s.endpoint.answer = give
	_, err = s.FreshToken(t.Context(), key)
	require.NoError(t, err)
	_, err = s.Token(t.Context(), key)
	assert.NoError(t, err, "the pause is over with the first success")
}

func TestAThrottledEndpointIsLeftInPeaceAsLongAsItAsks(t *testing.T) {
	s := set(t, paycor.GrantClientCredentials, func(int64, *http.Request) (int, string, error) {
		return 429, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 17 seconds."}`, nil
	})
	_, err := s.Token(t.Context(), key)
	assert.Equal(t, verdicts.CodeRateLimited, code(err))
	s.clock.Pass(16 * time.Second)
	_, _ = s.Token(t.Context(), key)
	assert.EqualValues(t, 1, s.endpoint.asked.Load())
	s.clock.Pass(time.Second)
	_, _ = s.Token(t.Context(), key)
	assert.EqualValues(t, 2, s.endpoint.asked.Load())
}

func TestEachCallerWaitsAsLongAsItsOwnDeadline(t *testing.T) {
	release := make(chan struct{})
	s := set(t, paycor.GrantAuthorizationCode, func(n int64, r *http.Request) (int, string, error) { <-release; return give(n, r) })
	short := func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.Background(), time.Millisecond)
	}
	_, errs := crowd(s, 50, short) // returns although the endpoint answers nobody
	for _, err := range errs {
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	}
	patientOne := make(chan error, 1)
	go func() {
		ctx, cancel := patient()
		defer cancel()
		_, err := s.Token(ctx, key)
		patientOne <- err
	}()
	close(release)
	assert.NoError(t, <-patientOne, "those who gave up took nothing from it")
	assert.EqualValues(t, 1, s.endpoint.asked.Load())
	assert.Equal(t, "refresh-1", s.vault.held.Refresh.Reveal(), "what nobody waited for is kept all the same")
}

func TestTheFirstCallerMayLeave(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	s := set(t, paycor.GrantAuthorizationCode, func(n int64, r *http.Request) (int, string, error) {
		close(asked)
		select {
		case <-release:
			return give(n, r)
		case <-r.Context().Done():
			return 0, "", r.Context().Err()
		}
	})
	first, leave := context.WithCancel(context.Background())
	left := make(chan error, 1)
	go func() { _, err := s.Token(first, key); left <- err }()
	<-asked
	stayed := make(chan error, 1)
	go func() { _, err := s.Token(context.Background(), key); stayed <- err }()
	leave()
	assert.ErrorIs(t, <-left, context.Canceled)
	close(release)
	assert.NoError(t, <-stayed)
}

func TestARotatedTokenIsCommittedBeforeAnybodyHasTheAccessToken(t *testing.T) {
	s := set(t, paycor.GrantAuthorizationCode, give)
	s.vault.failures = 2 // and a store in trouble is asked again
	token, err := s.Token(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, "access-1", token.Access.Reveal())
	require.Len(t, s.vault.results(), 1)
	assert.Equal(t, "refresh-1", s.vault.held.Refresh.Reveal())

	s = set(t, paycor.GrantAuthorizationCode, give)
	s.vault.failures = 9
	token, err = s.Token(t.Context(), key)
	assert.Error(t, err)
	assert.True(t, token.Access.IsZero(), "nobody gets what is not kept")
}

func TestWhatIsStoredNeedsNoExchange(t *testing.T) {
	s := set(t, paycor.GrantAuthorizationCode, give)
	s.vault.held.ExpiresAt, s.vault.held.RenewAt = now.Add(time.Hour), now.Add(58*time.Minute)
	token, err := s.Token(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, "access-0", token.Access.Reveal())
	assert.Zero(t, s.endpoint.asked.Load(), "a restart costs no exchange")
}

func TestAnOldTokenServesWhileItCannotBeRenewed(t *testing.T) {
	s := set(t, paycor.GrantClientCredentials, fail500)
	s.vault.held.ExpiresAt = now.Add(time.Minute)
	for range 3 {
		token, err := s.Token(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, "access-0", token.Access.Reveal())
	}
	assert.EqualValues(t, 1, s.endpoint.asked.Load())
	_, err := s.FreshToken(t.Context(), key)
	assert.Equal(t, verdicts.CodeServerError, code(err), "who tests the values is not told of an old token")
	s.clock.Pass(56 * time.Second)
	_, err = s.Token(t.Context(), key)
	assert.Equal(t, verdicts.CodeServerError, code(err))
}

func TestRefused(t *testing.T) {
	s := set(t, paycor.GrantAuthorizationCode, give)
	first, err := s.Token(t.Context(), key)
	require.NoError(t, err)
	again, err := s.RejectToken(t.Context(), key, first.Access)
	require.NoError(t, err)
	assert.True(t, again)
	second, err := s.Token(t.Context(), key)
	require.NoError(t, err)
	assert.NotEqual(t, first.Access, second.Access)
	_, err = s.RejectToken(t.Context(), key, first.Access) // somebody who comes late
	require.NoError(t, err)
	third, err := s.Token(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, second.Access, third.Access, "only the token that is current is dropped")
	assert.EqualValues(t, 2, s.endpoint.asked.Load())
}

func TestFreshDoesNotTakeTheAnswerToAnEarlierQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := set(t, paycor.GrantClientCredentials, func(n int64, r *http.Request) (int, string, error) { <-release; return give(n, r) })
		go func() { _, _ = s.Token(t.Context(), key) }()
		synctest.Wait() // the first question is on its way
		fresh := make(chan string, 1)
		go func() {
			token, _ := s.FreshToken(t.Context(), key)
			fresh <- token.Access.Reveal()
		}()
		synctest.Wait() // and the second waits behind it
		close(release)
		assert.Equal(t, "access-2", <-fresh)
	})
}

// What is known to be of no use is not sent.
func TestWithoutAGoodRefreshTokenNobodyIsAsked(t *testing.T) {
	s := set(t, paycor.GrantAuthorizationCode, give)
	s.vault.held.RefreshTokenError = verdicts.CodeRefreshLost
	_, err := s.Token(t.Context(), key)
	assert.Equal(t, verdicts.CodeRefreshLost, code(err))
	s.vault.held.RefreshTokenError, s.vault.held.Refresh = "", paycor.Secret{}
	_, err = s.Token(t.Context(), key)
	assert.Equal(t, verdicts.CodeActivationNeeded, code(err), "and there is no pause: the vault may know better at any time")
	assert.Zero(t, s.endpoint.asked.Load())
}

func TestRenewalIsEarlyAndSpread(t *testing.T) {
	seen := map[time.Time]bool{}
	for range 200 {
		at := tokens.RenewAt(now, now.Add(30*time.Minute))
		assert.WithinRange(t, at, now.Add(28*time.Minute), now.Add(29*time.Minute))
		seen[at] = true
	}
	assert.Greater(t, len(seen), 150)
	assert.Equal(t, now.Add(30*time.Second), tokens.RenewAt(now, now.Add(40*time.Second)), "a short life is used for the most part")
}

// BenchmarkThousandCallers prints what a thousand callers of one credential
// cost: exchanges, failures, and how late the last of them was beyond its
// deadline or the answer.
func BenchmarkThousandCallers(b *testing.B) {
	const callers = 1000
	for _, c := range []struct {
		name   string
		answer func(int64, *http.Request) (int, string, error)
		within time.Duration
	}{
		{"expired", give, 30 * time.Second},
		{"500", fail500, 30 * time.Second},
		{"hanging", hang, 50 * time.Millisecond},
	} {
		b.Run(c.name, func(b *testing.B) {
			var exchanges, failures int64
			var longest time.Duration
			for b.Loop() {
				s := set(b, paycor.GrantAuthorizationCode, c.answer)
				begun := time.Now()
				_, errs := crowd(s, callers, func() (context.Context, context.CancelFunc) {
					return context.WithTimeout(context.Background(), c.within)
				})
				longest = max(longest, time.Since(begun))
				exchanges += s.endpoint.asked.Load()
				for _, err := range errs {
					if err != nil {
						failures++
					}
				}
			}
			b.ReportMetric(float64(exchanges)/float64(b.N), "exchanges")
			b.ReportMetric(float64(failures)/float64(b.N), "failures")
			b.ReportMetric(float64(longest.Milliseconds()), "ms-until-the-last-one-knows")
		})
	}
}

// Whoever has waited for something else until its time was over is told of an
// exchange only where there is one.
func TestDrainNamesWhatItWaitedFor(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	hold := make(chan struct{})
	asked := make(chan struct{}, 1)
	s := set(t, paycor.GrantClientCredentials, func(int64, *http.Request) (int, string, error) {
		asked <- struct{}{}
		<-hold
		return http.StatusBadRequest, `{"error":"invalid_client"}`, nil
	})
	for range 100 {
		require.NoError(t, s.Drain(over))
	}
	go func() { _, _ = s.Token(context.WithoutCancel(t.Context()), key) }()
	<-asked
	assert.ErrorContains(t, s.Drain(over), "waiting for 1 token exchanges")
	close(hold)
}

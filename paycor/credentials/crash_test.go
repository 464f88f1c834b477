package credentials_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/verdicts"
)

// Some tests need several processes, or one that crashes. They start this test
// binary again, with these variables.
const (
	childDirectory = "CREDENTIALS_TEST_DIRECTORY"
	childAddress   = "CREDENTIALS_TEST_ADDRESS"
	childID        = "CREDENTIALS_TEST_ID"
	childKill      = "CREDENTIALS_TEST_KILL"
	childCallers   = "CREDENTIALS_TEST_CALLERS"
)

// When a child process kills itself.
const (
	beforeSend   = "before the request"
	beforeAnswer = "before the response"
	beforeCommit = "before the commit"
	afterCommit  = "after the commit"
)

// shortLease lets another process take over quickly.
const shortLease = 700 * time.Millisecond

func TestMain(m *testing.M) {
	if os.Getenv(childDirectory) == "" {
		os.Exit(m.Run())
	}
	run := requestTokens
	if os.Getenv(childRotates) != "" {
		run = rotateSecret
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// die ends the process like kill -9: no deferred function runs.
func die() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }

// requestTokens requests a token from many goroutines at once. It waits for a
// line on standard input first.
func requestTokens() error {
	kill := os.Getenv(childKill)
	options := env.Options{
		Transport: crashingTransport{inner: &http.Transport{DisableKeepAlives: true}, kill: kill},
		WrapStore: func(inner store.Store) store.Store { return crashingStore{inner, kill} },
	}
	if kill != "" {
		options.Change = withLease(shortLease, shortLease)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	m, opened, err := env.Open(ctx, os.Getenv(childDirectory), os.Getenv(childAddress), options)
	if err != nil {
		return err
	}
	var callers int
	if _, err := fmt.Sscan(os.Getenv(childCallers), &callers); err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	errs := make([]error, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() { _, errs[i] = m.TokenSource().Token(ctx, tokenKeyOf(ctx, opened, os.Getenv(childID))) })
	}
	group.Wait()
	return errors.Join(append(errs, m.Close(ctx), opened.Close())...)
}

// withLease sets the duration of leases and the timeout of exchanges.
func withLease(lease, timeout time.Duration) func(*backend.Config) {
	return func(c *backend.Config) { c.TokenLease, c.TokenTimeout = lease, timeout }
}

// crashingTransport is a transport during which the process dies.
type crashingTransport struct {
	inner http.RoundTripper
	kill  string
}

func (k crashingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if k.kill == beforeSend {
		die()
	}
	response, err := k.inner.RoundTrip(r)
	if k.kill == beforeAnswer {
		die() // Paycor processed the request, but its response is lost
	}
	return response, err
}

// crashingStore is a store in which the process dies before or after the commit
// of a refresh token.
type crashingStore struct {
	store.Store
	kill string
}

func (s crashingStore) Update(ctx context.Context, write func(store.Tx) error) error {
	committing := false
	err := s.Store.Update(ctx, func(tx store.Tx) error {
		return write(crashingTx{tx, func() {
			if committing = true; s.kill == beforeCommit {
				die()
			}
		}})
	})
	if committing && s.kill == afterCommit {
		die()
	}
	return err
}

type crashingTx struct {
	store.Tx
	onRefreshToken func()
}

func (t crashingTx) PutTokenState(workspace, id string, state store.TokenState, tokens store.Secrets) error {
	err := t.Tx.PutTokenState(workspace, id, state, tokens)
	if _, ok := tokens[fields.RefreshToken]; ok {
		t.onRefreshToken()
	}
	return err
}

// crashTest is a simulator outside the child processes, and a database with an
// activated credential whose access token has expired.
type crashTest struct {
	*paycortest.Server
	app       *paycortest.Application
	directory string
	id        string
	first     paycor.Secret // the stored refresh token
}

func newCrashTest(t *testing.T) *crashTest {
	t.Helper()
	server := paycortest.Start(t, paycortest.Config{RatePerMinute: -1})
	s := &crashTest{Server: server, app: server.Lookup(paycortest.HarborLogistics), directory: t.TempDir()}
	m, opened, err := env.Open(t.Context(), s.directory, server.URL, env.Options{})
	require.NoError(t, err)
	h := &env.Simulation{Backend: m, Store: opened, Paycor: server, App: s.app}
	s.id = h.Activate(t).ID
	s.first = h.Secrets(t, s.id)[fields.RefreshToken]
	env.ExpireToken(t, opened, s.id)
	require.NoError(t, opened.Close())
	server.Reset()
	return s
}

// child starts a process. It waits until begin is called.
func (s *crashTest) child(t *testing.T, kill string, callers int) (begin func(), wait func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(os.Environ(), childDirectory+"="+s.directory, childAddress+"="+s.URL, childID+"="+s.id,
		childKill+"="+kill, fmt.Sprintf("%s=%d", childCallers, callers))
	stderr := &strings.Builder{}
	command.Stderr = stderr
	in, err := command.StdinPipe()
	require.NoError(t, err)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return func() { _, err := in.Write([]byte("go\n")); require.NoError(t, err) }, func() error {
		if err := command.Wait(); err != nil {
			return fmt.Errorf("%w: %s", err, stderr)
		}
		return nil
	}
}

func TestCrashAtEveryStepOfExchange(t *testing.T) {
	for step, c := range map[string]struct {
		used     bool          // Paycor accepted the refresh token before the crash
		after    verdicts.Code // of the next exchange; empty if it succeeds
		requests int           // token requests in total
	}{
		beforeSend:   {false, "", 1},
		beforeAnswer: {true, verdicts.CodeRefreshLost, 2},
		beforeCommit: {true, verdicts.CodeRefreshLost, 2},
		afterCommit:  {true, "", 1},
	} {
		t.Run(step, func(t *testing.T) {
			s := newCrashTest(t)
			begin, wait := s.child(t, step, 1)
			begin()
			require.ErrorContains(t, wait(), "killed")
			require.Equal(t, c.used, !s.RefreshTokenLives(s.first.Reveal()))

			m, opened, err := env.Open(t.Context(), s.directory, s.URL, env.Options{})
			require.NoError(t, err)
			defer opened.Close()
			for range 3 {
				m.TokenSource().Forget(tokenKeyOf(t.Context(), opened, s.id))
				_, err := m.TokenSource().TokenIgnoringCooldown(t.Context(), tokenKeyOf(t.Context(), opened, s.id))
				assert.Equal(t, c.after, codeOf(err))
				assert.Equal(t, c.after == "", err == nil, "%v", err)
			}
			counts := s.app.Counts()
			assert.Equal(t, c.requests, counts.Tokens, "no retry loop")
			assert.Equal(t, 1, counts.Refreshes, "no refresh token is sent twice")
			found, err := m.As(env.Administrator()).Credential(t.Context(), s.id)
			require.NoError(t, err)
			if c.after == "" {
				assert.Equal(t, paycor.StateVerified, found.State)
				return
			}
			assert.Equal(t, paycor.StateNeedsActivation, found.State)
			assert.Equal(t, c.after, found.Verdict.Code)
			assert.Equal(t, c.after.Verdict().Message, found.Verdict.Message)
		})
	}
}

func TestTwoProcessesMakeOneExchange(t *testing.T) {
	s := newCrashTest(t)
	s.AddFault(paycortest.Fault{Kind: paycortest.Slow, Place: paycortest.AtToken, Delay: 200 * time.Millisecond}) // so that the processes overlap
	var begins []func()
	var waits []func() error
	for range 2 {
		begin, wait := s.child(t, "", 200)
		begins, waits = append(begins, begin), append(waits, wait)
	}
	for _, begin := range begins {
		begin()
	}
	for _, wait := range waits {
		assert.NoError(t, wait(), "all 200 callers of each process get a token")
	}
	counts := s.app.Counts()
	assert.Equal(t, 1, counts.Tokens)
	assert.Equal(t, 1, counts.Refreshes)
}

// A process whose lease expired during an exchange still stores the next refresh
// token.
func TestLateRefreshTokenIsStored(t *testing.T) {
	s := newCrashTest(t)
	m, opened, err := env.Open(t.Context(), s.directory, s.URL, env.Options{Change: withLease(time.Millisecond, 30*time.Second)})
	require.NoError(t, err)
	defer opened.Close()
	s.AddFault(paycortest.Fault{Kind: paycortest.Slow, Place: paycortest.AtToken, Delay: 300 * time.Millisecond, Count: 1})
	done := make(chan error, 1)
	go func() {
		_, err := m.TokenSource().Token(context.Background(), tokenKeyOf(context.Background(), opened, s.id))
		done <- err
	}()
	var owner string
	tokenState := func() (found store.TokenState) {
		_ = opened.View(t.Context(), func(r store.Reader) (err error) { found, err = r.TokenState("default", s.id); return err })
		return found
	}
	require.Eventually(t, func() bool { owner = tokenState().LeaseOwner; return owner != "" }, time.Minute, time.Millisecond)
	require.NoError(t, opened.Update(t.Context(), func(tx store.Tx) error { // another process takes over
		taken, err := tx.TokenState("default", s.id)
		if err != nil {
			return err
		}
		taken.LeaseOwner, taken.LeaseEndsAt = "another process", time.Now().Add(time.Hour)
		return tx.PutTokenState("default", s.id, taken, nil)
	}))
	require.NoError(t, <-done)
	assert.Equal(t, "another process", tokenState().LeaseOwner)
	var kept store.Secrets
	require.NoError(t, opened.View(t.Context(), func(r store.Reader) (err error) { kept, err = r.Secrets("default", s.id); return err }))
	assert.True(t, s.RefreshTokenLives(kept[fields.RefreshToken].Reveal()))
}

// tokenKeyOf identifies the tokens of a saved credential; zero if it cannot be read.
func tokenKeyOf(ctx context.Context, from store.Store, id string) (key tokens.Key) {
	_ = from.View(ctx, func(r store.Reader) error {
		c, err := r.Credential(paycor.DefaultWorkspace, id)
		key = env.TokenKey(c)
		return err
	})
	return key
}

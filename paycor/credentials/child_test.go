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
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// Some tests need a process to be killed, or several of them: this test
// binary, started anew with these variables, asks for a token as told.
const (
	childDirectory = "MANAGER_TEST_DIRECTORY"
	childAddress   = "MANAGER_TEST_ADDRESS"
	childID        = "MANAGER_TEST_ID"
	childKill      = "MANAGER_TEST_KILL"
	childCallers   = "MANAGER_TEST_CALLERS"
)

// Where a child kills itself.
const (
	beforeSend   = "before it sends"
	beforeAnswer = "before the answer comes"
	beforeCommit = "before it commits"
	afterCommit  = "after it committed"
)

// shortLease lets another process take over soon.
const shortLease = 700 * time.Millisecond

func TestMain(m *testing.M) {
	if os.Getenv(childDirectory) == "" {
		os.Exit(m.Run())
	}
	act := askAsChild
	if os.Getenv(childRotates) != "" {
		act = rotateAsChild
	}
	if err := act(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// die ends the process as kill -9 does: nothing runs any more.
func die() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }

// askAsChild asks for a token from many goroutines at once and prints how
// many got one. It waits for a line before it begins.
func askAsChild() error {
	kill := os.Getenv(childKill)
	s := setup{lease: shortLease, timeout: shortLease}
	if kill == "" {
		s = setup{} // who lives takes the usual time
	}
	s.transport = killing{inner: &http.Transport{DisableKeepAlives: true}, kill: kill}
	s.wrap = func(inner store.Store) store.Store { return killingStore{inner, kill} }
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	m, opened, err := build(ctx, os.Getenv(childDirectory), os.Getenv(childAddress), s)
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
		group.Go(func() { _, errs[i] = m.TokenSource().Token(ctx, keyOf(os.Getenv(childID))) })
	}
	group.Wait()
	return errors.Join(append(errs, m.Close(ctx), opened.Close())...)
}

// killing is a transport in which the process dies.
type killing struct {
	inner http.RoundTripper
	kill  string
}

func (k killing) RoundTrip(r *http.Request) (*http.Response, error) {
	if k.kill == beforeSend {
		die()
	}
	response, err := k.inner.RoundTrip(r)
	if k.kill == beforeAnswer {
		die() // Paycor has done its part, and nobody here has heard of it
	}
	return response, err
}

// killingStore is a store in which the process dies around the commit of a
// refresh token.
type killingStore struct {
	store.Store
	kill string
}

func (s killingStore) Update(ctx context.Context, write func(store.Tx) error) error {
	holds := false
	err := s.Store.Update(ctx, func(tx store.Tx) error {
		return write(killingTx{tx, func() {
			if holds = true; s.kill == beforeCommit {
				die()
			}
		}})
	})
	if holds && s.kill == afterCommit {
		die()
	}
	return err
}

type killingTx struct {
	store.Tx
	kept func()
}

func (t killingTx) PutTokenState(workspace, id string, holding store.TokenState, tokens store.Secrets) error {
	err := t.Tx.PutTokenState(workspace, id, holding, tokens)
	if _, ok := tokens[fields.RefreshToken]; ok {
		t.kept()
	}
	return err
}

// site is a simulator outside the processes of a test, and a database with an
// activated credential whose access token is over.
type site struct {
	*paycortest.Server
	app       *paycortest.Application
	directory string
	id        string
	first     paycor.Secret // the refresh token that is stored
}

func newSite(t *testing.T) *site {
	t.Helper()
	server := paycortest.Start(t, paycortest.Config{RatePerMinute: -1})
	s := &site{Server: server, app: server.Lookup(paycortest.HarborLogistics), directory: t.TempDir()}
	m, opened, err := build(t.Context(), s.directory, server.URL, setup{})
	require.NoError(t, err)
	h := &house{Backend: m, store: opened, paycor: server, app: s.app, log: &text{}}
	s.id = h.activated(t).ID
	s.first = h.secrets(t, s.id)[fields.RefreshToken]
	expire(t, opened, nil, s.id)
	require.NoError(t, opened.Close())
	server.Reset()
	return s
}

// child starts a process that waits to be told to begin.
func (s *site) child(t *testing.T, kill string, callers int) (begin func(), wait func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(os.Environ(), childDirectory+"="+s.directory, childAddress+"="+s.URL, childID+"="+s.id,
		childKill+"="+kill, fmt.Sprintf("%s=%d", childCallers, callers))
	said := &strings.Builder{}
	command.Stderr = said
	in, err := command.StdinPipe()
	require.NoError(t, err)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return func() { _, err := in.Write([]byte("go\n")); require.NoError(t, err) }, func() error {
		if err := command.Wait(); err != nil {
			return fmt.Errorf("%w: %s", err, said)
		}
		return nil
	}
}

func TestKilledAtEveryStepOfAnExchange(t *testing.T) {
	for step, c := range map[string]struct {
		used  bool          // Paycor took the refresh token before the process died
		after verdicts.Code // what the next one comes to; empty where it works
		asked int           // token requests in all
	}{
		beforeSend:   {false, "", 1},
		beforeAnswer: {true, verdicts.CodeRefreshLost, 2},
		beforeCommit: {true, verdicts.CodeRefreshLost, 2},
		afterCommit:  {true, "", 1},
	} {
		t.Run(step, func(t *testing.T) {
			s := newSite(t)
			begin, wait := s.child(t, step, 1)
			begin()
			require.ErrorContains(t, wait(), "killed")
			require.Equal(t, c.used, !s.RefreshTokenLives(s.first.Reveal()))

			m, opened, err := build(t.Context(), s.directory, s.URL, setup{})
			require.NoError(t, err)
			defer opened.Close()
			for range 3 {
				m.TokenSource().Forget(keyOf(s.id))
				_, err := m.TokenSource().TokenIgnoringCooldown(t.Context(), keyOf(s.id))
				assert.Equal(t, c.after, codeOf(err))
				assert.Equal(t, c.after == "", err == nil, "%v", err)
			}
			counts := s.app.Counts()
			assert.Equal(t, c.asked, counts.Tokens, "nothing loops")
			assert.Equal(t, 1, counts.Refreshes, "no refresh token is used twice")
			found, err := m.As(everyRight()).Credential(t.Context(), s.id)
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
	s := newSite(t)
	s.AddFault(paycortest.Fault{Kind: paycortest.Slow, Place: paycortest.AtToken, Delay: 200 * time.Millisecond}) // so that they meet
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
		assert.NoError(t, wait(), "all 200 callers of each process have a token")
	}
	counts := s.app.Counts()
	assert.Equal(t, 1, counts.Tokens)
	assert.Equal(t, 1, counts.Refreshes)
}

// A process that stood still for longer than its lease and then hears that
// Paycor gave it the next refresh token still brings it home.
func TestALateSuccessorIsKept(t *testing.T) {
	s := newSite(t)
	m, opened, err := build(t.Context(), s.directory, s.URL, setup{lease: time.Millisecond, timeout: 30 * time.Second})
	require.NoError(t, err)
	defer opened.Close()
	s.AddFault(paycortest.Fault{Kind: paycortest.Slow, Place: paycortest.AtToken, Delay: 300 * time.Millisecond, Count: 1})
	done := make(chan error, 1)
	go func() { _, err := m.TokenSource().Token(context.Background(), keyOf(s.id)); done <- err }()
	var owner string
	holding := func() (found store.TokenState) {
		_ = opened.View(t.Context(), func(r store.Reader) (err error) { found, err = r.TokenState("default", s.id); return err })
		return found
	}
	require.Eventually(t, func() bool { owner = holding().LeaseOwner; return owner != "" }, time.Minute, time.Millisecond)
	require.NoError(t, opened.Update(t.Context(), func(tx store.Tx) error { // somebody else takes over
		taken, err := tx.TokenState("default", s.id)
		if err != nil {
			return err
		}
		taken.LeaseOwner, taken.LeaseEndsAt = "somebody else", time.Now().Add(time.Hour)
		return tx.PutTokenState("default", s.id, taken, nil)
	}))
	require.NoError(t, <-done)
	assert.Equal(t, "somebody else", holding().LeaseOwner)
	var kept store.Secrets
	require.NoError(t, opened.View(t.Context(), func(r store.Reader) (err error) { kept, err = r.Secrets("default", s.id); return err }))
	assert.True(t, s.RefreshTokenLives(kept[fields.RefreshToken].Reveal()))
}

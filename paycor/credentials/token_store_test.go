package credentials_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// house is a manager over a real database that asks a simulator.
type house struct {
	*backend.Backend
	store     store.Store
	paycor    *paycortest.Server
	app       *paycortest.Application
	log       *text
	directory string        // of the database
	ahead     time.Duration // by which the clock of a deaf manager is
}

// text is a log that can be read while it is written.
type text struct {
	mu sync.Mutex
	b  []byte
}

func (l *text) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = append(l.b, b...)
	return len(b), nil
}

func (l *text) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.b)
}

const activationHome = "http://localhost:8080/activation/callback"

// setup is what differs between the processes of a test.
type setup struct {
	transport http.RoundTripper             // nil means a plain one
	wrap      func(store.Store) store.Store // nil leaves the store as it is
	timeout   time.Duration
	lease     time.Duration
	log       *text
}

// build makes a manager over the database in a directory.
func build(ctx context.Context, directory, address string, s setup) (*backend.Backend, store.Store, error) {
	opened, err := sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(directory, "test.db"), KeyFile: filepath.Join(directory, "test.key")})
	if err != nil {
		return nil, nil, err
	}
	if s.transport == nil {
		plain := upstream.NewTransport()
		plain.DisableKeepAlives = true
		s.transport = plain
	}
	if s.log == nil {
		s.log = &text{}
	}
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client := upstream.New(upstream.Config{Transport: s.transport, RetryPause: -1, Logger: logger})
	used := opened
	var wrapped store.Store = used
	if s.wrap != nil {
		wrapped = s.wrap(used)
	}
	m, err := backend.New(backend.Config{
		LastFlush: patience,
		Store:     wrapped, Verify: client.Verify, TokenClient: tokens.NewClient(client), Logger: logger, TokenTimeout: s.timeout, TokenLease: s.lease,
		Environments: []paycor.Environment{{Name: "test", Title: "Test", APIURL: address, AuthorizeURL: address + "/AppActivation/Authorize"}},
	})
	return m, opened, err
}

func newHouse(t *testing.T, name string) *house {
	t.Helper()
	server := paycortest.Start(t, paycortest.Config{RatePerMinute: -1})
	h := &house{paycor: server, app: server.Lookup(name), log: &text{}, directory: t.TempDir()}
	var err error
	h.Backend, h.store, err = build(t.Context(), h.directory, server.URL, setup{log: h.log})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		assert.NoError(t, h.Close(ctx))
		assert.NoError(t, h.store.Close())
	})
	return h
}

// draftOf is what a person types who has the application's values.
func draftOf(details paycortest.Details) paycor.Draft {
	return paycor.Draft{
		Name: details.Name, Environment: "test", ClientID: details.ClientID,
		ClientSecret: paycor.NewSecret(details.ClientSecret), SubscriptionKey: paycor.NewSecret(details.PrimaryKey),
		LegalEntityID: paycor.TypedID(strconv.Itoa(details.Entities[0].ID)), Scope: details.Scopes[0].ID,
	}
}

// saved saves the application's credential without asking Paycor.
func (h *house) saved(t *testing.T) paycor.Credential {
	t.Helper()
	saved, err := h.As(everyRight()).Create(t.Context(), draftOf(h.app.Details()), paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	return saved.Credential
}

// activated saves it and activates it with a refresh token.
func (h *house) activated(t *testing.T) paycor.Credential {
	t.Helper()
	activated, err := h.As(everyRight()).Activate(t.Context(), h.saved(t).ID,
		paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(h.app.IssueRefreshToken())}, nil)
	require.NoError(t, err)
	return activated
}

func (h *house) credential(t *testing.T, id string) paycor.Credential {
	t.Helper()
	found, err := h.As(everyRight()).Credential(t.Context(), id)
	require.NoError(t, err)
	return found
}

func keyOf(id string) tokens.Key { return tokens.Key{Workspace: "default", Credential: id} }

// expire makes the stored access token one that is over.
func expire(t *testing.T, s store.Store, m *backend.Backend, id string) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		holding, err := tx.TokenState("default", id)
		if err != nil {
			return err
		}
		holding.ExpiresAt, holding.RenewAt = time.Now().Add(-time.Minute), time.Now().Add(-time.Minute)
		return tx.PutTokenState("default", id, holding, nil)
	}))
	if m != nil {
		m.TokenSource().Forget(keyOf(id))
	}
}

func (h *house) secrets(t *testing.T, id string) store.Secrets {
	t.Helper()
	var found store.Secrets
	require.NoError(t, h.store.View(t.Context(), func(r store.Reader) (err error) {
		found, err = r.Secrets("default", id)
		return err
	}))
	return found
}

func codeOf(err error) verdicts.Code {
	failure, ok := upstream.AsFailure(err)
	if !ok {
		return ""
	}
	return failure.Code
}

func TestAVerificationsTokenIsTheCurrentOne(t *testing.T) {
	h := newHouse(t, paycortest.SunriseBakery)
	saved := h.saved(t)
	service := h.As(everyRight())
	for want := 1; want <= 2; want++ {
		verdict, err := service.Verify(t.Context(), saved.ID, nil)
		require.NoError(t, err)
		assert.Equal(t, verdicts.CodeVerified, verdict.Code, verdict.Detail)
		assert.Equal(t, want, h.paycor.Counts().Tokens, "a verification tests the secret, so it asks anew")
	}
	_, err := h.TokenSource().Token(t.Context(), keyOf(saved.ID))
	require.NoError(t, err)
	assert.Equal(t, 2, h.paycor.Counts().Tokens, "and its token is used from then on")
}

func TestARestartCostsNoExchange(t *testing.T) {
	h := newHouse(t, paycortest.HarborLogistics)
	activated := h.activated(t)
	before := h.paycor.Counts().Tokens
	h.TokenSource().Forget(keyOf(activated.ID)) // all that a restart takes away
	_, err := h.TokenSource().Token(t.Context(), keyOf(activated.ID))
	require.NoError(t, err)
	assert.Equal(t, before, h.paycor.Counts().Tokens)
	verdict, err := h.As(everyRight()).Verify(t.Context(), activated.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeVerified, verdict.Code)
	assert.Equal(t, before, h.paycor.Counts().Tokens, "a verification of an activated credential uses no refresh token up without need")
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	h := newHouse(t, paycortest.HarborLogistics)
	activated := h.activated(t)
	h.app.ExpireTokens()
	before := h.paycor.Counts().Tokens
	verdict, err := h.As(everyRight()).Verify(t.Context(), activated.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeVerified, verdict.Code)
	assert.Equal(t, before+1, h.paycor.Counts().Tokens)

	h.app.AddFault(paycortest.Fault{Kind: paycortest.TokenNotAccepted})
	for range 3 {
		verdict, err = h.As(everyRight()).Verify(t.Context(), activated.ID, nil)
		require.NoError(t, err)
		assert.Equal(t, verdicts.CodeTokenNotAccepted, verdict.Code)
	}
	assert.Equal(t, before+1, h.paycor.Counts().Tokens, "nothing loops: right after a renewal there is no other")
}

func TestAUsedUpRefreshTokenNeedsActivation(t *testing.T) {
	h := newHouse(t, paycortest.HarborLogistics)
	activated := h.activated(t)
	assert.True(t, activated.HasRefreshToken)
	h.app.AddFault(paycortest.Fault{Kind: paycortest.RefreshUsed})
	expire(t, h.store, h.Backend, activated.ID)
	_, err := h.TokenSource().Token(t.Context(), keyOf(activated.ID))
	assert.Equal(t, verdicts.CodeRefreshUsed, codeOf(err))
	found := h.credential(t, activated.ID)
	assert.Equal(t, paycor.StateNeedsActivation, found.State)
	assert.Equal(t, verdicts.CodeRefreshUsed, found.Verdict.Code)
	assert.False(t, found.HasRefreshToken)

	before := h.paycor.Counts().Tokens
	h.TokenSource().Forget(keyOf(activated.ID))
	_, err = h.TokenSource().Token(t.Context(), keyOf(activated.ID))
	assert.Equal(t, verdicts.CodeRefreshUsed, codeOf(err))
	verdict, err := h.As(everyRight()).Verify(t.Context(), activated.ID, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeRefreshUsed, verdict.Code)
	assert.Equal(t, before, h.paycor.Counts().Tokens, "what is dead is not sent again")

	h.app.ClearFaults()
	again, err := h.As(everyRight()).Activate(t.Context(), activated.ID, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(h.app.IssueRefreshToken())}, nil)
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, again.State)
	assert.Equal(t, activated.ID, again.ID)
}

func TestALostAnswerIsToldInItsOwnWords(t *testing.T) {
	h := newHouse(t, paycortest.HarborLogistics)
	activated := h.activated(t)
	h.app.AddFault(paycortest.Fault{Kind: paycortest.LostAnswer, Count: 1})
	expire(t, h.store, h.Backend, activated.ID)
	_, err := h.TokenSource().Token(t.Context(), keyOf(activated.ID))
	assert.Equal(t, verdicts.CodeReset, codeOf(err), "nobody knows yet")
	assert.Equal(t, paycor.StateVerified, h.credential(t, activated.ID).State)
	h.app.AddFault(paycortest.Fault{Kind: paycortest.InvalidKey, Count: 1})
	_, err = h.TokenSource().TokenIgnoringCooldown(t.Context(), keyOf(activated.ID))
	assert.Equal(t, verdicts.CodeKeyRejected, codeOf(err), "this one was not processed, and says nothing of the one before")
	_, err = h.TokenSource().TokenIgnoringCooldown(t.Context(), keyOf(activated.ID))
	assert.Equal(t, verdicts.CodeRefreshLost, codeOf(err))
	assert.Equal(t, verdicts.CodeRefreshLost, h.credential(t, activated.ID).Verdict.Code)
	before := h.paycor.Counts().Tokens
	_, err = h.TokenSource().TokenIgnoringCooldown(t.Context(), keyOf(activated.ID))
	assert.Equal(t, verdicts.CodeRefreshLost, codeOf(err))
	assert.Equal(t, before, h.paycor.Counts().Tokens)
}

// An outage in which Paycor did nothing costs no activation.
func TestAnOutageCostsNoActivation(t *testing.T) {
	h := newHouse(t, paycortest.HarborLogistics)
	activated := h.activated(t)
	expire(t, h.store, h.Backend, activated.ID)
	for _, fault := range []paycortest.Fault{{Kind: paycortest.ServerError, Place: paycortest.AtToken}, {Kind: paycortest.Cut, Place: paycortest.AtToken},
		{Kind: paycortest.RateLimit, Place: paycortest.AtToken}, {Kind: paycortest.InvalidKey, Place: paycortest.AtToken}} {
		h.app.AddFault(fault)
		_, err := h.TokenSource().TokenIgnoringCooldown(t.Context(), keyOf(activated.ID))
		assert.Error(t, err)
		h.app.ClearFaults()
	}
	_, err := h.TokenSource().TokenIgnoringCooldown(t.Context(), keyOf(activated.ID))
	assert.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, h.credential(t, activated.ID).State)
}

func TestWhatAChangeDoesToTokens(t *testing.T) {
	for name, c := range map[string]struct {
		patch           paycor.Patch
		access, refresh bool // is kept
	}{
		"name":             {paycor.Patch{Name: ptr("Another")}, true, true},
		"client secret":    {paycor.Patch{ClientSecret: ptr(paycor.NewSecret("another/secret+of/Harbor+Logistics/0000003"))}, false, true},
		"subscription key": {paycor.Patch{SubscriptionKey: ptr(paycor.NewSecret("000000000000000000000000000000c2"))}, false, true},
		"scope":            {paycor.Patch{Scope: ptr("000000000000000000000000000000e2")}, false, true},
		"client id":        {paycor.Patch{ClientID: ptr("00000000000000000a09")}, false, false},
		"legal entity":     {paycor.Patch{LegalEntityID: ptr(paycor.TypedID("502241"))}, false, false},
		"grant":            {paycor.Patch{Grant: ptr(paycor.GrantClientCredentials)}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, paycortest.HarborLogistics)
			activated := h.activated(t)
			saved, err := h.As(everyRight()).Update(t.Context(), activated.ID, c.patch, paycor.UpdateOptions{SkipVerify: true})
			require.NoError(t, err)
			secrets := h.secrets(t, activated.ID)
			assert.Equal(t, c.access, !secrets[fields.AccessToken].IsZero())
			assert.Equal(t, c.refresh, !secrets[fields.RefreshToken].IsZero())
			assert.Equal(t, c.refresh, saved.HasRefreshToken)
			assert.Equal(t, c.refresh, !saved.ActivatedAt.IsZero())
		})
	}
}

// A change while Paycor is asked must not cost the next refresh token.
func TestAChangeDuringARefreshKeepsTheNextRefreshToken(t *testing.T) {
	h := newHouse(t, paycortest.HarborLogistics)
	activated := h.activated(t)
	expire(t, h.store, h.Backend, activated.ID)
	old := h.secrets(t, activated.ID)[fields.RefreshToken]
	h.app.AddFault(paycortest.Fault{Kind: paycortest.Slow, Place: paycortest.AtToken, Delay: 300 * time.Millisecond, Count: 1})
	done := make(chan error, 1)
	go func() { _, err := h.TokenSource().Token(context.Background(), keyOf(activated.ID)); done <- err }()
	require.Eventually(t, func() bool {
		var holding store.TokenState
		_ = h.store.View(t.Context(), func(r store.Reader) (err error) { holding, err = r.TokenState("default", activated.ID); return err })
		return holding.LeaseOwner != ""
	}, time.Minute, time.Millisecond)
	_, err := h.As(everyRight()).Update(t.Context(), activated.ID, paycor.Patch{SubscriptionKey: ptr(paycor.NewSecret("000000000000000000000000000000c2"))}, paycor.UpdateOptions{SkipVerify: true})
	require.NoError(t, err)
	require.NoError(t, <-done)
	secrets := h.secrets(t, activated.ID)
	assert.NotEqual(t, old, secrets[fields.RefreshToken])
	assert.True(t, h.paycor.RefreshTokenLives(secrets[fields.RefreshToken].Reveal()))
	assert.True(t, secrets[fields.AccessToken].IsZero(), "a token of the old values is not kept")
}

func TestNoTokenIsSeenAnywhere(t *testing.T) {
	h := newHouse(t, paycortest.HarborLogistics)
	activated := h.activated(t)
	h.app.ExpireTokens()
	_, err := h.As(everyRight()).Verify(t.Context(), activated.ID, nil)
	require.NoError(t, err)
	seen := h.secrets(t, activated.ID)
	entries, err := h.As(everyRight()).History(t.Context(), activated.ID)
	require.NoError(t, err)
	begun, err := h.As(everyRight()).StartActivation(t.Context(), activated.ID, activationHome)
	require.NoError(t, err)
	address, err := url.Parse(begun.AuthorizeURL)
	require.NoError(t, err)
	files := ""
	for _, name := range []string{"test.db", "test.db-wal"} {
		content, err := os.ReadFile(filepath.Join(h.directory, name))
		require.NoError(t, err)
		files += string(content)
	}
	require.Contains(t, files, activated.ClientID, "the files are the right ones")
	assert.NotContains(t, files+h.log.String(), address.Query().Get("state"), "only the hash of a state is kept")
	written := files + encoded(t, entries) + encoded(t, h.credential(t, activated.ID)) + h.log.String()
	for _, field := range []fields.Field{fields.AccessToken, fields.RefreshToken, fields.ClientSecret, fields.SubscriptionKey} {
		require.False(t, seen[field].IsZero(), field)
		assert.NotContains(t, written, seen[field].Reveal(), field)
	}
	var actions []audit.Action
	for _, entry := range entries {
		if entry.Outcome != audit.OutcomeStarted {
			actions = append(actions, entry.Action)
		}
	}
	assert.Equal(t, []audit.Action{audit.ActionVerify, audit.ActionExchange, audit.ActionTokenLost, audit.ActionVerify, audit.ActionActivate, audit.ActionCreate}, actions,
		"the refused access token has an entry of its own")
}

// A new secret is tested for real before it is saved, and the test costs no
// activation, whatever comes of it.
func TestNewValuesOfAnActivatedCredentialAreTested(t *testing.T) {
	h := newHouse(t, paycortest.HarborLogistics)
	activated := h.activated(t)
	service := h.As(everyRight())
	secret := paycor.NewSecret("another/secret+of/Harbor+Logistics/0000003")
	draft := paycor.VerifyRequest{ID: activated.ID, Draft: paycor.Draft{ClientSecret: secret}}
	verdict, err := service.VerifyDraft(t.Context(), draft, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeClientRejected, verdict.Code)
	assert.Equal(t, paycor.StateVerified, h.credential(t, activated.ID).State)

	h.app.Change(func(d *paycortest.Details) { d.ClientSecret = secret.Reveal() })
	verdict, err = service.VerifyDraft(t.Context(), draft, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeVerified, verdict.Code)
	assert.True(t, h.paycor.RefreshTokenLives(h.secrets(t, activated.ID)[fields.RefreshToken].Reveal()), "the next refresh token was kept")
	saved, err := service.Update(t.Context(), activated.ID, paycor.Patch{ClientSecret: &secret}, paycor.UpdateOptions{})
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, saved.State)
	_, err = h.TokenSource().Token(t.Context(), keyOf(activated.ID))
	assert.NoError(t, err)
}

func TestAPastedRefreshTokenWhoseAnswerIsLost(t *testing.T) {
	h := newHouse(t, paycortest.HarborLogistics)
	saved := h.saved(t)
	h.app.AddFault(paycortest.Fault{Kind: paycortest.LostAnswer})
	_, err := h.As(everyRight()).Activate(t.Context(), saved.ID, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(h.app.IssueRefreshToken())}, nil)
	assert.Equal(t, verdicts.CodeRefreshLost, verdictOf(t, err).Code)
}

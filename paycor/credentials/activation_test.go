package credentials_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// opener is the part of a backend that sends browsers to Paycor.
type opener interface {
	OpenActivation(ctx context.Context, handle paycor.Secret, callers ...paycor.Caller) (string, error)
}

// opened opens a started activation and returns the address of Paycor's page.
func opened(t *testing.T, h opener, caller paycor.Caller, started paycor.Activation) string {
	t.Helper()
	address, err := h.OpenActivation(t.Context(), started.Handle, caller)
	require.NoError(t, err)
	return address
}

// consent responds on Paycor's page as a person does, and returns the result.
func consent(t *testing.T, server *paycortest.Server, address string, decision paycortest.Decision) paycor.ActivationAnswer {
	t.Helper()
	redirect, err := server.Consent(address, decision)
	require.NoError(t, err)
	parsed, err := url.Parse(redirect)
	require.NoError(t, err)
	query := parsed.Query()
	return paycor.ActivationAnswer{State: paycor.NewSecret(query.Get("state")), Code: paycor.NewSecret(query.Get("code")), Refusal: query.Get("error")}
}

func browser(name string) paycor.Caller {
	caller := env.Administrator()
	caller.Browser = name
	return caller
}

func verdictOf(t *testing.T, err error) verdicts.Verdict {
	t.Helper()
	var known *paycor.Error
	require.True(t, errors.As(err, &known), "%v", err)
	require.NotNil(t, known.Verdict, "%v", err)
	return *known.Verdict
}

func TestActivationInABrowser(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	service := h.As(browser("b1"))
	saved, err := service.Create(t.Context(), h.Draft(), paycor.CreateOptions{})
	require.NoError(t, err)
	assert.Equal(t, paycor.StateNeedsActivation, saved.State)

	activation, err := service.StartActivation(t.Context(), saved.ID, env.RedirectURI)
	require.NoError(t, err)
	page := opened(t, h, browser("b1"), activation)
	address, err := url.Parse(page)
	require.NoError(t, err)
	query := address.Query()
	assert.Equal(t, "code", query.Get("response_type"))
	assert.Equal(t, "S256", query.Get("code_challenge_method"))
	assert.Equal(t, "000000000000000000000000000000d2 offline_access", query.Get("scope"))
	assert.Len(t, query.Get("state"), 43)

	activated, err := service.Activate(t.Context(), "", consent(t, h.Paycor, page, paycortest.Allow), nil)
	require.NoError(t, err)
	assert.Equal(t, saved.ID, activated.ID)
	assert.Equal(t, paycor.StateVerified, activated.State)
	assert.Equal(t, paycor.GrantAuthorizationCode, activated.Grant)
	assert.True(t, activated.HasRefreshToken)
	assert.Equal(t, "Ann", activated.ActivatedBy)
	assert.False(t, activated.ActivatedAt.IsZero())
	assert.Equal(t, "Harbor Logistics Inc", activated.LegalEntityName)
	assert.Greater(t, activated.Version, saved.Version)
}

func TestStateWorksOnceInItsBrowserUntilExpiry(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	saved := h.Create(t)
	mine, service := browser("b1"), h.As(browser("b1"))
	start := func() paycor.ActivationAnswer {
		activation, err := service.StartActivation(t.Context(), saved.ID, env.RedirectURI)
		require.NoError(t, err)
		return consent(t, h.Paycor, opened(t, h, mine, activation), paycortest.Allow)
	}
	answer := start()
	stranger := mine
	stranger.Workspace = "other"
	other := mine
	other.ID = "bob"
	for name, caller := range map[string]paycor.Caller{"another browser": browser("b2"), "another workspace": stranger, "another person": other} {
		found, err := h.As(caller).Activate(t.Context(), "", answer, nil)
		assert.Equal(t, verdicts.CodeActivationExpired, verdictOf(t, err).Code, name)
		assert.Empty(t, found.ID, "others do not learn whose state it is")
	}
	_, err := service.Activate(t.Context(), "cred_00000000000000000000000000", answer, nil)
	assert.Equal(t, verdicts.CodeActivationExpired, verdictOf(t, err).Code, "the state of another credential")
	assert.Zero(t, h.Paycor.Counts().Tokens)
	_, err = service.Activate(t.Context(), "", answer, nil)
	require.NoError(t, err, "its owner can still use it")
	_, err = service.Activate(t.Context(), "", answer, nil)
	assert.Equal(t, verdicts.CodeActivationExpired, verdictOf(t, err).Code, "used twice")

	answer = start()
	hours := time.Now().Add(-time.Hour)
	require.NoError(t, h.Store.Update(t.Context(), func(tx store.Tx) error { return expireActivation(tx, answer.State, hours) }))
	tokens := h.Paycor.Counts().Tokens
	_, err = service.Activate(t.Context(), "", answer, nil)
	assert.Equal(t, verdicts.CodeActivationExpired, verdictOf(t, err).Code, "expired")
	assert.Equal(t, tokens, h.Paycor.Counts().Tokens)
}

// The handle of a start is of no use to anybody else, twice, late, or as a state.
func TestStartWorksOnceInItsBrowserForAMinute(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	saved, mine := h.Create(t), browser("b1")
	start := func() paycor.Activation {
		started, err := h.As(mine).StartActivation(t.Context(), saved.ID, env.RedirectURI)
		require.NoError(t, err)
		return started
	}
	started := start()
	assert.NotContains(t, encoded(t, started), saved.ClientID)
	stranger, other, viewer := mine, mine, mine
	stranger.Workspace, other.ID, viewer.Rights = "other", "bob", paycor.Rights{paycor.RightView}
	for name, caller := range map[string]paycor.Caller{"another browser": browser("b2"), "another workspace": stranger, "another person": other} {
		_, err := h.OpenActivation(t.Context(), started.Handle, caller)
		assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), name)
	}
	_, err := h.OpenActivation(t.Context(), started.Handle, viewer)
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err), "the right to edit was taken away")
	_, err = h.As(mine).Activate(t.Context(), "", paycor.ActivationAnswer{State: started.Handle, Code: paycor.NewSecret("c")}, nil)
	assert.Equal(t, verdicts.CodeActivationExpired, verdictOf(t, err).Code, "a handle is no state")

	address := opened(t, h, mine, started)
	assert.Contains(t, address, h.App.Details().PrimaryKey)
	_, err = h.OpenActivation(t.Context(), started.Handle, mine)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "once")
	entry := h.Trail(t)[0]
	assert.Equal(t, audit.ActionDisclose, entry.Action)
	assert.Equal(t, []fields.Field{fields.SubscriptionKey}, entry.Fields)
	assert.Equal(t, saved.ID, entry.Credential)
	_, err = h.OpenActivation(t.Context(), consent(t, h.Paycor, address, paycortest.Allow).State, mine)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "a state is no handle")

	started = start()
	require.NoError(t, h.Store.Update(t.Context(), func(tx store.Tx) error {
		return expireActivation(tx, paycor.NewSecret("start "+started.Handle.Reveal()), time.Now().Add(-time.Second))
	}))
	_, err = h.OpenActivation(t.Context(), started.Handle, mine)
	assert.Equal(t, paycor.KindUnauthorized, paycor.KindOf(err), "expired")
}

// A program, or a script in a frame, could read the address of Paycor's page and with it
// the APIM Subscription Key.
func TestOnlyAPersonStartsAnActivation(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	saved := h.Create(t)
	for _, kind := range []paycor.CallerKind{paycor.CallerConsumer, paycor.CallerEmbedded, paycor.CallerOperator, paycor.CallerServer} {
		caller := env.Administrator()
		caller.Kind = kind
		_, err := h.As(caller).StartActivation(t.Context(), saved.ID, env.RedirectURI)
		assert.Equal(t, activation.KindPeopleOnly, paycor.KindOf(err), kind)
		entry := h.Trail(t)[0]
		assert.Equal(t, audit.ActionActivateStart, entry.Action, kind)
		assert.Equal(t, "refused", entry.Outcome, kind)
		assert.Equal(t, string(activation.KindPeopleOnly), entry.Detail, kind)
	}
	program := env.Administrator()
	program.Kind = paycor.CallerConsumer
	activated, err := h.As(program).Activate(t.Context(), saved.ID, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(h.App.IssueRefreshToken())}, nil)
	require.NoError(t, err, "a pasted value reveals nothing")
	assert.Equal(t, paycor.StateVerified, activated.State)
}

// expireActivation makes a started activation expire.
func expireActivation(tx store.Tx, state paycor.Secret, at time.Time) error {
	activation, err := tx.Activation(hashOf(state))
	if err != nil {
		return err
	}
	activation.ExpiresAt = at
	return errors.Join(tx.DeleteActivation(activation.Hash), tx.InsertActivation(activation))
}

func TestFailedActivationChangesNothing(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	saved := h.Activate(t)
	service := h.As(env.Administrator())
	before, secrets := h.Credential(t, saved.ID), h.Secrets(t, saved.ID)
	pasted := func(value string) paycor.ActivationAnswer {
		return paycor.ActivationAnswer{Code: paycor.NewSecret(value), CodeVerifier: paycor.NewSecret("canary-verifier-00000000"), RedirectURI: env.RedirectURI}
	}
	state := func(decision paycortest.Decision) paycor.ActivationAnswer {
		activation, err := service.StartActivation(t.Context(), saved.ID, env.RedirectURI)
		require.NoError(t, err)
		return consent(t, h.Paycor, opened(t, h, env.Administrator(), activation), decision)
	}
	wrongVerifier := state(paycortest.Allow)
	wrongVerifier.State = paycor.Secret{}
	wrongVerifier.CodeVerifier, wrongVerifier.RedirectURI = paycor.NewSecret("canary-verifier-00000000"), env.RedirectURI
	for name, c := range map[string]struct {
		answer paycor.ActivationAnswer
		fault  paycortest.Fault
		code   verdicts.Code
		kind   paycor.Kind
	}{
		"unknown code":       {pasted("canary-code-0000000"), paycortest.Fault{}, verdicts.CodeCodeRefused, paycor.KindActivation},
		"verifier":           {wrongVerifier, paycortest.Fault{}, verdicts.CodeVerifierMismatch, paycor.KindActivation},
		"used refresh token": {paycor.ActivationAnswer{RefreshToken: paycor.NewSecret("canary-refresh-00000")}, paycortest.Fault{}, verdicts.CodeRefreshUsed, paycor.KindActivation},
		"denied":             {state(paycortest.Deny), paycortest.Fault{}, verdicts.CodeActivationDenied, paycor.KindActivation},
		"expired code":       {state(paycortest.Allow), paycortest.Fault{Kind: paycortest.CodeExpired, Count: 1}, verdicts.CodeCodeRefused, paycor.KindActivation},
		"Paycor is down":     {state(paycortest.Allow), paycortest.Fault{Kind: paycortest.ServerError, Place: paycortest.AtToken, Count: 1}, verdicts.CodeServerError, paycor.KindUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			if c.fault.Kind != "" {
				h.App.AddFault(c.fault)
				defer h.App.ClearFaults()
			}
			_, err := service.Activate(t.Context(), saved.ID, c.answer, nil)
			assert.Equal(t, c.code, verdictOf(t, err).Code)
			assert.Equal(t, c.kind, paycor.KindOf(err))
			assert.Equal(t, before, h.Credential(t, saved.ID))
			assert.Equal(t, secrets, h.Secrets(t, saved.ID))
			history, historyErr := service.History(t.Context(), saved.ID)
			require.NoError(t, historyErr)
			assert.Equal(t, audit.ActionActivate, history.Entries[0].Action)
			assert.Equal(t, string(c.code), history.Entries[0].Detail)
			assert.NotContains(t, err.Error()+h.Log.String()+encoded(t, history)+encoded(t, verdictOf(t, err)), "canary")
		})
	}
}

func TestActivationRequirements(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	saved := h.Create(t)
	service := h.As(env.Administrator())
	_, err := service.Activate(t.Context(), saved.ID, paycor.ActivationAnswer{}, nil)
	assert.Equal(t, paycor.KindInvalid, paycor.KindOf(err))
	_, err = service.Activate(t.Context(), saved.ID, paycor.ActivationAnswer{Code: paycor.NewSecret("c d")}, nil)
	var known *paycor.Error
	require.True(t, errors.As(err, &known))
	assert.Len(t, known.Problems, 3, "a space in the code, and neither verifier nor redirect URI")

	_, err = h.As(env.Person(paycor.RightView, paycor.RightUse, paycor.RightAdmin)).StartActivation(t.Context(), saved.ID, env.RedirectURI)
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
	_, err = h.As(env.Person(paycor.RightView, paycor.RightUse, paycor.RightAdmin)).Activate(t.Context(), saved.ID, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret("x")}, nil)
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))

	_, err = service.Update(t.Context(), saved.ID, paycor.Patch{Scope: ptr("")}, paycor.UpdateOptions{SkipVerify: true})
	require.NoError(t, err)
	_, err = service.StartActivation(t.Context(), saved.ID, env.RedirectURI)
	require.True(t, errors.As(err, &known))
	require.Len(t, known.Problems, 1)
	assert.Equal(t, fields.Scope, known.Problems[0].Field)
}

func hashOf(secret paycor.Secret) []byte {
	sum := sha256.Sum256([]byte(secret.Reveal()))
	return sum[:]
}

// A state is bound to the browser, so every sign-in identifies its browser.
func TestEachSignInIdentifiesItsBrowser(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	var browsers []string
	for range 2 {
		link, _, err := h.CreateLink(t.Context())
		require.NoError(t, err)
		handle, _, err := h.SignIn(t.Context(), link, "127.0.0.1", "r1")
		require.NoError(t, err)
		caller, err := h.CallerBySession(t.Context(), handle)
		require.NoError(t, err)
		again, err := h.CallerBySession(t.Context(), handle)
		require.NoError(t, err)
		assert.Equal(t, caller.Browser, again.Browser)
		assert.NotEmpty(t, caller.Browser)
		assert.NotContains(t, handle.Reveal(), caller.Browser)
		browsers = append(browsers, caller.Browser)
	}
	assert.NotEqual(t, browsers[0], browsers[1])
}

// An activation for another company does not replace access that works: not for the
// holder of a link, who may choose the wrong company, nor for anybody else.
func TestActivationForAnotherCompanyKeepsTheOneThatWorks(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	h.App.Change(func(d *paycortest.Details) {
		d.Entities = append(d.Entities, paycortest.Entity{ID: 503001, Name: "Harbor Cold Storage LLC", TenantID: d.Entities[0].TenantID},
			paycortest.Entity{ID: 699001, Name: "Of another company", TenantID: 690000})
	})
	saved := h.Activate(t)
	require.Equal(t, paycor.StateVerified, verify(t, h, saved.ID))
	sibling := createFor(t, h, "sibling", "503001", func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode })
	require.Equal(t, saved.ApplicationID, sibling.ApplicationID)
	secrets := h.Secrets(t, saved.ID)
	activate := func(decision paycortest.Decision) (paycor.Saved, error) {
		started, err := h.As(browser("b1")).StartActivation(t.Context(), sibling.ID, env.RedirectURI)
		require.NoError(t, err)
		return h.As(browser("b1")).Activate(t.Context(), "", consent(t, h.Paycor, opened(t, h, browser("b1"), started), decision), nil)
	}
	_, err := activate(paycortest.AllowElsewhere)
	assert.Equal(t, verdicts.CodeActivationElsewhere, verdictOf(t, err).Code)
	assert.Equal(t, secrets, h.Secrets(t, saved.ID))
	assert.Equal(t, paycor.StateVerified, h.Credential(t, saved.ID).State)

	link := createLink(t, h, env.Administrator(), saved.ID)
	answer := consent(t, h.Paycor, visit(t, h, link.Code, "b1"), paycortest.AllowElsewhere)
	_, found, err := h.FinishActivationByLink(t.Context(), visitor("b1"), answer)
	assert.True(t, found)
	assert.Equal(t, verdicts.CodeActivationElsewhere, verdictOf(t, err).Code)
	assert.Equal(t, secrets, h.Secrets(t, saved.ID))
	assert.Equal(t, activation.LinkOpen, linkState(t, h, link.Code), "it can be tried again")
	entry := h.Trail(t)[0]
	assert.Equal(t, []any{audit.ActionActivate, paycor.CallerLink, "activation_elsewhere"}, []any{entry.Action, entry.CallerKind, entry.Detail})

	// The right company replaces it, and the answer names what follows.
	activated, err := activate(paycortest.Allow)
	require.NoError(t, err)
	assert.Equal(t, []string{saved.ID}, activated.AlsoChanged)
	assert.NotEqual(t, secrets[fields.RefreshToken], h.Secrets(t, saved.ID)[fields.RefreshToken])

	// Where the saved one does not work any longer, nothing is protected.
	h.App.ExpireTokens()
	h.ExpireToken(t, saved.ID)
	h.Paycor.AddFault(paycortest.Fault{Kind: paycortest.RefreshUsed, Count: 1})
	_, err = activate(paycortest.AllowElsewhere)
	require.NoError(t, err)
	assert.Equal(t, paycor.StateRejected, h.Credential(t, sibling.ID).State)
}

// Others that follow an activation are only counted for who does not see them.
func TestActivationSaysWhatElseChanged(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	one, two, hidden := createFor(t, h, "one", entity(h, 0)), createFor(t, h, "two", "77"), createFor(t, h, "hidden", "78")
	restrict(t, h, hidden.ID)
	caller := stranger(paycor.RightView, paycor.RightEdit)
	activated, err := h.As(caller).Activate(t.Context(), one.ID, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(h.App.IssueRefreshToken())}, nil)
	require.NoError(t, err)
	assert.Equal(t, []any{[]string{two.ID}, true}, []any{activated.AlsoChanged, activated.AlsoChangedHidden})
}

package credentials_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/application"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// stranger returns a person who sees only what is not restricted.
func stranger(rights ...paycor.Right) paycor.Caller {
	caller := env.Person(rights...)
	caller.ID, caller.Name = "stranger", "Stranger"
	return caller
}

func restrict(t *testing.T, h *env.Simulation, id string) {
	t.Helper()
	_, err := h.As(env.Administrator()).Share(t.Context(), id, &paycor.Sharing{}, "")
	require.NoError(t, err)
}

func TestApplicationsAsTheCallerSeesThem(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	one, two := createFor(t, h, "one", entity(h, 0)), createFor(t, h, "two", entity(h, 1))
	hidden := createFor(t, h, "hidden", entity(h, 0), func(d *paycor.Draft) { d.ClientID = "0000000000000000a0b9" })
	restrict(t, h, two.ID)
	restrict(t, h, hidden.ID)
	require.Equal(t, paycor.StateVerified, verify(t, h, one.ID))
	owner, viewer := h.As(env.Administrator()), h.As(stranger(paycor.RightView))

	full, err := owner.Application(t.Context(), one.ApplicationID)
	require.NoError(t, err)
	assert.Equal(t, []application.Credential{
		{ID: one.ID, Name: "one", LegalEntityID: one.LegalEntityID, LegalEntityName: "Sunrise Bakery LLC", State: paycor.StateVerified, Outcome: verdicts.OutcomeVerified},
		{ID: two.ID, Name: "two", LegalEntityID: two.LegalEntityID, State: paycor.StateNotVerified},
	}, full.Credentials)
	assert.Equal(t, []any{2, false, true}, []any{full.Total, full.Others, full.Usable})
	assert.Equal(t, []any{one.ClientID, one.Scope, one.ClientSecretSavedAt}, []any{full.ClientID, full.Scope, full.ClientSecretSavedAt})

	seen, err := viewer.Application(t.Context(), one.ApplicationID)
	require.NoError(t, err)
	assert.Equal(t, full.Credentials[:1], seen.Credentials)
	assert.Equal(t, []any{1, true, false}, []any{seen.Total, seen.Others, seen.Usable}, "that there are others, not which")
	for _, id := range []string{hidden.ApplicationID, "app_none", one.ID} {
		_, err = viewer.Application(t.Context(), id)
		assert.Equal(t, paycor.Errorf(paycor.KindNotFound, "error.application-not-found"), err, id)
	}
	limited := env.Administrator()
	limited.Credentials = []string{two.ID}
	allowed, err := h.As(limited).Application(t.Context(), one.ApplicationID)
	require.NoError(t, err)
	assert.Equal(t, []any{two.ID, 1, true}, []any{allowed.Credentials[0].ID, allowed.Total, allowed.Others})

	page, err := owner.Applications(t.Context(), application.Query{Limit: 1})
	require.NoError(t, err)
	require.Len(t, page.Applications, 1)
	next, err := owner.Applications(t.Context(), application.Query{Limit: 1, Cursor: page.Next})
	require.NoError(t, err)
	assert.Empty(t, next.Next)
	assert.ElementsMatch(t, []string{one.ApplicationID, hidden.ApplicationID}, []string{page.Applications[0].ID, next.Applications[0].ID})
	page, err = viewer.Applications(t.Context(), application.Query{})
	require.NoError(t, err)
	assert.Equal(t, []application.Application{seen}, page.Applications)
	page, err = viewer.Applications(t.Context(), application.Query{Environment: "test", ClientID: hidden.ClientID})
	require.NoError(t, err)
	assert.Equal(t, application.Page{Applications: []application.Application{}}, page)
}

// A save and a verification use the secrets of an application instead of typed ones.
func TestSaveWithTheSecretsOfAnApplication(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved := createFor(t, h, "saved", entity(h, 0))
	service := h.As(env.Administrator())
	draft := paycor.Draft{Name: "Second entity", LegalEntityID: paycor.TypedID(entity(h, 1))}
	verdict, err := service.VerifyDraft(t.Context(), paycor.VerifyRequest{ApplicationID: saved.ApplicationID, Draft: draft}, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.OutcomeVerified, verdict.Outcome)
	options := paycor.CreateOptions{ApplicationID: saved.ApplicationID, IdempotencyKey: "once"}
	created, err := service.Create(t.Context(), draft, options)
	require.NoError(t, err)
	assert.Equal(t, saved.ApplicationID, created.ApplicationID)
	assert.Equal(t, paycor.StateVerified, created.State, "the verdict about the draft")
	assert.Equal(t, saved.ClientID, created.ClientID)
	assert.Equal(t, h.Secrets(t, saved.ID)[fields.ClientSecret], h.Secrets(t, created.ID)[fields.ClientSecret])

	h.ChangeSecret(newSecret)
	_, err = service.Rotate(t.Context(), saved.ID, rotateTo(newSecret), nil)
	require.NoError(t, err)
	again, err := service.Create(t.Context(), draft, options)
	require.NoError(t, err)
	assert.Equal(t, created.ID, again.ID, "repeated, although the secret is another one now")

	for name, differs := range map[string]paycor.Draft{
		"client_id":        {ClientID: "0000000000000000a0b9"},
		"environment":      {Environment: "production"},
		"client_secret":    {ClientSecret: paycor.NewSecret("simulator/secret+of/Somebody+Else/000001")},
		"subscription_key": {SubscriptionKey: paycor.NewSecret(h.App.Details().SecondaryKey)},
		"scope":            {Scope: "0000000000000000000000000000d0d0"},
		"grant":            {Grant: paycor.GrantAuthorizationCode},
	} {
		differs.Name, differs.LegalEntityID = "Differs", draft.LegalEntityID
		_, err := service.Create(t.Context(), differs, paycor.CreateOptions{ApplicationID: saved.ApplicationID})
		var known *paycor.Error
		require.ErrorAs(t, err, &known, name)
		assert.Equal(t, paycor.KindInvalid, known.Kind, name)
		assert.Equal(t, fields.Field(name), known.Problems[0].Field, "a stored secret is sent nowhere else")
	}
}

// A draft of an activated application uses its token.
func TestVerifyWithTheActivationOfAnApplication(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	activated := h.Activate(t)
	verdict, err := h.As(env.Administrator()).VerifyDraft(t.Context(), paycor.VerifyRequest{
		ApplicationID: activated.ApplicationID, Draft: paycor.Draft{LegalEntityID: paycor.TypedID(entity(h, 0))},
	}, nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.OutcomeVerified, verdict.Outcome)
	assert.True(t, h.Paycor.RefreshTokenLives(h.Secrets(t, activated.ID)[fields.RefreshToken].Reveal()), "the stored one is valid")
}

// Who may not edit a credential of an application can use neither its secrets nor the
// answer to find out whether it exists. No secret is readable through another credential.
func TestSecretsOfAnApplicationAreForItsEditors(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved := createFor(t, h, "saved", entity(h, 0))
	restrict(t, h, saved.ID)
	limited := env.Administrator()
	limited.Credentials = []string{"cred_00000000000000000000000001"}
	elsewhere := env.Administrator()
	elsewhere.Workspace = "elsewhere"
	draft := paycor.Draft{Name: "Mine", LegalEntityID: paycor.TypedID(entity(h, 0))}
	for name, caller := range map[string]paycor.Caller{
		"restricted": stranger(paycor.RightView, paycor.RightEdit), "allow-list": limited, "another workspace": elsewhere,
	} {
		service := h.As(caller)
		var answers []error
		h.Paycor.Reset()
		for _, id := range []string{saved.ApplicationID, "app_none"} {
			_, err := service.Create(t.Context(), draft, paycor.CreateOptions{ApplicationID: id})
			answers = append(answers, err)
			_, err = service.VerifyDraft(t.Context(), paycor.VerifyRequest{ApplicationID: id, Draft: draft}, nil)
			answers = append(answers, err)
			_, err = service.TryPeerEnvironment(t.Context(), paycor.VerifyRequest{ApplicationID: id, Draft: draft})
			answers = append(answers, err)
		}
		for _, err := range answers {
			assert.Equal(t, answers[0], err, name)
		}
		assert.Equal(t, paycor.KindNotFound, paycor.KindOf(answers[0]), name)
		assert.Empty(t, h.Paycor.Requests(), name)
		trail := h.Trail(t)
		if caller.Workspace == paycor.DefaultWorkspace {
			assert.Equal(t, "refused not_found", trail[0].Outcome+" "+trail[0].Detail, name)
		}
	}
	_, err := h.As(stranger(paycor.RightView)).Create(t.Context(), draft, paycor.CreateOptions{ApplicationID: saved.ApplicationID})
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err), "without the right to edit")

	created, err := h.As(env.Administrator()).Create(t.Context(), draft, paycor.CreateOptions{ApplicationID: saved.ApplicationID, SkipVerify: true})
	require.NoError(t, err)
	_, err = h.As(env.Administrator()).Update(t.Context(), created.ID, paycor.Patch{Environment: ptr("production")}, paycor.UpdateOptions{SkipVerify: true, Force: true})
	assert.Equal(t, paycor.KindInvalid, paycor.KindOf(err), "another environment needs the secrets again")
	_, err = h.CredentialSource().UpstreamCredentials(t.Context(), stranger(paycor.RightUse), saved.ID, http.MethodGet)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err), "a credential that they see gives no way to one that they do not")
}

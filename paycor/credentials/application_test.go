package credentials_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// createFor saves a credential of the simulation's application for a legal entity.
func createFor(t *testing.T, h *env.Simulation, name, entity string, change ...func(*paycor.Draft)) paycor.Credential {
	t.Helper()
	draft := h.Draft()
	draft.Name, draft.LegalEntityID = name, paycor.TypedID(entity)
	for _, change := range change {
		change(&draft)
	}
	saved, err := h.As(env.Administrator()).Create(t.Context(), draft, paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	return saved.Credential
}

// An edit of what belongs to one credential alone is not in the way of edits of the others.
func TestOtherCredentialsKeepTheirVersion(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	one, two := createFor(t, h, "one", entity(h, 0)), createFor(t, h, "two", entity(h, 1))
	require.Equal(t, one.ApplicationID, two.ApplicationID)
	secrets, name := h.Secrets(t, one.ID), "other"
	tags := paycor.Tags("stores")
	_, err := h.As(env.Administrator()).Update(t.Context(), one.ID, paycor.Patch{Name: &name, Tags: &tags}, paycor.UpdateOptions{SkipVerify: true})
	require.NoError(t, err)
	assert.Equal(t, two, h.Credential(t, two.ID))
	assert.Greater(t, h.Credential(t, one.ID).Version, one.Version)
	assert.Equal(t, secrets, h.Secrets(t, one.ID))
}

// entity returns the ID of one of the application's legal entities.
func entity(h *env.Simulation, i int) string { return fmt.Sprint(h.App.Details().Entities[i].ID) }

// verify verifies a credential and returns its state.
func verify(t *testing.T, h *env.Simulation, id string) paycor.State {
	t.Helper()
	_, err := h.As(env.Administrator()).Verify(t.Context(), id, nil)
	require.NoError(t, err)
	return h.Credential(t, id).State
}

// Equal values and secrets are one application; any difference makes another one.
func TestSaveFindsItsApplication(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	one := createFor(t, h, "one", entity(h, 0))
	two := createFor(t, h, "two", entity(h, 1), func(d *paycor.Draft) { d.RotateBy = "2031-01-02" })
	assert.Equal(t, one.ApplicationID, two.ApplicationID)
	assert.Equal(t, one.ClientSecretSavedAt, two.ClientSecretSavedAt, "the secret was saved before")
	assert.Equal(t, h.Secrets(t, one.ID), h.Secrets(t, two.ID))
	assert.Equal(t, paycor.Day("2031-01-02"), h.Credential(t, one.ID).RotateBy, "the date is about the secret")
	seen := map[string]string{one.ApplicationID: "one"}
	for name, change := range map[string]func(*paycor.Draft){
		"client id": func(d *paycor.Draft) { d.ClientID = "0000000000000000a0b9" },
		"secret":    func(d *paycor.Draft) { d.ClientSecret = paycor.NewSecret(newSecret) },
		"key":       func(d *paycor.Draft) { d.SubscriptionKey = paycor.NewSecret("0000000000000000000000000000c0de") },
		"scope":     func(d *paycor.Draft) { d.Scope = "0000000000000000000000000000d0d0" },
		"grant":     func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode },
	} {
		apart := createFor(t, h, name, entity(h, 0), change)
		assert.Empty(t, seen[apart.ApplicationID], name)
		seen[apart.ApplicationID] = name
	}
}

// An application that the caller may not edit is not found: neither its tokens nor its
// existence is theirs.
func TestSaveFindsNoApplicationOfOthers(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	hidden := createFor(t, h, "hidden", entity(h, 0))
	_, err := h.As(env.Administrator()).Share(t.Context(), hidden.ID, &paycor.Sharing{}, "")
	require.NoError(t, err)
	stranger := env.Person(paycor.RightView, paycor.RightEdit)
	stranger.ID = "stranger"
	limited := env.Administrator()
	limited.Credentials = []string{"cred_00000000000000000000000001"}
	for name, caller := range map[string]paycor.Caller{"restricted": stranger, "allow-list": limited} {
		saved, err := h.As(caller).Create(t.Context(), h.Draft(), paycor.CreateOptions{SkipVerify: true})
		require.NoError(t, err)
		assert.NotEqual(t, hidden.ApplicationID, saved.ApplicationID, name)
	}
	shared := createFor(t, h, "shared", entity(h, 1))
	assert.Equal(t, hidden.ApplicationID, shared.ApplicationID)
	saved, err := h.As(stranger).Create(t.Context(), h.Draft(), paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	assert.NotEmpty(t, saved.ApplicationID)
}

// A rotation, an activation and an edit through one credential hold for all of its
// application, which is told to open pages.
func TestApplicationChangesForAllItsCredentials(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, h *env.Simulation, id string) error{
		"rotation": func(t *testing.T, h *env.Simulation, id string) error {
			h.ChangeSecret(newSecret)
			_, err := h.As(env.Administrator()).Rotate(t.Context(), id, rotateTo(newSecret), nil)
			return err
		},
		"edit": func(t *testing.T, h *env.Simulation, id string) error {
			h.ChangeSecret(newSecret)
			_, err := h.As(env.Administrator()).Update(t.Context(), id, paycor.Patch{ClientSecret: ptr(paycor.NewSecret(newSecret))}, paycor.UpdateOptions{})
			return err
		},
		"activation": func(t *testing.T, h *env.Simulation, id string) error {
			_, err := h.As(env.Administrator()).Activate(t.Context(), id, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(h.App.IssueRefreshToken())}, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := env.Simulate(t, paycortest.SunriseBakery)
			one, two := createFor(t, h, "one", entity(h, 0)), createFor(t, h, "two", entity(h, 1))
			apart := createFor(t, h, "apart", entity(h, 0), func(d *paycor.Draft) { d.Grant, d.SubscriptionKey = "", paycor.NewSecret(h.App.Details().SecondaryKey) })
			before := h.Credential(t, two.ID)
			told := map[string]bool{}
			var mu sync.Mutex
			h.Observe(func(_ string, change events.Change) { mu.Lock(); defer mu.Unlock(); told[change.ID] = true })
			require.NoError(t, change(t, h, one.ID))
			after, first := h.Credential(t, two.ID), h.Credential(t, one.ID)
			assert.Equal(t, h.Secrets(t, one.ID), h.Secrets(t, two.ID))
			assert.Greater(t, after.Version, before.Version, "an edit of the other one is of an older version now")
			assert.Equal(t, first.Rotation, after.Rotation)
			assert.Equal(t, first.ActivatedAt, after.ActivatedAt)
			assert.Equal(t, first.Grant, after.Grant)
			assert.Equal(t, before.Name, after.Name)
			assert.Equal(t, apart, h.Credential(t, apart.ID), "another application")
			mu.Lock()
			assert.True(t, told[one.ID] && told[two.ID])
			assert.False(t, told[apart.ID])
			mu.Unlock()
			assert.Equal(t, paycor.StateVerified, verify(t, h, two.ID))
		})
	}
}

// A verdict about the application is the verdict of all its credentials; one about a
// legal entity is not.
func TestVerdictsAboutApplicationAreShared(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	one, two := createFor(t, h, "one", entity(h, 0)), createFor(t, h, "two", entity(h, 1))
	wrong := createFor(t, h, "no such entity", "77")
	require.Equal(t, paycor.StateVerified, verify(t, h, one.ID))
	require.Equal(t, paycor.StateVerified, verify(t, h, two.ID))
	require.Equal(t, paycor.StateRejected, verify(t, h, wrong.ID))
	assert.Equal(t, paycor.StateVerified, h.Credential(t, one.ID).State, "only the legal entity was rejected")

	previous := h.ChangeSecret(newSecret)
	require.Equal(t, paycor.StateRejected, verify(t, h, two.ID))
	for _, id := range []string{one.ID, wrong.ID} {
		c := h.Credential(t, id)
		assert.Equal(t, paycor.StateRejected, c.State, "no tile stays green with a dead secret")
		assert.True(t, c.Verdict.RejectsApplication(), c.Verdict.Code)
		assert.Empty(t, c.Verdict.Entities)
	}
	assert.Equal(t, h.Credential(t, one.ID).VerifiedAt, h.Credential(t, one.ID).Verdict.LastSuccess.At)

	h.ChangeSecret(previous)
	require.Equal(t, paycor.StateVerified, verify(t, h, one.ID))
	assert.Equal(t, paycor.StateNotVerified, h.Credential(t, two.ID).State, "its rejection is refuted, its legal entity not verified yet")
	var due int
	require.NoError(t, h.Store.View(t.Context(), func(r store.Reader) (err error) { due, err = r.CountScheduled(); return err }))
	assert.Equal(t, 2, due, "they are verified next")

	h.Paycor.AddFault(paycortest.Fault{Kind: paycortest.NotStandard})
	require.Equal(t, paycor.StateRejected, verify(t, h, one.ID))
	assert.NotEmpty(t, h.Credential(t, one.ID).Verdict.Detail)
	shared := h.Credential(t, two.ID).Verdict
	require.NotNil(t, shared)
	assert.Equal(t, verdicts.CodeApplicationRefused, shared.Code)
	assert.Empty(t, shared.Detail+shared.CorrelationID, "Paycor's text may name the legal entity of the other one")
}

// Another Client ID moves one credential. The application stays with its secrets as long
// as a credential uses it.
func TestCredentialMovesAlone(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	one, two := createFor(t, h, "one", entity(h, 0)), createFor(t, h, "two", entity(h, 1))
	service := h.As(env.Administrator())
	patch := paycor.Patch{ClientID: ptr("0000000000000000a0b9")}
	moved, err := service.Update(t.Context(), one.ID, patch, paycor.UpdateOptions{SkipVerify: true})
	require.NoError(t, err)
	assert.NotEqual(t, two.ApplicationID, moved.ApplicationID)
	assert.Equal(t, two, h.Credential(t, two.ID), "the other one stays as it is")
	assert.Equal(t, h.Secrets(t, two.ID)[fields.ClientSecret], h.Secrets(t, one.ID)[fields.ClientSecret])

	again, err := service.Update(t.Context(), two.ID, patch, paycor.UpdateOptions{SkipVerify: true, Force: true})
	require.NoError(t, err)
	assert.Equal(t, moved.ApplicationID, again.ApplicationID, "found, because its secrets are equal")
	back, err := service.Update(t.Context(), two.ID, paycor.Patch{ClientID: ptr(two.ClientID)}, paycor.UpdateOptions{SkipVerify: true, Force: true})
	require.NoError(t, err)
	assert.NotEqual(t, two.ApplicationID, back.ApplicationID, "the application that nothing used is gone")
}

// 46 legal entities of one application share one stream of single-use refresh tokens:
// however many callers of however many servers need a token at once, one refresh serves
// all.
func TestManyCredentialsShareOneRefresh(t *testing.T) {
	const entities, callers = 46, 400
	h := env.Simulate(t, paycortest.SunriseBakery)
	ids := []string{h.Activate(t).ID}
	for i := 1; i < entities; i++ {
		id := createFor(t, h, fmt.Sprint("entity ", i), fmt.Sprint(600000+i), func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode }).ID
		ids = append(ids, id)
	}
	second := h.Reopen(t, env.Options{})
	env.ExpireToken(t, h.Store, ids[0])
	h.TokenSource().Forget(env.TokenKey(h.Credential(t, ids[0])))
	h.Paycor.Reset()
	var group sync.WaitGroup
	errs := make([]error, callers)
	for i := range callers {
		source := h.CredentialSource()
		if i%2 == 1 {
			source = second.CredentialSource()
		}
		group.Go(func() {
			_, errs[i] = source.UpstreamCredentials(t.Context(), env.Administrator(), ids[i%entities], http.MethodGet)
		})
	}
	group.Wait()
	for _, err := range errs {
		assert.NoError(t, err)
	}
	exchanges := 0
	for _, entry := range h.Trail(t) {
		if entry.Action == audit.ActionExchange && entry.Outcome == "done" {
			exchanges++
		}
	}
	assert.Equal(t, 1, exchanges, "one refresh for all")
	assert.Len(t, h.Paycor.Requests(), 1)
}

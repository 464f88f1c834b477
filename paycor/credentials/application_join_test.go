package credentials_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit/env"
)

// mistyped is a Client Secret that Paycor rejects.
const mistyped = newSecret + "/mistyped"

func typo(d *paycor.Draft) { d.ClientSecret = paycor.NewSecret(mistyped) }

// patchSecret replaces the Client Secret.
func patchSecret(secret paycor.Secret) paycor.Patch { return paycor.Patch{ClientSecret: &secret} }

// A credential that is repaired has the secrets of an application that is saved already:
// it uses that one from then on, whichever of the two was repaired, and whether by an edit
// or by a rotation.
func TestARepairedCredentialJoinsItsApplication(t *testing.T) {
	for name, repair := range map[string]func(t *testing.T, h *env.Simulation, id string) paycor.Credential{
		"edit": func(t *testing.T, h *env.Simulation, id string) paycor.Credential {
			saved, err := h.As(env.Administrator()).Update(t.Context(), id, patchSecret(h.Draft().ClientSecret), paycor.UpdateOptions{})
			require.NoError(t, err)
			return saved.Credential
		},
		"edit without a test": func(t *testing.T, h *env.Simulation, id string) paycor.Credential {
			saved, err := h.As(env.Administrator()).Update(t.Context(), id, patchSecret(h.Draft().ClientSecret), paycor.UpdateOptions{SkipVerify: true, Force: true})
			require.NoError(t, err)
			return saved.Credential
		},
		"rotation": func(t *testing.T, h *env.Simulation, id string) paycor.Credential {
			rotated, err := h.As(env.Administrator()).Rotate(t.Context(), id, rotateTo(h.Draft().ClientSecret.Reveal()), nil)
			require.NoError(t, err)
			require.True(t, rotated.Promoted)
			return rotated.Credential
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := env.Simulate(t, paycortest.SunriseBakery)
			one, two := createFor(t, h, "one", entity(h, 0)), createFor(t, h, "two", entity(h, 1))
			broken, another := createFor(t, h, "broken", entity(h, 0), typo), createFor(t, h, "another", entity(h, 1), typo)
			require.NotEqual(t, one.ApplicationID, broken.ApplicationID)
			require.Equal(t, broken.ApplicationID, another.ApplicationID)

			repaired := repair(t, h, broken.ID)
			assert.Equal(t, h.Credential(t, broken.ID), repaired, "the answer is what is stored")
			for _, c := range []paycor.Credential{one, two, another} {
				now := h.Credential(t, c.ID)
				assert.Equal(t, repaired.ApplicationID, now.ApplicationID, c.Name)
				assert.Equal(t, c.Name, now.Name)
				assert.Equal(t, c.LegalEntityID, now.LegalEntityID, c.Name)
			}
			shared, err := h.As(env.Administrator()).Application(t.Context(), repaired.ApplicationID)
			require.NoError(t, err)
			assert.Equal(t, 4, shared.Total)

			h.ChangeSecret(newSecret)
			_, err = h.As(env.Administrator()).Update(t.Context(), one.ID, patchSecret(paycor.NewSecret(newSecret)), paycor.UpdateOptions{SkipVerify: true, Force: true})
			require.NoError(t, err)
			assert.Equal(t, paycor.NewSecret(newSecret), h.Secrets(t, broken.ID)["client_secret"], "the next change counts for it")
			for _, c := range []paycor.Credential{one, two, broken, another} {
				assert.Equal(t, paycor.StateVerified, verify(t, h, c.ID), c.Name)
			}
		})
	}
}

// The credentials of an application that Paycor rejected are verified again once another one
// with its secrets is accepted.
func TestJoiningClearsAnOldRejection(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	early := createFor(t, h, "early", entity(h, 0), func(d *paycor.Draft) { d.ClientSecret = paycor.NewSecret(newSecret) })
	require.Equal(t, paycor.StateRejected, verify(t, h, early.ID))
	late := createFor(t, h, "late", entity(h, 1))
	h.ChangeSecret(newSecret)
	_, err := h.As(env.Administrator()).Update(t.Context(), late.ID, patchSecret(paycor.NewSecret(newSecret)), paycor.UpdateOptions{})
	require.NoError(t, err)
	assert.Equal(t, h.Credential(t, late.ID).ApplicationID, h.Credential(t, early.ID).ApplicationID)
	assert.Equal(t, paycor.StateNotVerified, h.Credential(t, early.ID).State)
}

// Secrets that a rotation keeps stay: the application that has none joins the one that has.
func TestJoiningKeepsTheSecretsOfARotation(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	service := h.As(env.Administrator())
	rotated := createFor(t, h, "rotated", entity(h, 0))
	require.Equal(t, paycor.StateVerified, verify(t, h, rotated.ID))
	old := h.ChangeSecret(newSecret)
	other := createFor(t, h, "other", entity(h, 1))
	require.NotEqual(t, rotated.ApplicationID, other.ApplicationID)
	result, err := service.Rotate(t.Context(), rotated.ID, rotateTo(newSecret), nil)
	require.NoError(t, err)
	require.NotNil(t, result.Credential.Rotation)
	assert.Equal(t, result.Credential.ApplicationID, h.Credential(t, other.ID).ApplicationID)
	assert.Equal(t, result.Credential.Rotation, h.Credential(t, other.ID).Rotation)
	assert.Equal(t, paycor.NewSecret(old), h.Secrets(t, other.ID)["client_secret_previous"])

	// Two that keep different secrets stay apart until one of them is ended.
	third := createFor(t, h, "third", entity(h, 0), func(d *paycor.Draft) { d.ClientSecret = paycor.NewSecret(newSecret + "/third") })
	_, err = service.Update(t.Context(), third.ID, patchSecret(paycor.NewSecret(newSecret)), paycor.UpdateOptions{SkipVerify: true, Force: true})
	require.NoError(t, err)
	require.NotEqual(t, result.Credential.ApplicationID, h.Credential(t, third.ID).ApplicationID)
	ended, err := service.EndRotation(t.Context(), third.ID)
	require.NoError(t, err)
	assert.Equal(t, result.Credential.ApplicationID, ended.ApplicationID)
	assert.Equal(t, h.Credential(t, third.ID), ended)
	assert.Equal(t, paycor.NewSecret(old), h.Secrets(t, third.ID)["client_secret_previous"], "those of the application")
}

// No activation is lost: the application without one joins the other, and two stay apart.
func TestJoiningKeepsActivations(t *testing.T) {
	for name, test := range map[string]struct{ saved, repaired, joins bool }{
		"of the repaired one": {false, true, true},
		"of the saved one":    {true, false, true},
		"of both":             {true, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := env.Simulate(t, paycortest.HarborLogistics)
			service := h.As(env.Administrator())
			withPage := func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode }
			saved, broken := createFor(t, h, "saved", entity(h, 0), withPage), createFor(t, h, "broken", entity(h, 0), withPage, typo)
			activate := func(id string) {
				_, err := service.Activate(t.Context(), id, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(h.App.IssueRefreshToken())}, nil)
				require.NoError(t, err)
			}
			right := h.Draft().ClientSecret
			if test.saved {
				activate(saved.ID)
			}
			if test.repaired {
				h.ChangeSecret(mistyped)
				activate(broken.ID)
				h.ChangeSecret(right.Reveal())
			}
			repaired, err := service.Update(t.Context(), broken.ID, patchSecret(right), paycor.UpdateOptions{SkipVerify: true, Force: true})
			require.NoError(t, err)
			assert.Equal(t, test.joins, repaired.ApplicationID == h.Credential(t, saved.ID).ApplicationID)
			for _, id := range []string{saved.ID, broken.ID} {
				assert.True(t, h.Credential(t, id).HasRefreshToken)
				assert.NotEmpty(t, h.Secrets(t, id)["refresh_token"])
			}
		})
	}
}

// An application that differed from another one only in that it was not activated joins it.
func TestAnActivationJoinsApplications(t *testing.T) {
	h := env.Simulate(t, paycortest.HarborLogistics)
	page, other := createFor(t, h, "page", entity(h, 0), func(d *paycor.Draft) { d.Grant = paycor.GrantAuthorizationCode }), createFor(t, h, "other", entity(h, 0))
	require.NotEqual(t, page.ApplicationID, other.ApplicationID)
	activated, err := h.As(env.Administrator()).Activate(t.Context(), other.ID, paycor.ActivationAnswer{RefreshToken: paycor.NewSecret(h.App.IssueRefreshToken())}, nil)
	require.NoError(t, err)
	assert.Equal(t, h.Credential(t, other.ID).ApplicationID, activated.ApplicationID, "the answer is what is stored")
	assert.Equal(t, activated.ApplicationID, h.Credential(t, page.ID).ApplicationID)
	assert.True(t, h.Credential(t, page.ID).HasRefreshToken)
}

// An application that the caller may not edit stays apart: that its secrets are the same is
// not theirs to know.
func TestNothingJoinsAHiddenApplication(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	hidden, broken := createFor(t, h, "hidden", entity(h, 0)), createFor(t, h, "broken", entity(h, 1), typo)
	_, err := h.As(env.Administrator()).Share(t.Context(), hidden.ID, &paycor.Sharing{}, "")
	require.NoError(t, err)
	stranger := env.Person(paycor.RightView, paycor.RightEdit)
	stranger.ID = "stranger"
	_, err = h.As(stranger).Update(t.Context(), broken.ID, patchSecret(h.Draft().ClientSecret), paycor.UpdateOptions{})
	require.NoError(t, err)
	assert.NotEqual(t, hidden.ApplicationID, h.Credential(t, broken.ID).ApplicationID)
}

// The later end of two rotations that keep the same secrets counts, and the date that is
// saved with the secrets, or else the other one.
func TestJoiningKeepsWhatIsKeptLongest(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	service := h.As(env.Administrator())
	one := createFor(t, h, "one", entity(h, 0))
	require.Equal(t, paycor.StateVerified, verify(t, h, one.ID))
	other := createFor(t, h, "other", entity(h, 1), func(d *paycor.Draft) { d.Scope = "" })
	require.NotEqual(t, one.ApplicationID, other.ApplicationID)
	h.ChangeSecret(newSecret)
	hour := rotateTo(newSecret)
	_, err := service.Rotate(t.Context(), one.ID, hour, nil)
	require.NoError(t, err)
	untilTold := hour
	untilTold.Keep, untilTold.RotateBy = paycor.KeepUntil, "2031-01-02"
	rotated, err := service.Rotate(t.Context(), other.ID, untilTold, nil)
	require.NoError(t, err)
	require.True(t, rotated.Promoted)
	scope := h.Draft().Scope
	_, err = service.Update(t.Context(), other.ID, paycor.Patch{Scope: &scope}, paycor.UpdateOptions{SkipVerify: true, Force: true})
	require.NoError(t, err)
	joined := h.Credential(t, one.ID)
	assert.Equal(t, h.Credential(t, other.ID).ApplicationID, joined.ApplicationID)
	require.NotNil(t, joined.Rotation)
	assert.Equal(t, paycor.KeepUntil, joined.Rotation.Keep)
	assert.Zero(t, joined.Rotation.DiscardAt)
	assert.Equal(t, paycor.Day("2031-01-02"), joined.RotateBy)
}

// Who asked for a token before a join gets one after it. Each credential that moves with
// another one has an entry in the trail.
func TestAJoinBreaksNoCall(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	createFor(t, h, "saved", entity(h, 0))
	broken, another := createFor(t, h, "broken", entity(h, 0), typo), createFor(t, h, "another", entity(h, 1), typo)
	before := env.TokenKey(another)
	_, err := h.As(env.Administrator()).Update(t.Context(), broken.ID, patchSecret(h.Draft().ClientSecret), paycor.UpdateOptions{})
	require.NoError(t, err)
	require.NotEqual(t, before.Application, h.Credential(t, another.ID).ApplicationID)
	_, err = h.TokenSource().Token(t.Context(), before)
	assert.NoError(t, err)
	var moved []audit.Entry
	for _, entry := range h.Trail(t) {
		if entry.Credential == another.ID && entry.Action == audit.ActionUpdate {
			moved = append(moved, entry)
		}
	}
	assert.Len(t, moved, 1)
}

// A create that is repeated returns what it made, although the application that it names has
// been joined with another one since.
func TestARepeatedCreateAfterAJoin(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	createFor(t, h, "one", entity(h, 0))
	broken := createFor(t, h, "broken", entity(h, 0), typo)
	draft := paycor.Draft{Name: "two", LegalEntityID: paycor.TypedID(entity(h, 1))}
	options := paycor.CreateOptions{ApplicationID: broken.ApplicationID, IdempotencyKey: "once", SkipVerify: true}
	made, err := h.As(env.Administrator()).Create(t.Context(), draft, options)
	require.NoError(t, err)
	_, err = h.As(env.Administrator()).Update(t.Context(), broken.ID, patchSecret(h.Draft().ClientSecret), paycor.UpdateOptions{SkipVerify: true, Force: true})
	require.NoError(t, err)
	joined := h.Credential(t, made.Credential.ID)
	require.NotEqual(t, broken.ApplicationID, joined.ApplicationID)

	again, err := h.As(env.Administrator()).Create(t.Context(), draft, options)
	require.NoError(t, err)
	assert.Equal(t, joined, again.Credential)
	draft.Name = "three"
	_, err = h.As(env.Administrator()).Create(t.Context(), draft, options)
	require.Equal(t, paycor.KindKeyReused, paycor.KindOf(err))

	require.NoError(t, h.As(env.Administrator()).Delete(t.Context(), joined.ID, ""))
	draft.Name = "two"
	_, err = h.As(env.Administrator()).Create(t.Context(), draft, options)
	require.Equal(t, paycor.KindConflict, paycor.KindOf(err))
}

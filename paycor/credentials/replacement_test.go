package credentials_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

const (
	wrongSecret = "invented/secret+that/Paycor+refuses/0000001"
	wrongKey    = "0000000000000000000000000000beef"
)

func secretPatch(secret string) paycor.Patch {
	return paycor.Patch{ClientSecret: ptr(paycor.NewSecret(secret))}
}

// working saves the simulation's application and verifies it.
func working(t *testing.T, application string) (*env.Simulation, paycor.Credential) {
	t.Helper()
	h := env.Simulate(t, application)
	var saved paycor.Credential
	if application == paycortest.HarborLogistics {
		saved = h.Activate(t)
	} else {
		saved = h.Create(t)
	}
	_, err := h.As(env.Administrator()).Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	saved = h.Credential(t, saved.ID)
	require.Equal(t, paycor.StateVerified, saved.State)
	return h, saved
}

func TestAcceptedSecretsReplaceTheSavedOnes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		app   string
		patch func(*env.Simulation) paycor.Patch
		field fields.Field
	}{
		"a secret": {paycortest.SunriseBakery, func(h *env.Simulation) paycor.Patch {
			h.ChangeSecret(newSecret)
			return secretPatch(newSecret)
		}, fields.ClientSecret},
		"a key": {paycortest.SunriseBakery, func(h *env.Simulation) paycor.Patch {
			return paycor.Patch{SubscriptionKey: ptr(paycor.NewSecret(h.App.Details().SecondaryKey))}
		}, fields.SubscriptionKey},
		"a secret of an activated credential": {paycortest.HarborLogistics, func(h *env.Simulation) paycor.Patch {
			h.ChangeSecret(newSecret)
			return secretPatch(newSecret)
		}, fields.ClientSecret},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, saved := working(t, c.app)
			before, ann := h.Secrets(t, saved.ID), h.As(env.Administrator())
			patch := c.patch(h)
			patch.Name = ptr("Renamed at once")
			h.Paycor.Reset()
			replaced, err := ann.Update(t.Context(), saved.ID, patch, paycor.UpdateOptions{IfMatch: saved.ETag()})
			require.NoError(t, err)
			assert.Equal(t, paycor.StateVerified, replaced.State)
			assert.Equal(t, "Renamed at once", replaced.Name)
			assert.Equal(t, saved.Version+1, replaced.Version)
			assert.Equal(t, h.Credential(t, saved.ID), replaced.Credential, "the answer is what is stored")
			require.NotNil(t, replaced.Rotation)
			assert.Equal(t, paycor.RotationPrevious, replaced.Rotation.State)
			assert.Equal(t, []fields.Field{c.field}, replaced.Rotation.Fields())
			assert.Equal(t, paycor.KeepDay, replaced.Rotation.Keep)
			assert.Equal(t, before[c.field], h.Secrets(t, saved.ID)[paycor.RotationPrevious.SecretField(c.field)])

			_, err = h.TokenSource().Token(t.Context(), env.TokenKey(saved))
			require.NoError(t, err)
			assert.Equal(t, 1, h.App.Counts().Tokens, "calls use the token from the test")

			h.ChangeSecret(before[fields.ClientSecret].Reveal())
			back, err := ann.RotateBack(t.Context(), saved.ID, false, nil)
			require.NoError(t, err)
			assert.True(t, back.Promoted, "undo")
			assert.Equal(t, before[c.field], h.Secrets(t, saved.ID)[c.field])
		})
	}
}

func TestRefusedSecretsDoNotReplaceTheSavedOnes(t *testing.T) {
	t.Parallel()
	outage := func(h *env.Simulation) { h.Paycor.AddFault(paycortest.Fault{Kind: paycortest.ServerError}) }
	nothing := func(*env.Simulation) {}
	key := paycor.Patch{SubscriptionKey: ptr(paycor.NewSecret(wrongKey))}
	moved := paycor.Patch{ClientID: ptr("0000000000000000bbbb"), ClientSecret: ptr(paycor.NewSecret(wrongSecret)), SubscriptionKey: ptr(paycor.NewSecret(wrongKey))}
	for name, c := range map[string]struct {
		app    string
		patch  paycor.Patch
		during func(*env.Simulation)
		kind   paycor.Kind
		code   verdicts.Code
		blamed []fields.Field
		words  string
		saved  verdicts.Outcome
	}{
		"a secret": {paycortest.SunriseBakery, secretPatch(wrongSecret), nothing,
			paycor.KindNotAccepted, verdicts.CodeSecretRejected, []fields.Field{fields.ClientSecret},
			"list.sentences (replace.rejected (label.client_secret), replace.saved-works)", verdicts.OutcomeVerified},
		"a secret of an activated credential": {paycortest.HarborLogistics, secretPatch(wrongSecret), nothing,
			paycor.KindNotAccepted, verdicts.CodeSecretRejected, []fields.Field{fields.ClientSecret},
			"list.sentences (replace.rejected (label.client_secret), replace.saved-works)", verdicts.OutcomeVerified},
		"a key": {paycortest.SunriseBakery, key, nothing,
			paycor.KindNotAccepted, verdicts.CodeKeyRejected, []fields.Field{fields.SubscriptionKey},
			"list.sentences (replace.rejected (label.subscription_key), replace.saved-works)", verdicts.OutcomeVerified},
		"another application": {paycortest.SunriseBakery, moved, nothing,
			paycor.KindNotAccepted, verdicts.CodeKeyRejected, []fields.Field{fields.SubscriptionKey},
			"list.sentences (replace.rejected (list.last (list.next (label.client_id, label.client_secret), label.subscription_key)), replace.saved-works.several)", verdicts.OutcomeVerified},
		"both": {paycortest.SunriseBakery, secretPatch(wrongSecret), func(h *env.Simulation) { h.ChangeSecret(newSecret) },
			paycor.KindNotAccepted, verdicts.CodeClientRejected, []fields.Field{fields.ClientID, fields.ClientSecret},
			"list.sentences (replace.rejected (label.client_secret), replace.saved-rejected)", verdicts.OutcomeRejected},
		"nothing, Paycor is down": {paycortest.SunriseBakery, secretPatch(wrongSecret), outage,
			paycor.KindNotTested, verdicts.CodeServerError, []fields.Field{},
			"list.sentences (replace.unreachable (label.client_secret), replace.saved-kept)", verdicts.OutcomeVerified},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, saved := working(t, c.app)
			before, ann := h.Secrets(t, saved.ID), h.As(env.Administrator())
			c.during(h)
			patch := c.patch
			patch.Name = ptr("Not renamed either")
			_, err := ann.Update(t.Context(), saved.ID, patch, paycor.UpdateOptions{})
			var failed *paycor.Error
			require.True(t, errors.As(err, &failed), "%v", err)
			assert.Equal(t, c.kind, failed.Kind)
			assert.Equal(t, c.words, failed.Message.String())
			assert.Equal(t, c.code, failed.Verdict.Code)
			assert.Equal(t, c.blamed, failed.Verdict.Fields)
			require.NotNil(t, failed.SavedVerdict)
			assert.Equal(t, c.saved, failed.SavedVerdict.Outcome)

			found, after := h.Credential(t, saved.ID), h.Secrets(t, saved.ID)
			for _, field := range paycor.RotatableFields() {
				assert.Equal(t, before[field], after[field])
				assert.NotContains(t, after, paycor.RotationPrevious.SecretField(field))
			}
			assert.Equal(t, saved.Version, found.Version)
			assert.Equal(t, saved.Name, found.Name)
			assert.Equal(t, saved.ClientID, found.ClientID)
			if c.saved == verdicts.OutcomeVerified {
				_, err = h.TokenSource().Token(t.Context(), env.TokenKey(saved))
				h.Paycor.ClearFaults()
				assert.NoError(t, err, "programs go on")
			} else {
				assert.Equal(t, paycor.StateRejected, found.State, "the saved ones were checked again")
			}
		})
	}
}

func TestForceReplacesRefusedSecretsAndKeepsTheSavedOnes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		app     string
		options paycor.UpdateOptions
		state   paycor.State
		detail  string
	}{
		"force":                            {paycortest.SunriseBakery, paycor.UpdateOptions{Force: true}, paycor.StateRejected, audit.DetailForced},
		"force, activated":                 {paycortest.HarborLogistics, paycor.UpdateOptions{Force: true}, paycor.StateRejected, audit.DetailForced},
		"without verification":             {paycortest.SunriseBakery, paycor.UpdateOptions{SkipVerify: true}, paycor.StateNotVerified, ""},
		"force and no verification either": {paycortest.SunriseBakery, paycor.UpdateOptions{SkipVerify: true, Force: true}, paycor.StateNotVerified, audit.DetailForced},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, saved := working(t, c.app)
			before, ann := h.Secrets(t, saved.ID), h.As(env.Administrator())
			replaced, err := ann.Update(t.Context(), saved.ID, secretPatch(wrongSecret), c.options)
			require.NoError(t, err)
			assert.Equal(t, c.state, replaced.State)
			assert.Equal(t, saved.LegalEntityName, replaced.LegalEntityName, "it is still the same legal entity")
			if c.state == paycor.StateRejected {
				assert.Equal(t, verdicts.CodeSecretRejected, replaced.Verdict.Code, "the Client ID is right")
			}
			assert.Equal(t, c.detail, h.Trail(t)[0].Detail)
			assert.Equal(t, audit.ActionUpdate, h.Trail(t)[0].Action)
			kept := h.Secrets(t, saved.ID)
			assert.Equal(t, wrongSecret, kept[fields.ClientSecret].Reveal())
			assert.Equal(t, before[fields.ClientSecret], kept[fields.ClientSecretPrevious])

			_, err = ann.Rotate(t.Context(), saved.ID, rotateTo(newSecret), nil)
			if c.state == paycor.StateRejected {
				assert.ErrorContains(t, err, "error.rotation-kept-last", "the error does not suggest deleting what worked")
			} else {
				assert.ErrorContains(t, err, "error.rotation-kept")
			}

			// Whatever else is tried, the last one that worked stays.
			for _, next := range []string{"another/wrong+secret/000000000000000000001", "another/wrong+secret/000000000000000000002"} {
				_, err = ann.Update(t.Context(), saved.ID, secretPatch(next), paycor.UpdateOptions{Force: true})
				require.NoError(t, err)
				assert.Equal(t, before[fields.ClientSecret], h.Secrets(t, saved.ID)[fields.ClientSecretPrevious])
			}
			_, err = ann.Update(t.Context(), saved.ID, paycor.Patch{SubscriptionKey: ptr(paycor.NewSecret(wrongKey))}, paycor.UpdateOptions{Force: true})
			require.NoError(t, err)
			assert.Equal(t, before[fields.ClientSecret], h.Secrets(t, saved.ID)[fields.ClientSecretPrevious])
			assert.Equal(t, before[fields.SubscriptionKey], h.Secrets(t, saved.ID)[fields.SubscriptionKeyPrevious])

			back, err := ann.RotateBack(t.Context(), saved.ID, false, nil)
			require.NoError(t, err)
			assert.True(t, back.Promoted)
			assert.Equal(t, paycor.StateVerified, back.Credential.State)
			assert.Equal(t, before[fields.ClientSecret], h.Secrets(t, saved.ID)[fields.ClientSecret])
			assert.Equal(t, before[fields.SubscriptionKey], h.Secrets(t, saved.ID)[fields.SubscriptionKey])

			// What the way back left pending, rejected before, does not prevent the next replacement.
			assert.NotContains(t, h.Secrets(t, saved.ID), fields.SubscriptionKeyPending, "Paycor rejected it last")
			h.ChangeSecret(newSecret)
			replaced, err = ann.Update(t.Context(), saved.ID, secretPatch(newSecret), paycor.UpdateOptions{})
			require.NoError(t, err)
			assert.Equal(t, paycor.StateVerified, replaced.State)
			after := h.Secrets(t, saved.ID)
			assert.Equal(t, before[fields.ClientSecret], after[fields.ClientSecretPrevious])
			assert.NotContains(t, after, fields.ClientSecretPending)
			assert.NotContains(t, after, fields.SubscriptionKeyPending)
		})
	}
}

// Going back from a secret that Paycor rejects leaves nothing of it.
func TestUndoOfARejectedReplacementForgetsIt(t *testing.T) {
	t.Parallel()
	for _, anyway := range []bool{false, true} {
		h, saved := working(t, paycortest.SunriseBakery)
		before, ann := h.Secrets(t, saved.ID), h.As(env.Administrator())
		replaced, err := ann.Update(t.Context(), saved.ID, secretPatch(wrongSecret), paycor.UpdateOptions{Force: true})
		require.NoError(t, err)
		require.Equal(t, paycor.StateRejected, replaced.State)
		back, err := ann.RotateBack(t.Context(), saved.ID, anyway, nil)
		require.NoError(t, err)
		assert.True(t, back.Promoted)
		assert.Equal(t, paycor.StateVerified, back.Credential.State)
		assert.Nil(t, back.Credential.Rotation)
		assert.Equal(t, before[fields.ClientSecret], h.Secrets(t, saved.ID)[fields.ClientSecret])
		assert.NotContains(t, h.Secrets(t, saved.ID), fields.ClientSecretPending)
		assert.NotContains(t, h.Secrets(t, saved.ID), fields.ClientSecretPrevious)
		ended := 0
		for _, entry := range h.Trail(t) {
			if entry.Action == audit.ActionRotateEnd {
				ended++
				assert.Equal(t, []fields.Field{fields.ClientSecret}, entry.Fields)
			}
		}
		assert.Equal(t, 1, ended, "that it is deleted is on record")
	}
}

// Entering the previous secret again goes back to it.
func TestReplacingWithThePreviousSecretEndsTheRotation(t *testing.T) {
	t.Parallel()
	h, saved := working(t, paycortest.SunriseBakery)
	ann, old := h.As(env.Administrator()), h.Secrets(t, saved.ID)[fields.ClientSecret].Reveal()
	_, err := ann.Update(t.Context(), saved.ID, secretPatch(wrongSecret), paycor.UpdateOptions{Force: true})
	require.NoError(t, err)
	replaced, err := ann.Update(t.Context(), saved.ID, secretPatch(old), paycor.UpdateOptions{})
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, replaced.State)
	assert.Nil(t, replaced.Rotation, "nothing that works was replaced")
	assert.NotContains(t, h.Secrets(t, saved.ID), fields.ClientSecretPrevious)
}

// Of two secrets that worked, the one that was in use last is kept, and the
// trail says that the other one is gone.
func TestReplacingTwiceKeepsTheLastSecretThatWorked(t *testing.T) {
	t.Parallel()
	h, saved := working(t, paycortest.SunriseBakery)
	ann := h.As(env.Administrator())
	const second = "invented/secret+after/the+rotation/00000002"
	for _, secret := range []string{newSecret, second} {
		h.ChangeSecret(secret)
		_, err := ann.Update(t.Context(), saved.ID, secretPatch(secret), paycor.UpdateOptions{})
		require.NoError(t, err)
	}
	assert.Equal(t, newSecret, h.Secrets(t, saved.ID)[fields.ClientSecretPrevious].Reveal())
	assert.Equal(t, audit.ActionRotateEnd, h.Trail(t)[1].Action)
	assert.Equal(t, []fields.Field{fields.ClientSecret}, h.Trail(t)[1].Fields)
}

func TestSecretsThatDoNotWorkAreNotKept(t *testing.T) {
	t.Parallel()
	h, saved := working(t, paycortest.SunriseBakery)
	h.ChangeSecret(newSecret)
	ann := h.As(env.Administrator())
	_, err := ann.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	require.Equal(t, paycor.StateRejected, h.Credential(t, saved.ID).State)
	replaced, err := ann.Update(t.Context(), saved.ID, secretPatch(newSecret), paycor.UpdateOptions{})
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, replaced.State)
	assert.Nil(t, replaced.Rotation)
}

// Calls that succeeded after a rejection show that the saved secrets work.
func TestSecretsInUseAreKept(t *testing.T) {
	t.Parallel()
	b := env.New(t)
	ann := b.As(env.Administrator())
	saved := env.Create(t, ann)
	b.Paycor.Answer(verdicts.CodeClientRejected)
	_, err := ann.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	b.Clock.Pass(time.Minute)
	require.NoError(t, b.Store.Update(t.Context(), func(tx store.Tx) error {
		return tx.AddUsage(store.UsageBucket{
			Workspace: paycor.DefaultWorkspace, Credential: saved.ID, CallerKind: paycor.CallerConsumer, CallerID: "c", CallerName: "nightly import",
			Minute: b.Clock.Now(), LastUsedAt: b.Clock.Now(), Counts: usage.Counts{Done: 3},
		})
	}))
	b.Paycor.Answer(verdicts.CodeDNS)
	_, err = ann.Update(t.Context(), saved.ID, secretPatch(newSecret), paycor.UpdateOptions{})
	assert.Equal(t, paycor.KindNotTested, paycor.KindOf(err))
	replaced, err := ann.Update(t.Context(), saved.ID, secretPatch(newSecret), paycor.UpdateOptions{Force: true})
	require.NoError(t, err)
	require.NotNil(t, replaced.Rotation)
	assert.Equal(t, env.Draft().ClientSecret, env.Secrets(t, b.Store, saved.ID)[fields.ClientSecretPrevious])
}

// A secret that may work and waits as pending is neither lost nor mixed up with
// the new one.
func TestPendingSecretPreventsReplacement(t *testing.T) {
	t.Parallel()
	h, saved := working(t, paycortest.SunriseBakery)
	ann := h.As(env.Administrator())
	h.Paycor.AddFault(paycortest.Fault{Kind: paycortest.ServerError})
	request := rotateTo(newSecret)
	request.KeepPending = true
	_, err := ann.Rotate(t.Context(), saved.ID, request, nil)
	require.NoError(t, err)
	h.Paycor.ClearFaults()
	for _, options := range []paycor.UpdateOptions{{}, {Force: true}, {SkipVerify: true}} {
		for _, patch := range []paycor.Patch{secretPatch("another/new+secret/0000000000000000000001"), {SubscriptionKey: ptr(paycor.NewSecret(h.App.Details().SecondaryKey))}, {ClientID: ptr("0000000000000000bbbb")}} {
			_, err = ann.Update(t.Context(), saved.ID, patch, options)
			assert.Equal(t, paycor.KindConflict, paycor.KindOf(err), "%+v", options)
			assert.ErrorContains(t, err, "error.replace-pending (label.client_secret)")
		}
	}
	assert.Equal(t, newSecret, h.Secrets(t, saved.ID)[fields.ClientSecretPending].Reveal())
	renamed, err := ann.Update(t.Context(), saved.ID, paycor.Patch{Name: ptr("Renamed")}, paycor.UpdateOptions{})
	require.NoError(t, err, "other changes stay possible")
	assert.NotNil(t, renamed.Rotation)
}

// Secrets cannot be kept under another Client ID, so they are replaced only
// after a test, or on request.
func TestMovingToAnotherApplicationNeedsATest(t *testing.T) {
	t.Parallel()
	h, saved := working(t, paycortest.SunriseBakery)
	ann, before := h.As(env.Administrator()), h.Secrets(t, saved.ID)
	moved := paycor.Patch{ClientID: ptr("0000000000000000bbbb"), ClientSecret: ptr(paycor.NewSecret(wrongSecret))}
	_, err := ann.Update(t.Context(), saved.ID, moved, paycor.UpdateOptions{SkipVerify: true})
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
	assert.ErrorContains(t, err, "error.replace-untested")
	assert.Equal(t, before, h.Secrets(t, saved.ID))

	// The kept secret belongs to the saved Client ID, too.
	_, err = ann.Update(t.Context(), saved.ID, secretPatch("another/wrong+secret/000000000000000000001"), paycor.UpdateOptions{Force: true})
	require.NoError(t, err)
	_, err = ann.Update(t.Context(), saved.ID, paycor.Patch{ClientID: ptr("0000000000000000bbbb")}, paycor.UpdateOptions{SkipVerify: true})
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
	assert.Equal(t, before[fields.ClientSecret], h.Secrets(t, saved.ID)[fields.ClientSecretPrevious])

	replaced, err := ann.Update(t.Context(), saved.ID, moved, paycor.UpdateOptions{Force: true})
	require.NoError(t, err)
	assert.Equal(t, paycor.StateRejected, replaced.State)
	assert.Nil(t, replaced.Rotation)
}

// An activation belongs to a Client ID, too.
func TestActivationIsNotLostWithoutATest(t *testing.T) {
	t.Parallel()
	h, saved := working(t, paycortest.HarborLogistics)
	ann, moved := h.As(env.Administrator()), paycor.Patch{ClientID: ptr("0000000000000000bbbb")}
	for want, options := range map[paycor.Kind]paycor.UpdateOptions{paycor.KindConflict: {SkipVerify: true}, paycor.KindNotAccepted: {}} {
		_, err := ann.Update(t.Context(), saved.ID, moved, options)
		assert.Equal(t, want, paycor.KindOf(err))
		assert.True(t, h.Credential(t, saved.ID).HasRefreshToken)
	}
	replaced, err := ann.Update(t.Context(), saved.ID, moved, paycor.UpdateOptions{SkipVerify: true, Force: true})
	require.NoError(t, err)
	assert.False(t, replaced.HasRefreshToken)
}

func TestReplacementOfStaleValuesIsRejected(t *testing.T) {
	t.Parallel()
	b := env.New(t)
	ann := b.As(env.Administrator())
	saved := env.Create(t, ann)
	b.Paycor.During(func() { // another editor saves while Paycor tests
		b.Paycor.During(nil)
		_, err := ann.Update(t.Context(), saved.ID, secretPatch("another/editor+is/faster/00000000000000001"), paycor.UpdateOptions{SkipVerify: true})
		assert.NoError(t, err)
	})
	_, err := ann.Update(t.Context(), saved.ID, secretPatch(newSecret), paycor.UpdateOptions{})
	assert.Equal(t, paycor.KindStale, paycor.KindOf(err))
	assert.Equal(t, "another/editor+is/faster/00000000000000001", env.Secrets(t, b.Store, saved.ID)[fields.ClientSecret].Reveal())
	calls := b.Paycor.Calls()
	_, err = ann.Update(t.Context(), saved.ID, secretPatch(newSecret), paycor.UpdateOptions{IfMatch: saved.ETag(), Force: true})
	assert.Equal(t, paycor.KindStale, paycor.KindOf(err))
	assert.Equal(t, calls, b.Paycor.Calls(), "nothing was sent")
}

func TestCallerWhoLeavesReplacesNothing(t *testing.T) {
	t.Parallel()
	b := env.New(t)
	ann := b.As(env.Administrator())
	saved := env.Create(t, ann)
	ctx, cancel := context.WithCancel(t.Context())
	b.Paycor.During(cancel)
	_, err := ann.Update(ctx, saved.ID, secretPatch(newSecret), paycor.UpdateOptions{})
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, env.Draft().ClientSecret, env.Secrets(t, b.Store, saved.ID)[fields.ClientSecret])
	assert.Equal(t, "unfinished", b.Trail(t)[0].Outcome)
}

// A rotation blames only what was entered, too.
func TestRejectedRotationBlamesOnlyTheNewSecret(t *testing.T) {
	t.Parallel()
	h, saved := working(t, paycortest.SunriseBakery)
	rotated, err := h.As(env.Administrator()).Rotate(t.Context(), saved.ID, rotateTo(wrongSecret), nil)
	require.NoError(t, err)
	assert.Equal(t, verdicts.CodeSecretRejected, rotated.Verdict.Code)
	assert.Equal(t, []fields.Field{fields.ClientSecret}, rotated.Verdict.Fields)
}

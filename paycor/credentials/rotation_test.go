package credentials_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

const newSecret = "invented/secret+after/the+rotation/00000001"

func rotateTo(secret string) paycor.RotateRequest {
	return paycor.RotateRequest{ClientSecret: paycor.NewSecret(secret), Keep: paycor.KeepHour}
}

func TestRotationPromotesAcceptedSecrets(t *testing.T) {
	for name, c := range map[string]struct {
		app     string
		request func(*env.Simulation) paycor.RotateRequest
		field   fields.Field
	}{
		"a secret": {paycortest.SunriseBakery, func(h *env.Simulation) paycor.RotateRequest { h.ChangeSecret(newSecret); return rotateTo(newSecret) }, fields.ClientSecret},
		"a key": {paycortest.SunriseBakery, func(h *env.Simulation) paycor.RotateRequest {
			return paycor.RotateRequest{SubscriptionKey: paycor.NewSecret(h.App.Details().SecondaryKey)}
		}, fields.SubscriptionKey},
		"a secret of an activated credential": {paycortest.HarborLogistics, func(h *env.Simulation) paycor.RotateRequest { h.ChangeSecret(newSecret); return rotateTo(newSecret) }, fields.ClientSecret},
	} {
		t.Run(name, func(t *testing.T) {
			h := env.Simulate(t, c.app)
			var saved paycor.Credential
			if c.app == paycortest.HarborLogistics {
				saved = h.Activate(t)
			} else {
				saved = h.Create(t)
			}
			before := h.Secrets(t, saved.ID)
			_, err := h.TokenSource().Token(t.Context(), env.TokenKey(saved))
			require.NoError(t, err)
			request := c.request(h)
			request.RotateBy = "2031-01-02"
			h.Paycor.Reset()

			var steps []verdicts.Step
			rotated, err := h.As(env.Administrator()).Rotate(t.Context(), saved.ID, request, func(s verdicts.Step) { steps = append(steps, s) })
			require.NoError(t, err)
			assert.True(t, rotated.Promoted)
			assert.NotEmpty(t, steps)
			assert.Equal(t, paycor.StateVerified, rotated.Credential.State)
			assert.Equal(t, saved.Version+1, rotated.Credential.Version)
			assert.Equal(t, paycor.Day("2031-01-02"), rotated.Credential.RotateBy)
			require.NotNil(t, rotated.Credential.Rotation)
			assert.Equal(t, paycor.RotationPrevious, rotated.Credential.Rotation.State)
			assert.Equal(t, []fields.Field{c.field}, rotated.Credential.Rotation.Fields())
			assert.Equal(t, h.Credential(t, saved.ID), rotated.Credential, "the answer is what is stored")

			after := h.Secrets(t, saved.ID)
			assert.Equal(t, before[c.field], after[paycor.RotationPrevious.SecretField(c.field)], "the previous one is kept")
			assert.NotEqual(t, before[c.field], after[c.field])
			assert.NotContains(t, after, paycor.RotationPending.SecretField(c.field))

			exchanges := h.App.Counts().Tokens
			assert.Equal(t, 1, exchanges, "one exchange")
			_, err = h.TokenSource().Token(t.Context(), env.TokenKey(saved))
			require.NoError(t, err)
			assert.Equal(t, exchanges, h.App.Counts().Tokens, "the token from the test is used")
			h.TokenSource().Forget(env.TokenKey(saved))
			h.ExpireToken(t, saved.ID)
			_, err = h.TokenSource().Token(t.Context(), env.TokenKey(saved))
			assert.NoError(t, err, "the next exchange uses the new value")
		})
	}
}

func TestRejectedRotationChangesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		keep bool
		fail func(*env.Simulation)
		code verdicts.Code
	}{
		"wrong secret":         {false, func(*env.Simulation) {}, verdicts.CodeSecretRejected},
		"wrong secret, kept":   {true, func(*env.Simulation) {}, verdicts.CodeSecretRejected},
		"Paycor is down":       {false, func(h *env.Simulation) { h.Paycor.AddFault(paycortest.Fault{Kind: paycortest.ServerError}) }, verdicts.CodeServerError},
		"Paycor is down, kept": {true, func(h *env.Simulation) { h.Paycor.AddFault(paycortest.Fault{Kind: paycortest.ServerError}) }, verdicts.CodeServerError},
	} {
		t.Run(name, func(t *testing.T) {
			h := env.Simulate(t, paycortest.SunriseBakery)
			saved := h.Create(t)
			_, err := h.As(env.Administrator()).Verify(t.Context(), saved.ID, nil)
			require.NoError(t, err)
			saved, before := h.Credential(t, saved.ID), h.Secrets(t, saved.ID)
			c.fail(h)
			request := rotateTo(newSecret)
			request.KeepPending = c.keep

			rotated, err := h.As(env.Administrator()).Rotate(t.Context(), saved.ID, request, nil)
			require.NoError(t, err)
			assert.False(t, rotated.Promoted)
			assert.Equal(t, c.code, rotated.Verdict.Code)
			found, after := h.Credential(t, saved.ID), h.Secrets(t, saved.ID)
			if !c.keep {
				assert.Equal(t, saved, found, "nothing changed")
				assert.Equal(t, before, after)
				return
			}
			require.NotNil(t, found.Rotation)
			assert.Equal(t, c.code, found.Rotation.Verdict.Code)
			assert.Equal(t, newSecret, after[fields.ClientSecretPending].Reveal())
			delete(after, fields.ClientSecretPending)
			assert.Equal(t, before, after, "the secrets in use stay")
			found.Rotation = nil
			assert.Equal(t, saved, found)

			h.Paycor.ClearFaults()
			h.ChangeSecret(newSecret)
			rotated, err = h.As(env.Administrator()).Rotate(t.Context(), saved.ID, paycor.RotateRequest{}, nil)
			require.NoError(t, err)
			assert.True(t, rotated.Promoted, "pending secrets can be tested again")
			assert.Equal(t, paycor.KeepHour, rotated.Credential.Rotation.Keep)
		})
	}
}

func TestRollbackRestoresSecrets(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved, err := h.As(env.Administrator()).Create(t.Context(), func() paycor.Draft {
		d := h.Draft()
		d.RotateBy = "2030-05-05"
		return d
	}(), paycor.CreateOptions{})
	require.NoError(t, err)
	before := h.Secrets(t, saved.ID)
	old := h.ChangeSecret(newSecret)
	request := rotateTo(newSecret)
	request.RotateBy = "2031-05-05"
	rotated, err := h.As(env.Administrator()).Rotate(t.Context(), saved.ID, request, nil)
	require.NoError(t, err)
	require.True(t, rotated.Promoted)

	_, err = h.As(env.Administrator()).Rotate(t.Context(), saved.ID, rotateTo("another/secret+that/comes+too+early/01"), nil)
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err), "a rotation does not discard the previous secret")

	h.ChangeSecret(old)
	rolledBack, err := h.As(env.Administrator()).RotateBack(t.Context(), saved.ID, false, nil)
	require.NoError(t, err)
	assert.True(t, rolledBack.Promoted)
	back := rolledBack.Credential
	assert.Equal(t, h.Credential(t, saved.ID), back, "the answer is what is stored")
	assert.Equal(t, paycor.StateVerified, back.State, "it was verified")
	require.NotNil(t, back.Rotation.Verdict)
	assert.Equal(t, verdicts.CodeVerified, back.Rotation.Verdict.Code, "Paycor accepted the newer one")
	assert.Equal(t, paycor.Day("2030-05-05"), back.RotateBy)
	assert.Equal(t, saved.ClientSecretSavedAt, back.ClientSecretSavedAt)
	assert.Equal(t, paycor.RotationPending, back.Rotation.State)
	assert.False(t, back.Rotation.UsedUntil.IsZero(), "it was in use until now")
	after := h.Secrets(t, saved.ID)
	assert.Equal(t, before[fields.ClientSecret], after[fields.ClientSecret])
	assert.Equal(t, newSecret, after[fields.ClientSecretPending].Reveal(), "Paycor may have shown it only once")
	assert.NotContains(t, after, fields.ClientSecretPrevious)

	_, err = h.As(env.Administrator()).RotateBack(t.Context(), saved.ID, false, nil)
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))

	h.ChangeSecret(newSecret)
	again, err := h.As(env.Administrator()).Rotate(t.Context(), saved.ID, paycor.RotateRequest{}, nil)
	require.NoError(t, err)
	assert.True(t, again.Promoted)
	assert.Equal(t, paycor.Day("2031-05-05"), again.Credential.RotateBy)
}

// A pending secret is not lost unnoticed: a rotation of another field is rejected,
// and replacing it is recorded.
func TestRotationKeepsPendingSecrets(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved := h.Create(t)
	ann := h.As(env.Administrator())
	request := rotateTo(newSecret)
	request.KeepPending = true
	_, err := ann.Rotate(t.Context(), saved.ID, request, nil)
	require.NoError(t, err)
	pending := func() string { return h.Secrets(t, saved.ID)[fields.ClientSecretPending].Reveal() }
	require.Equal(t, newSecret, pending())

	key := paycor.NewSecret(h.App.Details().SecondaryKey)
	_, err = ann.Rotate(t.Context(), saved.ID, paycor.RotateRequest{SubscriptionKey: key}, nil)
	assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
	assert.ErrorContains(t, err, "error.rotation-pending (label.client_secret")
	assert.Equal(t, newSecret, pending())

	_, err = ann.Rotate(t.Context(), saved.ID, rotateTo(newSecret), nil)
	require.NoError(t, err)
	assert.Equal(t, newSecret, pending(), "the same value stays pending")
	discarded := func() (names [][]fields.Field) {
		for _, entry := range h.Trail(t) {
			if entry.Action == audit.ActionRotateEnd {
				assert.Equal(t, string(paycor.RotationPending), entry.Detail)
				names = append(names, entry.Fields)
			}
		}
		return names
	}
	assert.Empty(t, discarded())

	const newest = "invented/secret+after/the+rotation/00000002"
	both := paycor.RotateRequest{ClientSecret: paycor.NewSecret(newest), SubscriptionKey: key, KeepPending: true}
	_, err = ann.Rotate(t.Context(), saved.ID, both, nil)
	require.NoError(t, err)
	assert.Equal(t, newest, pending())
	assert.Equal(t, [][]fields.Field{{fields.ClientSecret}}, discarded(), "the replacement is recorded")
}

// Each rotation has one start and one end in the audit trail.
func TestRotationIsRecordedOnce(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved := h.Create(t)
	request := rotateTo(newSecret)
	request.KeepPending = true
	want := 0
	for _, request := range []paycor.RotateRequest{request, {}, {}} {
		if want == 2 {
			h.ChangeSecret(newSecret)
		}
		want++
		_, err := h.As(env.Administrator()).Rotate(t.Context(), saved.ID, request, nil)
		require.NoError(t, err)
		var starts, ends int
		for _, entry := range h.Trail(t) {
			switch {
			case entry.Action != audit.ActionRotate:
			case entry.Outcome == audit.OutcomeStarted:
				starts++
				assert.Equal(t, []fields.Field{fields.ClientSecret}, entry.Fields)
			default:
				ends++
			}
		}
		assert.Equal(t, want, starts)
		assert.Equal(t, want, ends)
	}
}

// A rollback to secrets that Paycor rejects changes nothing, unless it is forced.
func TestRejectedRollbackChangesNothing(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved := h.Create(t)
	old := h.ChangeSecret(newSecret)
	_, err := h.As(env.Administrator()).Rotate(t.Context(), saved.ID, rotateTo(newSecret), nil)
	require.NoError(t, err)
	before, kept := h.Credential(t, saved.ID), h.Secrets(t, saved.ID)

	back, err := h.As(env.Administrator()).RotateBack(t.Context(), saved.ID, false, nil)
	require.NoError(t, err)
	assert.False(t, back.Promoted)
	assert.Equal(t, verdicts.CodeSecretRejected, back.Verdict.Code)
	assert.Equal(t, before, back.Credential)
	assert.Equal(t, before, h.Credential(t, saved.ID), "the secrets in use stay")
	assert.Equal(t, kept, h.Secrets(t, saved.ID))
	last := h.Trail(t)[0]
	assert.Equal(t, []string{string(audit.ActionRotateBack), "rejected", string(verdicts.CodeSecretRejected)}, []string{string(last.Action), last.Outcome, last.Detail})

	back, err = h.As(env.Administrator()).RotateBack(t.Context(), saved.ID, true, nil)
	require.NoError(t, err)
	assert.True(t, back.Promoted)
	assert.Equal(t, paycor.StateRejected, back.Credential.State)
	assert.Equal(t, verdicts.CodeClientRejected, back.Verdict.Code)
	assert.Equal(t, old, h.Secrets(t, saved.ID)[fields.ClientSecret].Reveal())
}

func TestRollbackDuringOutage(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved := h.Create(t)
	old := h.ChangeSecret(newSecret)
	_, err := h.As(env.Administrator()).Rotate(t.Context(), saved.ID, rotateTo(newSecret), nil)
	require.NoError(t, err)
	h.Paycor.AddFault(paycortest.Fault{Kind: paycortest.ServerError})
	back, err := h.As(env.Administrator()).RotateBack(t.Context(), saved.ID, false, nil)
	require.NoError(t, err)
	assert.False(t, back.Promoted, "the result is unknown")
	assert.Equal(t, newSecret, h.Secrets(t, saved.ID)[fields.ClientSecret].Reveal())
	back, err = h.As(env.Administrator()).RotateBack(t.Context(), saved.ID, true, nil)
	require.NoError(t, err)
	assert.True(t, back.Promoted)
	assert.Equal(t, paycor.StateNotVerified, back.Credential.State)
	assert.Equal(t, old, h.Secrets(t, saved.ID)[fields.ClientSecret].Reveal())
}

func TestKeptSecretsAreDiscarded(t *testing.T) {
	for name, c := range map[string]struct {
		keep    paycor.Keep
		discard func(t *testing.T, b *env.Environment, id string)
	}{
		"on request": {paycor.KeepUntil, func(t *testing.T, b *env.Environment, id string) {
			for range 2 { // the second call does nothing
				after, err := b.As(env.Administrator()).EndRotation(t.Context(), id)
				require.NoError(t, err)
				assert.Nil(t, after.Rotation)
			}
		}},
		"after an hour": {paycor.KeepHour, func(t *testing.T, b *env.Environment, _ string) { b.Clock.Pass(time.Hour) }},
		"after a day":   {paycor.KeepDay, func(t *testing.T, b *env.Environment, _ string) { b.Clock.Pass(24 * time.Hour) }},
		"after a week":  {paycor.KeepWeek, func(t *testing.T, b *env.Environment, _ string) { b.Clock.Pass(7 * 24 * time.Hour) }},
		"with another client": {paycor.KeepUntil, func(t *testing.T, b *env.Environment, id string) {
			client := "0000000000000000bbbb"
			_, err := b.As(env.Administrator()).Update(t.Context(), id, paycor.Patch{ClientID: &client}, paycor.UpdateOptions{})
			require.NoError(t, err)
		}},
		"with another environment": {paycor.KeepUntil, func(t *testing.T, b *env.Environment, id string) {
			environment, secret, key := "sandbox", paycor.NewSecret("sandbox/secret+of+the+manager+test+00001"), paycor.NewSecret("0000000000000000000000000000beef")
			_, err := b.As(env.Administrator()).Update(t.Context(), id, paycor.Patch{Environment: &environment, ClientSecret: &secret, SubscriptionKey: &key}, paycor.UpdateOptions{})
			require.NoError(t, err)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := env.New(t)
			saved := env.Create(t, b.As(env.Administrator()))
			request := rotateTo(newSecret)
			request.Keep = c.keep
			_, err := b.As(env.Administrator()).Rotate(t.Context(), saved.ID, request, nil)
			require.NoError(t, err)
			b.Clock.Pass(-time.Second)
			require.NoError(t, b.DiscardExpiredSecrets(t.Context()))
			assert.Contains(t, env.Secrets(t, b.Store, saved.ID), fields.ClientSecretPrevious, "not too early")
			b.Clock.Pass(time.Second)

			c.discard(t, b, saved.ID)
			require.NoError(t, b.DiscardExpiredSecrets(t.Context()))
			assert.NotContains(t, env.Secrets(t, b.Store, saved.ID), fields.ClientSecretPrevious)
			found, err := b.As(env.Administrator()).Credential(t.Context(), saved.ID)
			require.NoError(t, err)
			assert.Nil(t, found.Rotation)
			discarded := 0
			for _, entry := range b.Trail(t) {
				if entry.Action == audit.ActionRotateEnd {
					discarded++
					assert.Equal(t, []fields.Field{fields.ClientSecret}, entry.Fields)
				}
			}
			assert.Equal(t, 1, discarded, "it is recorded once")
			_, err = b.As(env.Administrator()).RotateBack(t.Context(), saved.ID, false, nil)
			assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
		})
	}
}

func TestRotationChecksItsRequest(t *testing.T) {
	b := env.New(t)
	saved := env.Create(t, b.As(env.Administrator()))
	for name, c := range map[string]struct {
		request paycor.RotateRequest
		code    fields.ProblemCode
	}{
		"nothing":           {paycor.RotateRequest{}, fields.ProblemRequired},
		"unchanged":         {paycor.RotateRequest{ClientSecret: env.Draft().ClientSecret}, fields.ProblemUnchanged},
		"spaces":            {paycor.RotateRequest{ClientSecret: paycor.NewSecret(" " + newSecret)}, fields.ProblemBlanks},
		"the key as secret": {paycor.RotateRequest{ClientSecret: env.Draft().SubscriptionKey}, fields.ProblemSameValue},
		"unknown duration":  {paycor.RotateRequest{ClientSecret: paycor.NewSecret(newSecret), Keep: "month"}, fields.ProblemUnknownValue},
		"malformed date":    {paycor.RotateRequest{ClientSecret: paycor.NewSecret(newSecret), RotateBy: "31.12.2030"}, fields.ProblemNotDate},
	} {
		t.Run(name, func(t *testing.T) {
			calls := b.Paycor.Calls()
			_, err := b.As(env.Administrator()).Rotate(t.Context(), saved.ID, c.request, nil)
			var known *paycor.Error
			require.ErrorAs(t, err, &known)
			require.NotEmpty(t, known.Problems)
			assert.Equal(t, c.code, known.Problems[0].Code)
			assert.Equal(t, calls, b.Paycor.Calls())
			found, err := b.As(env.Administrator()).Credential(t.Context(), saved.ID)
			require.NoError(t, err)
			assert.Nil(t, found.Rotation)
		})
	}
}

func TestRotationNeedsEditRight(t *testing.T) {
	b := env.New(t)
	saved := env.Create(t, b.As(env.Administrator()))
	viewer := b.As(env.Person(paycor.RightView, paycor.RightUse))
	_, err := viewer.Rotate(t.Context(), saved.ID, rotateTo(newSecret), nil)
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
	_, err = viewer.RotateBack(t.Context(), saved.ID, false, nil)
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
	_, err = viewer.EndRotation(t.Context(), saved.ID)
	assert.Equal(t, paycor.KindForbidden, paycor.KindOf(err))
	elsewhere := env.Administrator()
	elsewhere.Workspace = "other"
	_, err = b.As(elsewhere).Rotate(t.Context(), saved.ID, rotateTo(newSecret), nil)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
}

func TestOvertakenRotation(t *testing.T) {
	for name, during := range map[string]func(t *testing.T, b *env.Environment, id string){
		"by an edit": func(t *testing.T, b *env.Environment, id string) {
			entity := paycor.TypedID("501999")
			_, err := b.As(env.Administrator()).Update(context.Background(), id, paycor.Patch{LegalEntityID: &entity}, paycor.UpdateOptions{SkipVerify: true})
			assert.NoError(t, err)
		},
		"by another rotation": func(t *testing.T, b *env.Environment, id string) {
			other := env.Administrator()
			other.ID = "another-person" // another caller has verification slots of its own
			_, err := b.As(other).Rotate(context.Background(), id, rotateTo("invented/secret+of/somebody+else/0000001"), nil)
			assert.NoError(t, err)
		},
		"by a deletion": func(t *testing.T, b *env.Environment, id string) {
			assert.NoError(t, b.As(env.Administrator()).Delete(context.Background(), id, ""))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := env.New(t)
			saved := env.Create(t, b.As(env.Administrator()))
			started := false
			b.Paycor.During(func() {
				if !started {
					started = true
					during(t, b, saved.ID)
				}
			})
			_, err := b.As(env.Administrator()).Rotate(t.Context(), saved.ID, rotateTo(newSecret), nil)
			assert.Contains(t, []paycor.Kind{paycor.KindStale, paycor.KindNotFound}, paycor.KindOf(err))
			if name != "by a deletion" {
				assert.NotEqual(t, newSecret, env.Secrets(t, b.Store, saved.ID)[fields.ClientSecret].Reveal())
			}
		})
	}
}

func TestCanceledRotationLeavesNothing(t *testing.T) {
	b := env.New(t)
	saved := env.Create(t, b.As(env.Administrator()))
	ctx, cancel := context.WithCancel(t.Context())
	b.Paycor.During(cancel)
	_, err := b.As(env.Administrator()).Rotate(ctx, saved.ID, rotateTo(newSecret), nil)
	require.Error(t, err)
	found, err := b.As(env.Administrator()).Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Nil(t, found.Rotation)
	assert.NotContains(t, env.Secrets(t, b.Store, saved.ID), fields.ClientSecretPending)
}

func TestRotationNeedsAuditEntry(t *testing.T) {
	b := env.New(t)
	saved := env.Create(t, b.As(env.Administrator()))
	broken := b.NewBackend(t, env.BrokenTrail{Store: b.Store})
	_, err := broken.As(env.Administrator()).Rotate(t.Context(), saved.ID, rotateTo(newSecret), nil)
	assert.ErrorIs(t, err, env.ErrBrokenTrail)
	assert.Equal(t, env.Draft().ClientSecret, env.Secrets(t, b.Store, saved.ID)[fields.ClientSecret])
}

// Calls during a rotation and a rollback always get credentials, and a key and a
// token that belong together.
func TestRotationCausesNoDowntime(t *testing.T) {
	h := env.Simulate(t, paycortest.SunriseBakery)
	saved := h.Create(t)
	details := h.App.Details()
	_, err := credentials.Access(t.Context(), h.Service, env.Key(saved.ID))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for ctx.Err() == nil {
				access, err := credentials.Access(context.Background(), h.Service, env.Key(saved.ID))
				if assert.NoError(t, err) {
					assert.Contains(t, []string{details.PrimaryKey, details.SecondaryKey}, access.SubscriptionKey.Reveal())
					assert.Equal(t, "test", access.Environment.Name)
					assert.False(t, access.Token.IsZero())
				}
			}
		})
	}
	for range 3 {
		_, err := h.As(env.Administrator()).Rotate(t.Context(), saved.ID, paycor.RotateRequest{SubscriptionKey: paycor.NewSecret(details.SecondaryKey)}, nil)
		require.NoError(t, err)
		access, err := credentials.Access(t.Context(), h.Service, env.Key(saved.ID))
		require.NoError(t, err)
		assert.Equal(t, details.SecondaryKey, access.SubscriptionKey.Reveal())
		_, err = h.As(env.Administrator()).RotateBack(t.Context(), saved.ID, false, nil)
		require.NoError(t, err)
		_, err = h.As(env.Administrator()).EndRotation(t.Context(), saved.ID)
		require.NoError(t, err)
		access, err = credentials.Access(t.Context(), h.Service, env.Key(saved.ID))
		require.NoError(t, err)
		assert.Equal(t, details.PrimaryKey, access.SubscriptionKey.Reveal(), "never the discarded one")
	}
	stop()
	group.Wait()
}

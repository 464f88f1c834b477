package credentials_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

func TestCreateSavesWithAnyVerdict(t *testing.T) {
	for code, state := range map[verdicts.Code]paycor.State{
		verdicts.CodeVerified:        paycor.StateVerified,
		verdicts.CodeClientRejected:  paycor.StateRejected,
		verdicts.CodeGrantNotAllowed: paycor.StateNeedsActivation,
		verdicts.CodeTimeout:         paycor.StateNotVerified,
		verdicts.CodeRateLimited:     paycor.StateNotVerified,
	} {
		t.Run(string(code), func(t *testing.T) {
			b := env.New(t)
			b.Paycor.Answer(code)
			saved := env.Create(t, b.As(env.Administrator()))
			require.NotNil(t, saved.Verdict)
			assert.Equal(t, code, saved.Verdict.Code)
			assert.Equal(t, state, saved.State)

			again, err := b.As(env.Administrator()).Credential(t.Context(), saved.ID)
			require.NoError(t, err)
			assert.Equal(t, saved.Credential, again)
		})
	}
}

func TestCreateRejectsProblems(t *testing.T) {
	b := env.New(t)
	bad := env.Draft()
	bad.LegalEntityID = "Main Street"
	_, err := b.As(env.Administrator()).Create(t.Context(), bad, paycor.CreateOptions{})
	require.Equal(t, paycor.KindInvalid, paycor.KindOf(err))
	var problem *paycor.Error
	require.ErrorAs(t, err, &problem)
	require.Len(t, problem.Problems, 1)
	assert.Equal(t, fields.LegalEntityID, problem.Problems[0].Field)
	page, err := b.As(env.Administrator()).Credentials(t.Context(), paycor.Query{})
	require.NoError(t, err)
	assert.Zero(t, page.Total)
	assert.Zero(t, b.Paycor.Calls())
}

func TestSkipVerifySendsNothing(t *testing.T) {
	b := env.New(t)
	saved, err := b.As(env.Administrator()).Create(t.Context(), env.Draft(), paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	assert.Nil(t, saved.Verdict)
	assert.Equal(t, paycor.StateNotVerified, saved.State)
	assert.Zero(t, b.Paycor.Calls())
}

func TestVerifiedDraftIsNotVerifiedAgain(t *testing.T) {
	b := env.New(t)
	service := b.As(env.Administrator())
	_, err := service.VerifyDraft(t.Context(), paycor.VerifyRequest{Draft: env.Draft()}, nil)
	require.NoError(t, err)
	saved := env.Create(t, service)
	assert.Equal(t, paycor.StateVerified, saved.State)
	assert.Equal(t, 1, b.Paycor.Calls())

	t.Run("other values are", func(t *testing.T) {
		other := env.Draft()
		other.ClientSecret = paycor.NewSecret("another-secret/of+the+manager+test+0000001")
		_, err := service.Create(t.Context(), other, paycor.CreateOptions{})
		require.NoError(t, err)
		assert.Equal(t, 2, b.Paycor.Calls())
	})
	t.Run("after a while they are", func(t *testing.T) {
		b.Clock.Pass(3 * time.Minute)
		env.Create(t, service)
		assert.Equal(t, 3, b.Paycor.Calls())
	})
	t.Run("another workspace's are", func(t *testing.T) {
		stranger := env.Administrator()
		stranger.Workspace = "other"
		env.Create(t, b.As(stranger))
		assert.Equal(t, 4, b.Paycor.Calls())
	})
}

func TestIdempotentCreate(t *testing.T) {
	b := env.New(t)
	var wait sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		wait.Go(func() {
			saved, err := b.As(env.Administrator()).Create(t.Context(), env.Draft(), paycor.CreateOptions{IdempotencyKey: "key", SkipVerify: true})
			if assert.NoError(t, err) {
				ids[i] = saved.ID
			}
		})
	}
	wait.Wait()
	for _, id := range ids {
		assert.Equal(t, ids[0], id)
	}
	page, err := b.As(env.Administrator()).Credentials(t.Context(), paycor.Query{})
	require.NoError(t, err)
	assert.Equal(t, 1, page.Total)

	t.Run("the key with another body is rejected", func(t *testing.T) {
		other := env.Draft()
		other.Name = "Another"
		_, err := b.As(env.Administrator()).Create(t.Context(), other, paycor.CreateOptions{IdempotencyKey: "key"})
		assert.Equal(t, paycor.KindKeyReused, paycor.KindOf(err))
	})
	t.Run("another caller may use the same key", func(t *testing.T) {
		bob := env.Administrator()
		bob.ID = "bob"
		saved, err := b.As(bob).Create(t.Context(), env.Draft(), paycor.CreateOptions{IdempotencyKey: "key"})
		require.NoError(t, err)
		assert.NotEqual(t, ids[0], saved.ID)
	})
	t.Run("the allow-list no longer has it", func(t *testing.T) {
		limited := env.Administrator()
		limited.Credentials = []string{"cred_other"}
		saved, err := b.As(limited).Create(t.Context(), env.Draft(), paycor.CreateOptions{IdempotencyKey: "key"})
		assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
		assert.Empty(t, saved)
	})
	t.Run("the credential was deleted", func(t *testing.T) {
		require.NoError(t, b.As(env.Administrator()).Delete(t.Context(), ids[0], ""))
		_, err := b.As(env.Administrator()).Create(t.Context(), env.Draft(), paycor.CreateOptions{IdempotencyKey: "key"})
		assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
		limited := env.Administrator()
		limited.Credentials = []string{"cred_other"}
		_, err = b.As(limited).Create(t.Context(), env.Draft(), paycor.CreateOptions{IdempotencyKey: "key"})
		assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err), "nor does it say that it was deleted")
	})
}

func TestSwappedValuesPreventOnlyTheFirstVerification(t *testing.T) {
	b := env.New(t)
	swapped := env.Draft()
	swapped.ClientSecret = paycor.NewSecret("0000000000000000000000000000beef")
	service := b.As(env.Administrator())
	saved, err := service.Create(t.Context(), swapped, paycor.CreateOptions{})
	require.NoError(t, err)
	require.Len(t, b.Paycor.Requests(), 1)
	assert.NotEmpty(t, b.Paycor.Requests()[0].Swapped)
	assert.NotEmpty(t, saved.Warnings)

	_, err = service.Create(t.Context(), swapped, paycor.CreateOptions{AcceptWarnings: true})
	require.NoError(t, err)
	assert.Empty(t, b.Paycor.Requests()[1].Swapped)

	_, err = service.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	assert.Empty(t, b.Paycor.Requests()[2].Swapped)
}

func TestVerdictIsStoredAfterCallerDisconnects(t *testing.T) {
	b := env.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.Paycor.During(cancel)
	saved, err := b.As(env.Administrator()).Create(ctx, env.Draft(), paycor.CreateOptions{})
	require.NoError(t, err)
	again, err := b.As(env.Administrator()).Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, again.State)
}

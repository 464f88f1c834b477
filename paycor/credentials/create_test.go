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
	"paycorcred/paycor/verdicts"
)

func TestCreateSavesWhateverTheVerdict(t *testing.T) {
	for code, state := range map[verdicts.Code]paycor.State{
		verdicts.CodeVerified:        paycor.StateVerified,
		verdicts.CodeClientRejected:  paycor.StateRejected,
		verdicts.CodeGrantNotAllowed: paycor.StateNeedsActivation,
		verdicts.CodeTimeout:         paycor.StateNotVerified,
		verdicts.CodeRateLimited:     paycor.StateNotVerified,
	} {
		t.Run(string(code), func(t *testing.T) {
			b := newBench(t)
			b.paycor.say(code)
			saved := create(t, b.As(everyRight()))
			require.NotNil(t, saved.Verdict)
			assert.Equal(t, code, saved.Verdict.Code)
			assert.Equal(t, state, saved.State)

			again, err := b.As(everyRight()).Credential(t.Context(), saved.ID)
			require.NoError(t, err)
			assert.Equal(t, saved.Credential, again)
		})
	}
}

func TestCreateRefusesAProblemAndSavesNothing(t *testing.T) {
	b := newBench(t)
	bad := draft()
	bad.LegalEntityID = "Main Street"
	_, err := b.As(everyRight()).Create(t.Context(), bad, paycor.CreateOptions{})
	require.Equal(t, paycor.KindInvalid, paycor.KindOf(err))
	var problem *paycor.Error
	require.ErrorAs(t, err, &problem)
	require.Len(t, problem.Problems, 1)
	assert.Equal(t, fields.LegalEntityID, problem.Problems[0].Field)
	page, err := b.As(everyRight()).Credentials(t.Context(), paycor.Query{})
	require.NoError(t, err)
	assert.Zero(t, page.Total)
	assert.Zero(t, b.paycor.asked())
}

func TestSkipVerifyAsksNobody(t *testing.T) {
	b := newBench(t)
	saved, err := b.As(everyRight()).Create(t.Context(), draft(), paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	assert.Nil(t, saved.Verdict)
	assert.Equal(t, paycor.StateNotVerified, saved.State)
	assert.Zero(t, b.paycor.asked())
}

func TestAVerifiedDraftIsNotAskedAboutAgain(t *testing.T) {
	b := newBench(t)
	service := b.As(everyRight())
	_, err := service.VerifyDraft(t.Context(), paycor.VerifyRequest{Draft: draft()}, nil)
	require.NoError(t, err)
	saved := create(t, service)
	assert.Equal(t, paycor.StateVerified, saved.State)
	assert.Equal(t, 1, b.paycor.asked())

	t.Run("but other values are", func(t *testing.T) {
		other := draft()
		other.ClientSecret = paycor.NewSecret("another-secret/of+the+manager+test+0000001")
		_, err := service.Create(t.Context(), other, paycor.CreateOptions{})
		require.NoError(t, err)
		assert.Equal(t, 2, b.paycor.asked())
	})
	t.Run("and after a while they are", func(t *testing.T) {
		b.clock.Pass(3 * time.Minute)
		create(t, service)
		assert.Equal(t, 3, b.paycor.asked())
	})
	t.Run("and another workspace's are", func(t *testing.T) {
		stranger := everyRight()
		stranger.Workspace = "other"
		create(t, b.As(stranger))
		assert.Equal(t, 4, b.paycor.asked())
	})
}

func TestADoublePressSavesOnce(t *testing.T) {
	b := newBench(t)
	var wait sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		wait.Go(func() {
			saved, err := b.As(everyRight()).Create(t.Context(), draft(), paycor.CreateOptions{IdempotencyKey: "press", SkipVerify: true})
			if assert.NoError(t, err) {
				ids[i] = saved.ID
			}
		})
	}
	wait.Wait()
	for _, id := range ids {
		assert.Equal(t, ids[0], id)
	}
	page, err := b.As(everyRight()).Credentials(t.Context(), paycor.Query{})
	require.NoError(t, err)
	assert.Equal(t, 1, page.Total)

	t.Run("the key with another body is refused", func(t *testing.T) {
		other := draft()
		other.Name = "Another"
		_, err := b.As(everyRight()).Create(t.Context(), other, paycor.CreateOptions{IdempotencyKey: "press"})
		assert.Equal(t, paycor.KindKeyReused, paycor.KindOf(err))
	})
	t.Run("another caller's key is another key", func(t *testing.T) {
		bob := everyRight()
		bob.ID = "bob"
		saved, err := b.As(bob).Create(t.Context(), draft(), paycor.CreateOptions{IdempotencyKey: "press"})
		require.NoError(t, err)
		assert.NotEqual(t, ids[0], saved.ID)
	})
	t.Run("after deleting, the key says so", func(t *testing.T) {
		require.NoError(t, b.As(everyRight()).Delete(t.Context(), ids[0], ""))
		_, err := b.As(everyRight()).Create(t.Context(), draft(), paycor.CreateOptions{IdempotencyKey: "press"})
		assert.Equal(t, paycor.KindConflict, paycor.KindOf(err))
	})
}

func TestSwappedValuesHoldBackTheFirstCheckOnly(t *testing.T) {
	b := newBench(t)
	swapped := draft()
	swapped.ClientSecret = paycor.NewSecret("0000000000000000000000000000beef")
	service := b.As(everyRight())
	saved, err := service.Create(t.Context(), swapped, paycor.CreateOptions{})
	require.NoError(t, err)
	require.Len(t, b.paycor.questions, 1)
	assert.NotEmpty(t, b.paycor.questions[0].Swapped)
	assert.NotEmpty(t, saved.Warnings)

	_, err = service.Create(t.Context(), swapped, paycor.CreateOptions{AcceptWarnings: true})
	require.NoError(t, err)
	assert.Empty(t, b.paycor.questions[1].Swapped)

	_, err = service.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	assert.Empty(t, b.paycor.questions[2].Swapped)
}

func TestACallerThatLeavesStillGetsItsVerdictSaved(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.paycor.before = cancel
	saved, err := b.As(everyRight()).Create(ctx, draft(), paycor.CreateOptions{})
	require.NoError(t, err)
	again, err := b.As(everyRight()).Credential(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Equal(t, paycor.StateVerified, again.State)
}

package credentials_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// A verdict after a success says until when the credential worked, and what changed
// since.
func TestARejectionKnowsTheLastSuccess(t *testing.T) {
	t.Parallel()
	secret := paycor.NewSecret("another/secret+of/the+credentials+test/001")
	b := env.New(t)
	service := b.As(env.Administrator())
	saved := env.Create(t, service)
	worked := saved.Verdict.CheckedAt
	require.Equal(t, worked, saved.VerifiedAt)
	current := func() paycor.Credential {
		t.Helper()
		c, err := service.Credential(t.Context(), saved.ID)
		require.NoError(t, err)
		return c
	}

	b.Clock.Pass(time.Hour)
	b.Paycor.Answer(verdicts.CodeClientRejected)
	verdict, err := service.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	want := &verdicts.LastSuccess{At: worked}
	assert.Equal(t, want, current().Verdict.LastSuccess, "nothing changed here")
	assert.Equal(t, want, current().LastConclusive.LastSuccess)
	assert.Equal(t, want, verdict.LastSuccess, "the answer says the same")

	b.Clock.Pass(time.Hour)
	_, err = service.Update(t.Context(), saved.ID, paycor.Patch{Description: ptr("no secret")}, paycor.UpdateOptions{})
	require.NoError(t, err)
	changed := b.Clock.Now().UTC().Truncate(time.Millisecond)
	_, err = service.Update(t.Context(), saved.ID, paycor.Patch{ClientSecret: &secret}, paycor.UpdateOptions{SkipVerify: true})
	require.NoError(t, err)
	assert.Equal(t, worked, current().VerifiedAt, "an edit drops the verdict, not when it last worked")
	b.Clock.Pass(time.Hour)
	b.Paycor.Answer(verdicts.CodeServerError)
	_, err = service.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	assert.Nil(t, current().Verdict.LastSuccess, "an outage says nothing about the credential")
	b.Paycor.Answer(verdicts.CodeClientRejected)
	_, err = service.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	last := current().Verdict.LastSuccess
	require.NotNil(t, last)
	assert.Equal(t, worked, last.At)
	assert.Equal(t, &verdicts.Change{Kind: verdicts.ChangeEdited, At: changed, By: env.Administrator().Name, Fields: []fields.Field{fields.ClientSecret}}, last.Change)

	b.Clock.Pass(time.Hour)
	b.Paycor.Answer(verdicts.CodeVerified)
	_, err = service.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	assert.Nil(t, current().Verdict.LastSuccess)
	b.Paycor.Answer(verdicts.CodeClientRejected)
	_, err = service.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	assert.Nil(t, current().Verdict.LastSuccess.Change, "the change was before the success")
}

// The page tests values and saves them: that the credential was checked before it was
// there would be no help to anybody.
func TestASaveIsNotCheckedBeforeItWasMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wait  time.Duration
		calls int
	}{"at once": {5 * time.Second, 1}, "after a while": {time.Minute, 2}} {
		for _, code := range []verdicts.Code{verdicts.CodeVerified, verdicts.CodeClientRejected} {
			t.Run(name+", "+string(code), func(t *testing.T) {
				t.Parallel()
				b := env.New(t)
				service := b.As(env.Administrator())
				b.Paycor.Answer(code)
				_, err := service.VerifyDraft(t.Context(), paycor.VerifyRequest{Draft: env.Draft()}, nil)
				require.NoError(t, err)
				b.Clock.Pass(c.wait)
				saved := env.Create(t, service)
				require.NotNil(t, saved.Verdict)
				assert.False(t, saved.Verdict.CheckedAt.Before(saved.CreatedAt))
				assert.Equal(t, c.calls, b.Paycor.Calls(), "asked again only if the answer is old")

				_, err = service.VerifyDraft(t.Context(), paycor.VerifyRequest{ID: saved.ID, Draft: paycor.Draft{LegalEntityID: "501124"}}, nil)
				require.NoError(t, err)
				b.Clock.Pass(c.wait)
				changed, err := service.Update(t.Context(), saved.ID, paycor.Patch{LegalEntityID: ptr(paycor.TypedID("501124"))}, paycor.UpdateOptions{})
				require.NoError(t, err)
				assert.False(t, changed.Verdict.CheckedAt.Before(changed.UpdatedAt))
			})
		}
	}
	t.Run("an outage is not waited for again", func(t *testing.T) {
		t.Parallel()
		b := env.New(t)
		service := b.As(env.Administrator())
		b.Paycor.Answer(verdicts.CodeTimeout)
		_, err := service.VerifyDraft(t.Context(), paycor.VerifyRequest{Draft: env.Draft()}, nil)
		require.NoError(t, err)
		b.Clock.Pass(time.Minute)
		asking := make(chan struct{})
		b.Paycor.During(func() { <-asking })
		saved, err := service.Create(t.Context(), env.Draft(), paycor.CreateOptions{})
		require.NoError(t, err)
		assert.Nil(t, saved.Verdict, "nothing is said before Paycor is asked again")
		assert.Equal(t, paycor.StateNotVerified, saved.State)
		close(asking)
	})
}

// Values that were not sent were not rejected by Paycor.
func TestSwappedValuesAreNotVerified(t *testing.T) {
	t.Parallel()
	server := env.New(t)
	draft := env.Draft()
	draft.ClientID, draft.SubscriptionKey = draft.SubscriptionKey.Reveal(), paycor.NewSecret(draft.ClientID)
	verdict := verdicts.CodeLooksSwapped.Verdict()
	assert.Equal(t, paycor.StateNotVerified, paycor.Credential{}.WithVerdict(verdict).State)
	created, err := server.As(env.Administrator()).Create(t.Context(), draft, paycor.CreateOptions{SkipVerify: true})
	require.NoError(t, err)
	assert.Equal(t, paycor.StateNotVerified, created.State)
}

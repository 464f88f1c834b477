package credentials_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/verdicts"
)

// The wait that Paycor asked for passes while a verdict is stored.
func TestAStoredRemedyAsksForTheRestOfAWait(t *testing.T) {
	t.Parallel()
	b := env.New(t)
	service := b.As(env.Administrator())
	saved := env.Create(t, service)
	b.Paycor.AnswerWaiting(verdicts.CodeRateLimited, 17)
	_, err := service.Verify(t.Context(), saved.ID, nil)
	require.NoError(t, err)
	b.Clock.Pass(10 * time.Second)
	for _, want := range []string{"Wait 7 seconds", "is over"} {
		one, err := service.Credential(t.Context(), saved.ID)
		require.NoError(t, err)
		assert.Contains(t, one.Verdict.Remedy.In(locale.English), want)
		page, err := service.Credentials(t.Context(), paycor.Query{})
		require.NoError(t, err)
		assert.Contains(t, page.Credentials[0].Verdict.Remedy.In(locale.English), want)
		assert.Equal(t, 17, one.Verdict.RetryAfter, "what Paycor asked for stays on record")
		b.Clock.Pass(time.Hour)
	}
}

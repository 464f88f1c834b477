package meter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/backend"
	"paycorcred/paycor/testkit/env"
)

func TestUsageReportsPausedCalls(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	soon := e.Clock.Now().Add(7 * time.Second)
	paused := e.NewBackend(t, e.Store, func(c *backend.Config) {
		c.PausedUntil = func(workspace, credential string) time.Time {
			assert.Equal(t, "default "+saved.ID, workspace+" "+credential)
			return soon
		}
	})
	usage, err := paused.As(env.Administrator()).Usage(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Equal(t, soon, usage.PausedUntil)
	usage, err = e.As(env.Administrator()).Usage(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Zero(t, usage.PausedUntil, "calls are not paused without PausedUntil")
}

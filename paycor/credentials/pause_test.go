package credentials_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/credentials"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
)

func TestUsageTellsWhetherCallsArePaused(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight()))
	soon := b.clock.Now().Add(7 * time.Second)
	m, err := credentials.New(credentials.Config{
		LastFlush: patience, Store: b.store, Verify: b.paycor.ask, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})), Clock: b.clock.Now,
		PausedUntil: func(workspace, credential string) time.Time {
			assert.Equal(t, "default "+saved.ID, workspace+" "+credential)
			return soon
		},
	})
	require.NoError(t, err)
	usage, err := m.As(everyRight()).Usage(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Equal(t, soon, usage.PausedUntil)
	usage, err = b.As(everyRight()).Usage(t.Context(), saved.ID)
	require.NoError(t, err)
	assert.Zero(t, usage.PausedUntil, "nothing is called here")
}

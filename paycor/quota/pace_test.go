package quota_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/quota"
)

// A caller who sends too many waits, and no other caller does.
func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pace := quota.NewPace(60, 10, time.Now)
		hostile := paycor.Caller{Kind: paycor.CallerConsumer, ID: "hostile", Workspace: "w"}
		other := paycor.Caller{Kind: paycor.CallerConsumer, ID: "other", Workspace: "w"}
		start := time.Now()
		for range 10 {
			assert.NoError(t, pace.Wait(t.Context(), hostile))
		}
		assert.Zero(t, time.Since(start), "after ten quiet seconds")
		assert.NoError(t, pace.Wait(t.Context(), hostile))
		assert.Equal(t, time.Second, time.Since(start))

		start = time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for range 64 {
			group.Go(func() { _ = pace.Wait(ctx, hostile) })
		}
		synctest.Wait()
		assert.ErrorIs(t, pace.Wait(t.Context(), hostile), quota.ErrCrowded)
		assert.NoError(t, pace.Wait(t.Context(), other))
		assert.Zero(t, time.Since(start))
		cancel()
		group.Wait()
		assert.NoError(t, pace.Wait(t.Context(), hostile), "those that left make room")
		assert.Equal(t, time.Second, time.Since(start))
	})
}

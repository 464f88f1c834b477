package quota_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/quota"
)

func caller(workspace, id string) paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerConsumer, Workspace: workspace, ID: id}
}

// A workspace that floods the queue delays another one's request by one of its own at
// most, and two floods share the time whatever their requests cost.
func TestFairSharesTimeAmongWorkspacesAndCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fair := quota.NewFair(quota.FairConfig{Slots: 1, MaxWaiting: 1000, MaxPerCaller: 1000})
		var mu sync.Mutex
		used := map[string]time.Duration{}
		ctx, cancel := context.WithCancel(t.Context())
		run := func(by paycor.Caller, cost time.Duration) error {
			release, err := fair.Acquire(ctx, by)
			if err != nil {
				return err
			}
			time.Sleep(cost)
			mu.Lock()
			used[by.Workspace+" "+by.ID] += cost
			mu.Unlock()
			release()
			return nil
		}
		var group sync.WaitGroup
		flood := func(by paycor.Caller, cost time.Duration) {
			for range 400 {
				group.Go(func() { _ = run(by, cost) })
			}
		}
		flood(caller("a", "slow"), 100*time.Millisecond)
		flood(caller("a", "quick"), 10*time.Millisecond)
		flood(caller("b", "only"), 10*time.Millisecond)
		time.Sleep(time.Second)
		for i := range 5 {
			start := time.Now()
			require.NoError(t, run(caller("c", fmt.Sprint(i)), time.Millisecond))
			assert.LessOrEqual(t, time.Since(start), 101*time.Millisecond, "one request of another may be running")
		}
		time.Sleep(time.Second)
		mu.Lock()
		assert.InDelta(t, used["a slow"]+used["a quick"], used["b only"], float64(200*time.Millisecond), "workspaces share the time")
		assert.InDelta(t, used["a slow"], used["a quick"], float64(200*time.Millisecond), "callers share that of their workspace")
		mu.Unlock()
		cancel()
		group.Wait()
		assert.Zero(t, fair.Waiting())
		assert.Zero(t, quota.FairShares(fair), "nothing is kept of callers without requests")
	})
}

func TestFairBoundsWhatWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fair := quota.NewFair(quota.FairConfig{Slots: 2, MaxWaiting: 3, MaxPerCaller: 2})
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		acquire := func(by paycor.Caller) {
			group.Go(func() {
				if release, err := fair.Acquire(ctx, by); err == nil {
					<-ctx.Done()
					release()
				}
			})
			synctest.Wait()
		}
		for range 4 {
			acquire(caller("a", "x")) // two run, two wait
		}
		_, err := fair.Acquire(ctx, caller("a", "x"))
		assert.ErrorIs(t, err, quota.ErrCrowded)
		acquire(caller("a", "y"))
		_, err = fair.Acquire(ctx, caller("a", "z"))
		assert.ErrorIs(t, err, quota.ErrCrowded, "the workspace")
		acquire(caller("b", "x"))
		assert.Equal(t, 4, fair.Waiting())

		short, stop := context.WithTimeout(ctx, time.Second)
		defer stop()
		_, err = fair.Acquire(short, caller("b", "x"))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 4, fair.Waiting(), "it no longer waits")
		cancel()
		group.Wait()
		assert.Zero(t, quota.FairShares(fair))
	})
}

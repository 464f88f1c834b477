package quota_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/quota"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	ann, bob := quota.Principal{ID: "ann"}, quota.Principal{ID: "bob"}
	workspace := quota.Principal{Kind: quota.KindWorkspace, Workspace: "w"}
	q := quota.New(4, func(principal quota.Principal) int {
		if principal == workspace {
			return 3
		}
		return 2
	})
	first := q.Acquire(ann, workspace)
	require.NotNil(t, first)
	second := q.Acquire(workspace, ann)
	require.NotNil(t, second)
	assert.Nil(t, q.Acquire(ann, workspace), "ann is at her limit")
	assert.Nil(t, q.Acquire(bob, ann), "one principal at its limit is enough, and bob's count does not change")
	third := q.Acquire(bob, workspace)
	require.NotNil(t, third)
	assert.Nil(t, q.Acquire(bob, workspace), "the workspace is at its limit")
	fourth := q.Acquire(bob)
	require.NotNil(t, fourth, "rejected attempts do not count")
	assert.Nil(t, q.Acquire(), "no slot is free")
	assert.Equal(t, 4, q.InUse())
	assert.Equal(t, 3, q.Tracked())

	first()
	again := q.Acquire(ann, workspace)
	require.NotNil(t, again, "a released slot can be acquired")
	for _, release := range []func(){second, third, fourth, again} {
		release()
	}
	assert.Zero(t, q.InUse())
	assert.Zero(t, q.Tracked(), "principals without a slot are dropped")
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	q := quota.New(8, func(quota.Principal) int { return 3 })
	var callers sync.WaitGroup
	for n := range 32 {
		callers.Go(func() {
			for range 500 {
				if release := q.Acquire(quota.Principal{ID: string(rune('a' + n%4))}, quota.Principal{Kind: quota.KindHost}); release != nil {
					assert.LessOrEqual(t, q.InUse(), 3)
					release()
				}
			}
		})
	}
	callers.Wait()
	assert.Zero(t, q.InUse())
	assert.Zero(t, q.Tracked())
}

func TestPrincipalsOf(t *testing.T) {
	t.Parallel()
	consumer := paycor.Caller{Kind: paycor.CallerConsumer, Workspace: "w", ID: "token"}
	assert.Equal(t, []quota.Principal{
		{quota.KindCaller, paycor.CallerConsumer, "w", "token"}, {Kind: quota.KindWorkspace, Workspace: "w"},
	}, quota.PrincipalsOf(consumer))
	embedded := paycor.Caller{Kind: paycor.CallerEmbedded, Workspace: "w", ID: "console/ann"}
	assert.Equal(t, []quota.Principal{
		{quota.KindCaller, paycor.CallerEmbedded, "w", "console/ann"}, {Kind: quota.KindWorkspace, Workspace: "w"},
		{quota.KindHost, paycor.CallerEmbedded, "w", "console"},
	}, quota.PrincipalsOf(embedded))
}

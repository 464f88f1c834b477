package quota_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/quota"
)

// principalsNamed are the principals of a program.
func principalsNamed(workspace, id string) []quota.Principal {
	return quota.PrincipalsOf(paycor.Caller{Kind: paycor.CallerConsumer, ID: id, Workspace: workspace})
}

func TestRate(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	changes := quota.Changes(60, func() time.Time { return now })
	for range 60 {
		assert.Zero(t, changes.Take(principalsNamed("w", "a")...))
	}
	assert.Equal(t, time.Second, changes.Take(principalsNamed("w", "a")...))
	assert.Equal(t, time.Second, changes.Take(principalsNamed("w", "a")...), "what was refused is not counted")
	assert.Zero(t, changes.Take(principalsNamed("w", "b")...), "another caller has a limit of its own")
	now = now.Add(time.Second)
	assert.Zero(t, changes.Take(principalsNamed("w", "a")...))
	assert.NotZero(t, changes.Take(principalsNamed("w", "a")...))

	for i := range 240 { // the workspace has four times as many
		changes.Take(principalsNamed("w", fmt.Sprint(i))...)
	}
	assert.NotZero(t, changes.Take(principalsNamed("w", "late")...))
	assert.Zero(t, changes.Take(principalsNamed("other", "late")...), "another workspace has a limit of its own")
	now = now.Add(time.Hour)
	assert.Zero(t, changes.Take(principalsNamed("w", "late")...))
}

func TestRateOfAHost(t *testing.T) {
	t.Parallel()
	changes := quota.Changes(10, func() time.Time { return time.Unix(1000, 0) })
	allowed := 0
	for i := range 100 { // a site can name as many users as it likes
		caller := paycor.Caller{Kind: paycor.CallerEmbedded, ID: fmt.Sprint("console/", i), Workspace: "w"}
		if changes.Take(quota.PrincipalsOf(caller)...) == 0 {
			allowed++
		}
	}
	assert.Equal(t, 20, allowed)
}

func TestRateWithoutLimit(t *testing.T) {
	t.Parallel()
	changes := quota.Changes(0, time.Now)
	for range 10000 {
		assert.Zero(t, changes.Take(principalsNamed("w", "a")...))
	}
}

// Principals that have been quiet take no memory.
func TestRateForgetsTheQuiet(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	changes := quota.Changes(60, func() time.Time { return now })
	for i := range 20000 {
		now = now.Add(time.Second)
		changes.Take(principalsNamed(fmt.Sprint("w", i), "a")...)
	}
	assert.LessOrEqual(t, quota.LimiterCount(changes), 4200)
}

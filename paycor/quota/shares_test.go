package quota_test

import (
	"paycorcred/paycor/quota"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestShares(t *testing.T) {
	ann, bob := quota.Principal{ID: "ann"}, quota.Principal{ID: "bob"}
	both := quota.Principal{Sort: quota.PrincipalWorkspace, Workspace: "w"}
	shares := quota.New(4, func(party quota.Principal) int {
		if party == both {
			return 3
		}
		return 2
	})
	first := shares.Take(ann, both)
	require.NotNil(t, first)
	second := shares.Take(both, ann)
	require.NotNil(t, second)
	assert.Nil(t, shares.Take(ann), "she has her share")
	assert.Nil(t, shares.Take(bob, ann), "where one party has its share, nothing is taken of the others'")
	third := shares.Take(bob, both)
	require.NotNil(t, third)
	assert.Nil(t, shares.Take(bob, both), "the workspace has its share")
	fourth := shares.Take(bob)
	require.NotNil(t, fourth, "what was refused was not counted")
	assert.Nil(t, shares.Take(), "all is taken")
	assert.Equal(t, 4, shares.Taken())
	assert.Equal(t, 3, shares.Known())

	first()
	again := shares.Take(ann, both)
	require.NotNil(t, again, "what was left can be taken")
	for _, leave := range []func(){second, third, fourth, again} {
		leave()
	}
	assert.Zero(t, shares.Taken())
	assert.Zero(t, shares.Known(), "who has nothing under way is forgotten")
}

func TestSharesCountWhatGoesOnAtOnce(t *testing.T) {
	shares := quota.New(8, func(quota.Principal) int { return 3 })
	var working sync.WaitGroup
	for n := range 32 {
		working.Go(func() {
			for range 500 {
				if leave := shares.Take(quota.Principal{ID: string(rune('a' + n%4))}, quota.Principal{Sort: quota.PrincipalHost}); leave != nil {
					assert.LessOrEqual(t, shares.Taken(), 3)
					leave()
				}
			}
		})
	}
	working.Wait()
	assert.Zero(t, shares.Taken())
	assert.Zero(t, shares.Known())
}

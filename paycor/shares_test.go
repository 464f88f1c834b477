package paycor_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

func TestShares(t *testing.T) {
	ann, bob := paycor.Party{ID: "ann"}, paycor.Party{ID: "bob"}
	both := paycor.Party{Sort: paycor.PartyWorkspace, Workspace: "w"}
	shares := paycor.NewShares(4, func(party paycor.Party) int {
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
	shares := paycor.NewShares(8, func(paycor.Party) int { return 3 })
	var working sync.WaitGroup
	for n := range 32 {
		working.Go(func() {
			for range 500 {
				if leave := shares.Take(paycor.Party{ID: string(rune('a' + n%4))}, paycor.Party{Sort: paycor.PartyHost}); leave != nil {
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

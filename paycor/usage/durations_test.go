package usage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/usage"
)

func TestP95(t *testing.T) {
	of := func(counts map[time.Duration]int) (d usage.Durations) {
		for took, n := range counts {
			for range n {
				d.Count(took)
			}
		}
		return d
	}
	assert.Zero(t, usage.Durations{}.P95(), "no call was counted")
	assert.EqualValues(t, 47, of(map[time.Duration]int{0: 1}).P95())
	assert.EqualValues(t, 95, of(map[time.Duration]int{20 * time.Millisecond: 50, 100 * time.Millisecond: 50}).P95())
	assert.EqualValues(t, 50, of(map[time.Duration]int{50 * time.Millisecond: 95, time.Minute: 5}).P95())
	assert.EqualValues(t, 750, of(map[time.Duration]int{time.Millisecond: 90, 700 * time.Millisecond: 10}).P95())
	assert.EqualValues(t, 30_000, of(map[time.Duration]int{time.Minute: 1}).P95(), "longer than the last bound")

	sum := of(map[time.Duration]int{time.Second: 3})
	sum.Add(of(map[time.Duration]int{time.Second: 4, 2 * time.Hour: 1}))
	assert.Equal(t, of(map[time.Duration]int{time.Second: 7, time.Hour: 1}), sum)
}

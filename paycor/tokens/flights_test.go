package tokens

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// One may begin while somebody waits for the last: the race detector looks on.
func TestFlightsMayBeginWhileSomebodyWaits(t *testing.T) {
	var f flights
	over, cancel := context.WithCancel(t.Context())
	cancel()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 500 {
				f.depart()
				_ = f.wait(over)
				f.land()
			}
		})
		group.Go(func() {
			for range 500 {
				assert.NoError(t, f.wait(t.Context()))
			}
		})
	}
	group.Wait()
	assert.NoError(t, f.wait(over), "nothing is under way")
	f.depart()
	f.depart()
	assert.EqualError(t, f.wait(over), "waiting for 2 token exchanges: context canceled")
	f.land()
	assert.EqualError(t, f.wait(over), "waiting for 1 token exchanges: context canceled")
	f.land()
	assert.NoError(t, f.wait(over))
}

package tokens

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// One may begin while somebody waits for the last: the race detector looks on.
func TestFlightsMayBeginWhileSomebodyWaits(t *testing.T) {
	var f inflightCount
	over, cancel := context.WithCancel(t.Context())
	cancel()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 500 {
				f.start()
				_ = f.wait(over)
				f.finish()
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
	f.start()
	f.start()
	assert.EqualError(t, f.wait(over), "waiting for 2 token exchanges: context canceled")
	f.finish()
	assert.EqualError(t, f.wait(over), "waiting for 1 token exchanges: context canceled")
	f.finish()
	assert.NoError(t, f.wait(over))
}

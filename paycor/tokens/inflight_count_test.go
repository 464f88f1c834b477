package tokens

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Run with the race detector.
func TestInflightMayStartWhileWaiting(t *testing.T) {
	var f inflightCount
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 500 {
				f.start()
				_ = f.wait(canceled)
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
	assert.NoError(t, f.wait(canceled), "nothing is in flight")
	f.start()
	f.start()
	assert.EqualError(t, f.wait(canceled), "waiting for 2 token exchanges: context canceled")
	f.finish()
	assert.EqualError(t, f.wait(canceled), "waiting for 1 token exchanges: context canceled")
	f.finish()
	assert.NoError(t, f.wait(canceled))
}

package credentials

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/store"
)

// written counts how often what was written was brought to the database's file.
type written struct {
	store.Store
	times atomic.Int64
}

func (w *written) Checkpoint(context.Context) error { w.times.Add(1); return nil }

func TestTheLogIsWrittenBackEveryMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &written{}
		m := &Manager{config: Config{Store: w}}
		ctx, cancel := context.WithCancel(t.Context())
		go m.checkpoint(ctx)
		pass := func(d time.Duration) { time.Sleep(d); synctest.Wait() }
		pass(59 * time.Second)
		assert.Zero(t, w.times.Load(), "a new server's log holds everything it has")
		pass(2 * time.Second)
		assert.EqualValues(t, 1, w.times.Load())
		pass(5 * time.Minute)
		assert.EqualValues(t, 6, w.times.Load())
		cancel()
		pass(5 * time.Minute)
		assert.EqualValues(t, 6, w.times.Load())
	})
}

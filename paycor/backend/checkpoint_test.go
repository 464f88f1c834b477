package backend

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/store"
)

// checkpointCounter counts how often the write-ahead log was moved into the
// database file.
type checkpointCounter struct {
	store.Store
	times atomic.Int64
}

func (c *checkpointCounter) Checkpoint(context.Context) error { c.times.Add(1); return nil }

func TestCheckpointRunsEveryMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		counter := &checkpointCounter{}
		b := &Backend{config: Config{Store: counter, Logger: slog.New(slog.DiscardHandler)}}
		ctx, cancel := context.WithCancel(t.Context())
		go b.checkpoint(ctx)
		pass := func(d time.Duration) { time.Sleep(d); synctest.Wait() } // by the bubble's clock
		pass(59 * time.Second)
		assert.Zero(t, counter.times.Load(), "a new database has all it holds in the log")
		pass(2 * time.Second)
		assert.EqualValues(t, 1, counter.times.Load())
		pass(5 * time.Minute)
		assert.EqualValues(t, 6, counter.times.Load())
		cancel()
		pass(5 * time.Minute)
		assert.EqualValues(t, 6, counter.times.Load())
	})
}

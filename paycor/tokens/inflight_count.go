package tokens

import (
	"context"
	"fmt"
	"sync"
)

// inflightCount counts the exchanges in flight. A sync.WaitGroup does not fit:
// an exchange may start while a caller waits for the last one to finish, and a
// waiter that gives up reports the count. The zero value is ready to use.
type inflightCount struct {
	mu    sync.Mutex
	count int
	idle  chan struct{} // closed when the count returns to 0
}

func (f *inflightCount) start() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count == 0 {
		f.idle = make(chan struct{})
	}
	f.count++
}

func (f *inflightCount) finish() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count--
	if f.count == 0 {
		close(f.idle)
	}
}

func (f *inflightCount) running() (count int, idle <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count, f.idle
}

// wait returns when the count is 0. It succeeds even after ctx ended if nothing
// is in flight.
func (f *inflightCount) wait(ctx context.Context) error {
	count, idle := f.running()
	if count == 0 {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		if count, _ = f.running(); count == 0 {
			return nil
		}
		return fmt.Errorf("waiting for %d token exchanges: %w", count, ctx.Err())
	}
}

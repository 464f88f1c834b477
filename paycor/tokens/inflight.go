package tokens

import (
	"context"
	"fmt"
	"sync"
)

// inflightCount counts what is under way. A sync.WaitGroup would not do: one may
// begin while somebody waits for the last, and he who gives up wants to say
// how many there are. The zero value is ready for use.
type inflightCount struct {
	mu    sync.Mutex
	count int
	idle  chan struct{} // closed when the last one lands
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

func (f *inflightCount) running() (count int, landed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count, f.idle
}

// wait returns when none is under way, however late ctx is.
func (f *inflightCount) wait(ctx context.Context) error {
	count, landed := f.running()
	if count == 0 {
		return nil
	}
	select {
	case <-landed:
		return nil
	case <-ctx.Done():
		if count, _ = f.running(); count == 0 {
			return nil
		}
		return fmt.Errorf("waiting for %d token exchanges: %w", count, ctx.Err())
	}
}

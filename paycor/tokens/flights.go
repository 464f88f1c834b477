package tokens

import (
	"context"
	"fmt"
	"sync"
)

// flights counts what is under way. A sync.WaitGroup would not do: one may
// begin while somebody waits for the last, and he who gives up wants to say
// how many there are. The zero value is ready for use.
type flights struct {
	mu     sync.Mutex
	count  int
	landed chan struct{} // closed when the last one lands
}

func (f *flights) depart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count == 0 {
		f.landed = make(chan struct{})
	}
	f.count++
}

func (f *flights) land() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count--
	if f.count == 0 {
		close(f.landed)
	}
}

func (f *flights) underWay() (count int, landed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count, f.landed
}

// wait returns when none is under way, however late ctx is.
func (f *flights) wait(ctx context.Context) error {
	count, landed := f.underWay()
	if count == 0 {
		return nil
	}
	select {
	case <-landed:
		return nil
	case <-ctx.Done():
		if count, _ = f.underWay(); count == 0 {
			return nil
		}
		return fmt.Errorf("waiting for %d token exchanges: %w", count, ctx.Err())
	}
}

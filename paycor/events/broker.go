// Package events tells open pages what changed in their workspace.
package events

import (
	"context"
	"sync"
	"sync/atomic"

	"paycorcred/paycor"
)

// buffered is how many changes wait for a slow subscriber before the broker
// drops some.
const buffered = 16

// Broker delivers changes to the subscribers of a workspace, and to the brokers of
// other processes. The zero value is ready to use, and safe for concurrent use.
type Broker struct {
	// Visible reports whether a caller may learn about a change of a credential.
	// nil means that everyone in the workspace may. Set it before use.
	Visible func(ctx context.Context, caller paycor.Caller, change Change) bool

	// Forward sends a change to the other processes, whose brokers Deliver it. It must not
	// block. nil means that there are none. Set it before use.
	Forward func(workspace string, change Change)

	mu          sync.Mutex
	observers   []func(workspace string, change Change)
	subscribers map[*subscriber]struct{}
}

// subscriber receives the changes of a workspace.
type subscriber struct {
	workspace string
	changes   chan Change
	missed    atomic.Bool // changes were dropped
}

// Observe registers a function that Publish calls, in order of registration,
// before it notifies any subscriber. It must not block. Caches use it to drop
// entries that a change made outdated.
func (b *Broker) Observe(observer func(workspace string, change Change)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.observers = append(b.observers, observer)
}

// Streams returns how many subscribers there are.
func (b *Broker) Streams() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.subscribers)
}

// Publish notifies all subscribers that may see a change, of all processes. It never
// blocks: a subscriber whose buffer is full misses it, and is told that it missed something.
func (b *Broker) Publish(workspace string, change Change) {
	b.Deliver(workspace, change)
	if b.Forward != nil {
		b.Forward(workspace, change)
	}
}

// Deliver is Publish for a change that another process forwarded.
func (b *Broker) Deliver(workspace string, change Change) {
	b.mu.Lock()
	observers := b.observers
	b.mu.Unlock()
	for _, observe := range observers {
		observe(workspace, change)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.subscribers {
		if s.workspace == workspace {
			s.notify(change)
		}
	}
}

// Miss tells all subscribers that they may have missed changes of other processes.
func (b *Broker) Miss() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.subscribers {
		s.notify(Change{Missed: true})
	}
}

// notify buffers a change, or notes that it was dropped.
func (s *subscriber) notify(change Change) {
	select {
	case s.changes <- change:
	default:
		s.missed.Store(true)
	}
}

// Changes returns the changes in the caller's workspace that the caller may
// see. The channel closes when ctx ends. A subscriber that falls behind misses some;
// a Change with Missed follows, and says that anything may have changed.
func (b *Broker) Changes(ctx context.Context, caller paycor.Caller) <-chan Change {
	all, visible := b.subscribe(ctx, caller.Workspace), make(chan Change)
	go func() {
		defer close(visible)
		for change := range all.changes {
			if all.missed.Swap(false) {
				change = Change{Missed: true} // instead, because it includes this one
			}
			if change.ID != "" && (!caller.Covers(change.ID) || b.Visible != nil && !b.Visible(ctx, caller, change)) {
				continue
			}
			select {
			case visible <- change:
			case <-ctx.Done():
				return
			}
		}
	}()
	return visible
}

func (b *Broker) subscribe(ctx context.Context, workspace string) *subscriber {
	s := &subscriber{workspace: workspace, changes: make(chan Change, buffered)}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subscribers == nil {
		b.subscribers = map[*subscriber]struct{}{}
	}
	b.subscribers[s] = struct{}{}
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.subscribers, s)
		close(s.changes)
	})
	return s
}

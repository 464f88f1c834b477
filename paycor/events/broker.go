// Package events tells open pages what changed in their workspace.
package events

import (
	"context"
	"sync"

	"paycorcred/paycor"
)

// buffered is how many changes wait for a slow subscriber before the broker
// drops some.
const buffered = 16

// Broker delivers changes to the subscribers of a workspace within this
// process. The zero value is ready to use, and safe for concurrent use.
type Broker struct {
	// Visible reports whether a caller may learn about a change of a credential.
	// nil means that everyone in the workspace may. Set it before use.
	Visible func(ctx context.Context, caller paycor.Caller, change Change) bool

	mu          sync.Mutex
	observers   []func(workspace string, change Change)
	subscribers map[chan Change]string // to their workspace
}

// Observe registers a function that Publish calls, in order of registration,
// before it notifies any subscriber. It must not block. Caches use it to drop
// entries that a change made outdated.
func (b *Broker) Observe(observer func(workspace string, change Change)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.observers = append(b.observers, observer)
}

// Publish notifies all subscribers that may see a change. It never blocks: a
// subscriber whose buffer is full misses it.
func (b *Broker) Publish(workspace string, change Change) {
	b.mu.Lock()
	observers := b.observers
	b.mu.Unlock()
	for _, observe := range observers {
		observe(workspace, change)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for subscriber, subscribed := range b.subscribers {
		if subscribed != workspace {
			continue
		}
		select {
		case subscriber <- change:
		default:
		}
	}
}

// Changes returns the changes in the caller's workspace that the caller may
// see. The channel closes when ctx ends. A subscriber that falls behind misses
// some, which is harmless: a change only says that there is something to fetch.
func (b *Broker) Changes(ctx context.Context, caller paycor.Caller) <-chan Change {
	all, visible := b.subscribe(ctx, caller.Workspace), make(chan Change)
	go func() {
		defer close(visible)
		for change := range all {
			if change.ID != "" && (!caller.MayTouch(change.ID) || b.Visible != nil && !b.Visible(ctx, caller, change)) {
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

func (b *Broker) subscribe(ctx context.Context, workspace string) <-chan Change {
	changes := make(chan Change, buffered)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subscribers == nil {
		b.subscribers = map[chan Change]string{}
	}
	b.subscribers[changes] = workspace
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.subscribers, changes)
		close(changes)
	})
	return changes
}

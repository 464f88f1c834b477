package manager

import (
	"context"
	"sync"

	"paycorcred/paycor"
)

// hub tells whoever listens that something changed in a workspace.
type hub struct {
	first func(workspace string, change paycor.Change) // told before all others

	mu        sync.Mutex
	listeners map[chan paycor.Change]string // to the workspace listened to
}

// Changes returns what changes in a workspace until ctx ends, when it is
// closed. A listener that falls behind misses some: a change says that there
// is something to fetch, and the next one says so again.
func (m *Manager) Changes(ctx context.Context, workspace string) <-chan paycor.Change {
	changes := make(chan paycor.Change, 16)
	h := &m.changes
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners == nil {
		h.listeners = map[chan paycor.Change]string{}
	}
	h.listeners[changes] = workspace
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.listeners, changes)
		close(changes)
	})
	return changes
}

func (h *hub) tell(workspace string, change paycor.Change) {
	h.first(workspace, change)
	h.mu.Lock()
	defer h.mu.Unlock()
	for listener, theirs := range h.listeners {
		if theirs != workspace {
			continue
		}
		select {
		case listener <- change:
		default:
		}
	}
}

package credentials

import (
	"context"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/store"
	"sync"
)

// hub tells whoever listens that something changed in a workspace.
type hub struct {
	first func(workspace string, change events.Change) // told before all others

	mu        sync.Mutex
	listeners map[chan events.Change]string // to the workspace listened to
}

// Changes returns what changes in the caller's workspace, and may be seen by
// the caller, until ctx ends, when it is closed. A listener that falls behind
// misses some: a change says that there is something to fetch, and the next one
// says so again.
func (m *Manager) Changes(ctx context.Context, caller paycor.Caller) <-chan events.Change {
	all, seen := m.changes.listen(ctx, caller.Workspace), make(chan events.Change)
	go func() {
		defer close(seen)
		for change := range all {
			if change.ID != "" && (!caller.MayTouch(change.ID) || !m.sees(ctx, caller, change)) {
				continue
			}
			select {
			case seen <- change:
			case <-ctx.Done():
				return
			}
		}
	}()
	return seen
}

// sees reports whether a change is of a credential that the caller may see.
// Where that cannot be found out, nothing is told.
func (m *Manager) sees(ctx context.Context, caller paycor.Caller, change events.Change) bool {
	viewer := caller.Viewer()
	if viewer == nil {
		return true
	}
	shared := store.Shared{Owner: change.Owner, Sharing: change.Sharing}
	if change.Action == audit.ActionDelete {
		return viewer.Sees(shared.Owner, shared.Sharing)
	}
	err := m.config.Store.View(ctx, func(r store.Reader) (err error) {
		shared, err = r.Shared(caller.Workspace, change.ID)
		return err
	})
	if err == nil && viewer.Sees(shared.Owner, shared.Sharing) {
		return true
	}
	return err == nil && change.Action == audit.ActionShare && viewer.Sees(change.Owner, change.Sharing) // it is gone for them
}

func (h *hub) listen(ctx context.Context, workspace string) <-chan events.Change {
	changes := make(chan events.Change, 16)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners == nil {
		h.listeners = map[chan events.Change]string{}
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

func (h *hub) tell(workspace string, change events.Change) {
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

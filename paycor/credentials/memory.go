package credentials

import (
	"context"
	"sync"
	"sync/atomic"

	"paycorcred/paycor/store"
)

// memory keeps what was read from the store, for as long as the store is as it
// was: each get compares its version, so that a change of whatever process
// counts at once, and a get of something known costs no read. What is not
// there is not kept. It is safe for concurrent use.
type memory[K comparable, V any] struct {
	version func(context.Context) (store.Version, error)
	read    func(context.Context, K) (V, error)
	most    int // values kept

	mu   sync.RWMutex
	kept map[K]*remembered[V]
}

// remembered is one value. Of those who find it outdated at the same time, one
// reads it again.
type remembered[V any] struct {
	state atomic.Pointer[reading[V]]
	again sync.Mutex
}

// reading is a value, and the version of the store that was taken before it
// was read.
type reading[V any] struct {
	version store.Version
	value   V
}

func (m *memory[K, V]) get(ctx context.Context, key K) (V, error) {
	var none V
	version, err := m.version(ctx)
	if err != nil {
		return none, err
	}
	m.mu.RLock()
	found := m.kept[key]
	m.mu.RUnlock()
	if found == nil {
		value, err := m.read(ctx, key)
		if err == nil {
			m.keep(key, &reading[V]{version, value})
		}
		return value, err
	}
	if state := found.state.Load(); state.version == version {
		return state.value, nil
	}
	found.again.Lock()
	defer found.again.Unlock()
	// Anew, because the wait for the lock may have been long.
	if version, err = m.version(ctx); err != nil {
		return none, err
	}
	if state := found.state.Load(); state.version == version {
		return state.value, nil
	}
	value, err := m.read(ctx, key)
	if err != nil {
		m.mu.Lock()
		if m.kept[key] == found {
			delete(m.kept, key)
		}
		m.mu.Unlock()
		return none, err
	}
	found.state.Store(&reading[V]{version, value})
	return value, nil
}

// keep remembers a value, in the place of any other where there are too many.
func (m *memory[K, V]) keep(key K, state *reading[V]) {
	entry := &remembered[V]{}
	entry.state.Store(state)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[K]*remembered[V]{}
	}
	if _, known := m.kept[key]; !known && len(m.kept) >= m.most {
		for any := range m.kept {
			delete(m.kept, any)
			break
		}
	}
	m.kept[key] = entry
}

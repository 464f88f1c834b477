// Package cache keeps values that were read from the store for as long as the
// store has not changed since. A hit costs no query, and a change committed by
// any process takes effect at once, because every Get compares versions.
package cache

import (
	"context"
	"sync"
	"sync/atomic"

	"paycorcred/paycor/store"
)

// Config says where the values of a Versioned cache come from.
type Config[K comparable, V any] struct {
	Version func(context.Context) (store.Version, error) // current version of the store; required
	Read    func(context.Context, K) (V, error)          // reads one value from the store; required
	Max     int                                          // number of values kept
}

// Versioned caches values by key, each with the store version it was read at.
// It does not cache errors, so a missing record is read again every time. It is
// safe for concurrent use.
type Versioned[K comparable, V any] struct {
	config Config[K, V]

	mu      sync.RWMutex
	entries map[K]*entry[V]
}

// entry is one cached value. Of several callers that find it outdated at the
// same time, only one reads it again.
type entry[V any] struct {
	snapshot atomic.Pointer[snapshot[V]]
	reload   sync.Mutex
}

// snapshot is a value and the store version taken before it was read.
type snapshot[V any] struct {
	version store.Version
	value   V
}

// New returns an empty cache.
func New[K comparable, V any](config Config[K, V]) *Versioned[K, V] {
	return &Versioned[K, V]{config: config, entries: map[K]*entry[V]{}}
}

// Get returns the value of key as the store has it now. Errors are those of
// Config.Version and Config.Read.
func (c *Versioned[K, V]) Get(ctx context.Context, key K) (V, error) {
	var zero V
	version, err := c.config.Version(ctx)
	if err != nil {
		return zero, err
	}
	c.mu.RLock()
	found := c.entries[key]
	c.mu.RUnlock()
	if found == nil {
		value, err := c.config.Read(ctx, key)
		if err == nil {
			c.put(key, &snapshot[V]{version, value})
		}
		return value, err
	}
	if current := found.snapshot.Load(); current.version == version {
		return current.value, nil
	}
	return c.reload(ctx, key, found)
}

// Len returns how many values are cached.
func (c *Versioned[K, V]) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.entries)
}

// reload reads an outdated value again, unless another caller just did.
func (c *Versioned[K, V]) reload(ctx context.Context, key K, outdated *entry[V]) (V, error) {
	var zero V
	outdated.reload.Lock()
	defer outdated.reload.Unlock()
	// Waiting for the lock may have taken long, so take the version again.
	version, err := c.config.Version(ctx)
	if err != nil {
		return zero, err
	}
	if current := outdated.snapshot.Load(); current.version == version {
		return current.value, nil
	}
	value, err := c.config.Read(ctx, key)
	if err != nil {
		c.remove(key, outdated)
		return zero, err
	}
	outdated.snapshot.Store(&snapshot[V]{version, value})
	return value, nil
}

func (c *Versioned[K, V]) remove(key K, outdated *entry[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[key] == outdated {
		delete(c.entries, key)
	}
}

// put caches a value and evicts an arbitrary one when the cache is full.
func (c *Versioned[K, V]) put(key K, current *snapshot[V]) {
	added := &entry[V]{}
	added.snapshot.Store(current)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, cached := c.entries[key]; !cached && len(c.entries) >= c.config.Max {
		for evicted := range c.entries {
			delete(c.entries, evicted)
			break
		}
	}
	c.entries[key] = added
}

package credentials

import (
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/evict"
	"paycorcred/paycor/store"
)

// credentialCacheTTL is how long cached upstream credentials are used before they are read
// again, although the store has not changed. A change, by any process, takes effect at once.
const credentialCacheTTL = 5 * time.Second

// maxCachedCredentials bounds the cache. Within the TTL no server makes more calls.
const maxCachedCredentials = 8192

// credentialCache caches what calls through each credential need, so that the
// usual call costs one map lookup.
type credentialCache struct {
	mu         sync.RWMutex
	entries    map[paycor.CredentialKey]cachedCredentials
	generation int // increases with each forget
}

type cachedCredentials struct {
	credentials *paycor.UpstreamCredentials
	version     store.Version // of the store, before they were read
	expiresAt   time.Time
}

// get returns the credentials that were read at the store's current version, nil if there
// are none, and the generation to pass to put.
func (c *credentialCache) get(key paycor.CredentialKey, version store.Version, now time.Time) (*paycor.UpstreamCredentials, int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if cached, ok := c.entries[key]; ok && cached.version == version && now.Before(cached.expiresAt) {
		return cached.credentials, c.generation
	}
	return nil, c.generation
}

// put caches credentials, unless forget was called since generation: they may
// have been read before the change. If they equal the previous ones, put returns
// the previous pointer, so that a caller can compare pointers to detect a change.
func (c *credentialCache) put(key paycor.CredentialKey, credentials *paycor.UpstreamCredentials, version store.Version, expiresAt time.Time, generation int) *paycor.UpstreamCredentials {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.generation != generation {
		return credentials
	}
	if previous, ok := c.entries[key]; ok && *previous.credentials == *credentials {
		credentials = previous.credentials
	}
	if c.entries == nil {
		c.entries = map[paycor.CredentialKey]cachedCredentials{}
	}
	if _, known := c.entries[key]; !known && len(c.entries) >= maxCachedCredentials {
		if oldest, ok := evict.Oldest(c.entries, cachedCredentials.age); ok {
			delete(c.entries, oldest)
		}
	}
	c.entries[key] = cachedCredentials{credentials, version, expiresAt}
	return credentials
}

// age orders cached credentials by when they expire. Any may be evicted.
func (c cachedCredentials) age() (at int64, evictable bool) { return c.expiresAt.UnixNano(), true }

func (c *credentialCache) forget(key paycor.CredentialKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
	c.generation++
}

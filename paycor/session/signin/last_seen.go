package signin

import (
	"context"
	"errors"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/clock"
	"paycorcred/paycor/store"
)

// notesPerIdle is how many times within the idle limit a session in use is
// written to the store. In memory its last use is exact, so after a restart a
// session may end earlier by a thirtieth of the limit, never later.
const notesPerIdle = 30

// lastSeenCache holds when sessions were last used, by the hash of their handle.
type lastSeenCache struct {
	mu sync.Mutex
	at map[string]time.Time
}

// latest returns the later of the cached time and the stored one. Times that a clock
// noted that was ahead count as now, once.
func (c *lastSeenCache) latest(hash []byte, stored, now time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, cached := c.at[string(hash)]
	switch {
	case clock.Ahead(at, now) || !cached && clock.Ahead(stored, now):
		c.put(hash, now)
		return now
	case at.After(stored) || clock.Ahead(stored, now):
		return at
	}
	return stored
}

func (c *lastSeenCache) note(hash []byte, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(hash, at)
}

// put notes a time. The caller holds the lock.
func (c *lastSeenCache) put(hash []byte, at time.Time) {
	if c.at == nil {
		c.at = map[string]time.Time{}
	}
	c.at[string(hash)] = at
}

func (c *lastSeenCache) remove(hash []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.at, string(hash))
}

func (c *lastSeenCache) removeBefore(limit time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for hash, at := range c.at {
		if at.Before(limit) {
			delete(c.at, hash)
		}
	}
}

// UseSession records that the session of a handle was used.
func (s *Sessions) UseSession(ctx context.Context, handle paycor.Secret) error {
	hash, now := store.HashSecret(handle), s.now()
	last := s.lastSeen.latest(hash, time.Time{}, now)
	s.lastSeen.note(hash, now)
	interval := max(s.config.Idle/notesPerIdle, time.Second)
	if !last.IsZero() && now.Sub(last.Truncate(interval)) < interval {
		return nil
	}
	err := s.config.Store.Update(ctx, func(tx Tx) error { return tx.SetSessionLastSeen(hash, now) })
	if errors.Is(err, store.ErrNotFound) {
		s.lastSeen.remove(hash)
		return nil
	}
	return err
}

// ForgetIdle frees the memory of sessions that are idle for too long. The store
// sweeps its own records.
func (s *Sessions) ForgetIdle() { s.lastSeen.removeBefore(s.now().Add(-s.config.Idle)) }

package tokens

import (
	"context"
	"time"

	"paycorcred/paycor/evict"
)

// inflightExchange is the search for a token that all concurrent callers share.
type inflightExchange struct {
	fresh bool // ignores an existing token
	done  chan struct{}
	token Token
	err   error
}

// join returns the token in memory, or the exchange to wait for. It starts one
// if none is in flight.
func (s *Source) join(ctx context.Context, key Key, fresh bool) (Token, *inflightExchange, error) {
	now := s.config.Clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[key.application()]
	if e == nil {
		if len(s.entries) >= maxEntries {
			s.evict(now)
		}
		e = &entry{}
		s.entries[key.application()] = e
	}
	switch {
	case !fresh && e.fresh(now, s.config.Recheck):
		return e.token, nil, nil
	case !fresh && e.failure != nil && now.Before(e.retryAt):
		if !e.token.Access.IsZero() && now.Add(minRemainingLife).Before(e.token.ExpiresAt) {
			return e.token, nil, nil // could not be renewed, but still works
		}
		return Token{}, nil, e.failure
	case e.inflight != nil:
		return Token{}, e.inflight, nil
	}
	e.inflight = &inflightExchange{fresh: fresh, done: make(chan struct{})}
	s.inflight.start()
	go s.run(context.WithoutCancel(ctx), key, e, e.inflight)
	return Token{}, e.inflight, nil
}

// maxEntries is how many applications have a token in memory before those that were read
// longest ago are forgotten. They are read again from the store.
const maxEntries = 8192

// evict forgets a token. It keeps what must not be forgotten: an exchange in flight, and
// a cooldown. s.mu is held.
func (s *Source) evict(now time.Time) {
	oldest, ok := evict.Oldest(s.entries, func(e *entry) (int64, bool) {
		return e.checked.UnixNano(), e.inflight == nil && (e.failure == nil || now.After(e.retryAt))
	})
	if ok {
		delete(s.entries, oldest)
	}
}

// run finds a token for all callers that wait for f.
func (s *Source) run(ctx context.Context, key Key, e *entry, f *inflightExchange) {
	defer s.inflight.finish()
	ctx, cancel := context.WithTimeout(ctx, s.maxExchangeTime())
	defer cancel()
	found, err := s.resolve(ctx, key, f.fresh)

	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Clock()
	e.inflight = nil
	switch {
	case err == nil:
		e.token, e.renewAt, e.checked = found.token, found.renewAt, now
		e.failure = nil
		if !found.requested || found.failure == nil {
			e.cooldown = 0
		} else {
			e.startCooldown(found.failure, now)
		}
	case found.requested:
		e.token = Token{}
		e.startCooldown(err, now)
	case s.entries[key.application()] == e:
		delete(s.entries, key.application()) // a failed read of the store needs no cooldown
	}
	f.token, f.err = found.token, err
	close(f.done)
}

package proxy

import (
	"context"
	"net/http"
	"sync"
	"time"

	"paycorcred/paycor/proxy/h1"
)

const (
	watchInterval = 20 * time.Millisecond // until the proxy notices that a caller has disconnected
	longCall      = 10 * time.Second      // after which a call outlives the server's read timeout
)

// slot holds one call in flight. There is a fixed number of slots, and a single
// goroutine watches all of them for callers that disconnect. A watcher for each
// call would cost more than the call's token, rate limit and metrics together.
type slot struct {
	mu              sync.Mutex
	ctx             context.Context // of the caller's request; nil if the slot is free
	writer          http.ResponseWriter
	start           time.Time
	conn            *h1.Conn // upstream, during an exchange
	aborted         bool     // the watcher has aborted conn
	deadlineCleared bool     // the server's read timeout no longer applies
}

// occupy puts a call into the slot.
func (s *slot) occupy(ctx context.Context, w http.ResponseWriter, start time.Time, deadlineCleared bool) {
	s.mu.Lock()
	s.ctx, s.writer, s.start, s.conn, s.aborted, s.deadlineCleared = ctx, w, start, nil, false, deadlineCleared
	s.mu.Unlock()
}

// vacate empties the slot. It returns the connection that is still watched, if any.
func (s *slot) vacate() *h1.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	conn := s.conn
	s.ctx, s.writer, s.conn = nil, nil, nil
	return conn
}

// watchConn has the connection aborted if the caller disconnects. That ends
// everything that waits for it, here and at Paycor.
func (s *slot) watchConn(conn *h1.Conn) {
	s.mu.Lock()
	s.conn, s.aborted = conn, false
	s.mu.Unlock()
}

// unwatchConn reports whether the connection was not aborted.
func (s *slot) unwatchConn() (intact bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = nil
	return !s.aborted
}

// check aborts the connection of a caller that has disconnected, and extends
// the server's read timeout for a long call.
func (s *slot) check(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ctx == nil:
		return
	case s.conn != nil && s.ctx.Err() != nil:
		s.conn.Abort()
		s.conn, s.aborted = nil, true
	case !s.deadlineCleared && now.Sub(s.start) >= longCall:
		_ = http.NewResponseController(s.writer).SetReadDeadline(time.Time{})
		s.deadlineCleared = true
	}
}

// watch checks all slots until the proxy is closed.
func (p *Proxy) watch(slots []*slot) {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-p.closed:
			return
		case now := <-ticker.C:
			if len(p.slots) == cap(p.slots) {
				continue // all are free
			}
			for _, slot := range slots {
				slot.check(now)
			}
		}
	}
}

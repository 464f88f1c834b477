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

// watch watches over one call, whether it waits or is under way. A single goroutine
// checks all of them for callers that disconnect. A goroutine for each call would cost
// more than the call's token, rate limit and metrics together.
type watch struct {
	mu              sync.Mutex
	ctx             context.Context // of the caller's request; nil if there is no call
	writer          http.ResponseWriter
	start           time.Time
	conn            *h1.Conn // upstream, during an exchange
	aborted         bool     // the watcher has aborted conn
	deadlineCleared bool     // the server's read timeout no longer applies
}

// begin watches over a call.
func (s *watch) begin(ctx context.Context, w http.ResponseWriter, start time.Time, deadlineCleared bool) {
	s.mu.Lock()
	s.ctx, s.writer, s.start, s.conn, s.aborted, s.deadlineCleared = ctx, w, start, nil, false, deadlineCleared
	s.mu.Unlock()
}

// end stops watching. It returns the connection that is still watched, if any.
func (s *watch) end() *h1.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	conn := s.conn
	s.ctx, s.writer, s.conn = nil, nil, nil
	return conn
}

// watchConn has the connection aborted if the caller disconnects. That ends
// everything that waits for it, here and at Paycor.
func (s *watch) watchConn(conn *h1.Conn) {
	s.mu.Lock()
	s.conn, s.aborted = conn, false
	s.mu.Unlock()
}

// unwatchConn reports whether the connection was not aborted.
func (s *watch) unwatchConn() (intact bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = nil
	return !s.aborted
}

// check aborts the connection of a caller that has disconnected, and extends
// the server's read timeout for a long call.
func (s *watch) check(now time.Time) {
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

// watches has the watches of all calls, and reuses them.
type watches struct {
	mu   sync.Mutex
	all  []*watch // as many as there were calls at once
	idle []*watch
}

// begin returns a watch over a call.
func (w *watches) begin(ctx context.Context, writer http.ResponseWriter, start time.Time, deadlineCleared bool) *watch {
	w.mu.Lock()
	if len(w.idle) == 0 {
		w.idle = append(w.idle, &watch{})
		w.all = append(w.all, w.idle[0])
	}
	last := len(w.idle) - 1
	one := w.idle[last]
	w.idle = w.idle[:last]
	w.mu.Unlock()
	one.begin(ctx, writer, start, deadlineCleared)
	return one
}

// end gives back a watch.
func (w *watches) end(one *watch) {
	if conn := one.end(); conn != nil { // only after a panic
		conn.Discard()
	}
	w.mu.Lock()
	w.idle = append(w.idle, one)
	w.mu.Unlock()
}

// active returns all watches, or none if there is no call.
func (w *watches) active() []*watch {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.idle) == len(w.all) {
		return nil
	}
	return w.all // only appended to
}

// run checks all watches until closed is closed.
func (w *watches) run(closed <-chan struct{}) {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-closed:
			return
		case now := <-ticker.C:
			for _, one := range w.active() {
				one.check(now)
			}
		}
	}
}

package proxy

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// How the calls under way are looked at.
const (
	lookPause = 20 * time.Millisecond // between looks, and so until a caller that left is noticed
	longCall  = 10 * time.Second      // after which a call outlives the server's bound on reading a request
)

// place is room for one call under way. There is a fixed number of them, and
// one goroutine looks after all: it takes the connection to Paycor away from a
// call whose caller has left. A watch of each call's own would cost each call
// more than its token, its limit and its counting together.
type place struct {
	mu     sync.Mutex
	ctx    context.Context // of the caller; nil while nobody is here
	writer http.ResponseWriter
	begin  time.Time
	line   *line
	cut    bool // the line was taken away
	freed  bool // from the server's bound on reading a request
}

// enter begins a call.
func (p *place) enter(ctx context.Context, w http.ResponseWriter, begin time.Time, freed bool) {
	p.mu.Lock()
	p.ctx, p.writer, p.begin, p.line, p.cut, p.freed = ctx, w, begin, nil, false, freed
	p.mu.Unlock()
}

// leave ends it, and returns the line that nobody let go of.
func (p *place) leave() (left *line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	left = p.line
	p.ctx, p.writer, p.line = nil, nil, nil
	return left
}

// use has a line watched.
func (p *place) use(l *line) {
	p.mu.Lock()
	p.line, p.cut = l, false
	p.mu.Unlock()
}

// done ends the watch over the line, and reports whether it is whole.
func (p *place) done() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line = nil
	return !p.cut
}

// look does what is due.
func (p *place) look(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.ctx == nil:
		return
	case p.line != nil && p.ctx.Err() != nil:
		_ = p.line.raw.Close() // TLS would say good-bye first, and may wait for that
		p.line, p.cut = nil, true
	case !p.freed && now.Sub(p.begin) >= longCall:
		_ = http.NewResponseController(p.writer).SetReadDeadline(time.Time{})
		p.freed = true
	}
}

// lookAfter looks after all places until the proxy is closed.
func (p *Proxy) lookAfter(all []*place) {
	ticker := time.NewTicker(lookPause)
	defer ticker.Stop()
	for {
		select {
		case <-p.closed:
			return
		case now := <-ticker.C:
			if len(p.places) == cap(p.places) {
				continue // nobody is here
			}
			for _, place := range all {
				place.look(now)
			}
		}
	}
}

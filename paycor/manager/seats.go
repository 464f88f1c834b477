package manager

import (
	"strings"
	"sync"

	"paycorcred/paycor"
)

// seats bounds the verifications under way: all of them, because each holds
// memory and a connection, and those of one caller, so that nobody who asks a
// Paycor that hangs keeps everybody else from asking.
type seats struct {
	all, each int
	mu        sync.Mutex
	taken     int
	by        map[string]int
}

func newSeats(all int) *seats {
	return &seats{all: all, each: max(1, all/4), by: map[string]int{}}
}

// take gives a place to the caller until leave is called, which is nil where
// there is none. The server itself, which asks on nobody's request in
// particular, may have half of them.
func (p *seats) take(caller paycor.Caller) (leave func()) {
	who := strings.Join([]string{string(caller.Kind), caller.Workspace, caller.ID}, " ")
	most := p.each
	if caller.Kind == paycor.CallerServer {
		most = max(1, p.all/2)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken >= p.all || p.by[who] >= most {
		return nil
	}
	p.taken++
	p.by[who]++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.taken--
		if p.by[who]--; p.by[who] == 0 {
			delete(p.by, who)
		}
	}
}

// busy reports whether more than half of the places are taken.
func (p *seats) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken > p.all/2
}

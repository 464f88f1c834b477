package manager

import (
	"slices"
	"sync"

	"paycorcred/paycor"
)

// seats bounds the verifications under way: all of them, because each holds
// memory and a connection, and those of one party, so that nobody who asks a
// Paycor that hangs keeps everybody else from asking.
type seats struct {
	all   int
	mu    sync.Mutex
	taken int
	by    map[paycor.Party]int
}

func newSeats(all int) *seats { return &seats{all: all, by: map[paycor.Party]int{}} }

// share returns how many places a party may have: a quarter of them, or half
// where it stands for many. That is the server itself too, which asks on
// nobody's request in particular.
func (p *seats) share(party paycor.Party) int {
	if party.Host || party.Kind == paycor.CallerServer {
		return max(1, p.all/2)
	}
	return max(1, p.all/4)
}

// take gives a place to the caller until leave is called, which is nil where
// there is none.
func (p *seats) take(caller paycor.Caller) (leave func()) {
	parties := caller.Parties()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken >= p.all || slices.ContainsFunc(parties, func(party paycor.Party) bool { return p.by[party] >= p.share(party) }) {
		return nil
	}
	p.count(parties, 1)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.count(parties, -1)
	}
}

// count counts places taken or left. p.mu is held.
func (p *seats) count(parties []paycor.Party, by int) {
	p.taken += by
	for _, party := range parties {
		if p.by[party] += by; p.by[party] == 0 {
			delete(p.by, party)
		}
	}
}

// busy reports whether more than half of the places are taken.
func (p *seats) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken > p.all/2
}

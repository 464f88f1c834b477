package quota

import (
	"context"
	"sync"
	"time"

	"paycorcred/paycor"
)

// maxPaced is how many requests of one caller wait for their pace.
const maxPaced = 64

// Pace makes the requests of a caller who sends too many wait, where Rate refuses them.
// A caller who tries again at once costs more than one who waits. It is safe for
// concurrent use.
type Pace struct {
	rate *Rate

	mu      sync.Mutex
	waiting map[Principal]int
}

// NewPace returns a Pace of so many requests a minute for each caller, and so many at once
// after being quiet; of twice as many for an embedding site, and four times for a
// workspace.
func NewPace(perMinute, atOnce int, clock func() time.Time) *Pace {
	rate := Changes(perMinute, clock)
	rate.quiet = time.Minute * time.Duration(atOnce) / time.Duration(perMinute)
	return &Pace{rate: rate, waiting: map[Principal]int{}}
}

// Wait returns when the caller may go on. The error is ErrCrowded if too many requests of
// the caller wait already, or that of the context.
func (p *Pace) Wait(ctx context.Context, caller paycor.Caller) error {
	principals := PrincipalsOf(caller)
	wait := p.rate.Take(principals...)
	if wait == 0 {
		return nil
	}
	own := principals[0]
	if !p.enter(own) {
		return ErrCrowded
	}
	defer p.leave(own)
	for ; wait > 0; wait = p.rate.Take(principals...) {
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
	return nil
}

func (p *Pace) enter(own Principal) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting[own] >= maxPaced {
		return false
	}
	p.waiting[own]++
	return true
}

func (p *Pace) leave(own Principal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting[own]--; p.waiting[own] == 0 {
		delete(p.waiting, own)
	}
}

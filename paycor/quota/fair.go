package quota

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"paycorcred/paycor"
)

// ErrCrowded means that too many of a caller's or workspace's requests wait already.
var ErrCrowded = errors.New("too many requests are waiting")

// Fair lets a few of many requests run at once and shares the time among workspaces,
// and within each among its callers: of those that wait, the one goes next whose
// workspace, then whose caller, has used the least time. A caller with a thousand
// requests waits for them, and a caller with one goes next. It is safe for concurrent
// use.
type Fair struct {
	config FairConfig

	mu         sync.Mutex
	running    int
	workspaces map[string]*fairShare
	served     time.Duration // what the workspace that was served last had used
	waiting    []*fairTurn   // in the order they came
}

// FairConfig configures a Fair.
type FairConfig struct {
	Slots        int // requests that run at once
	MaxWaiting   int // requests of one workspace that wait
	MaxPerCaller int // requests of one caller that wait
	Clock        func() time.Time
}

// fairShare is what a workspace or one of its callers has used.
type fairShare struct {
	used    time.Duration
	running int
	waiting int
	callers map[string]*fairShare // of a workspace
	served  time.Duration         // what the caller that was served last had used
}

// fairTurn is one request.
type fairTurn struct {
	workspace, caller     string
	ofWorkspace, ofCaller *fairShare
	ready                 chan struct{} // closed when it may run
	granted               bool
}

// NewFair returns a Fair.
func NewFair(config FairConfig) *Fair {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	return &Fair{config: config, workspaces: map[string]*fairShare{}}
}

// Acquire waits until the caller's request may run. Call release when it has. The
// error is ErrCrowded or that of the context.
func (f *Fair) Acquire(ctx context.Context, caller paycor.Caller) (release func(), err error) {
	turn, err := f.join(caller)
	if err != nil {
		return nil, err
	}
	select {
	case <-turn.ready:
	case <-ctx.Done():
		if f.cancel(turn) {
			return nil, ctx.Err()
		}
	}
	start := f.config.Clock()
	return func() { f.release(turn, f.config.Clock().Sub(start)) }, nil
}

// join queues a request and lets it run if there is room.
func (f *Fair) join(caller paycor.Caller) (*fairTurn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	turn := &fairTurn{workspace: caller.Workspace, caller: caller.Owner(), ready: make(chan struct{})}
	turn.ofWorkspace = shareOf(f.workspaces, turn.workspace, f.served)
	if turn.ofWorkspace.callers == nil {
		turn.ofWorkspace.callers = map[string]*fairShare{}
	}
	turn.ofCaller = shareOf(turn.ofWorkspace.callers, turn.caller, turn.ofWorkspace.served)
	if turn.ofWorkspace.waiting >= f.config.MaxWaiting || turn.ofCaller.waiting >= f.config.MaxPerCaller {
		f.forget(turn)
		return nil, ErrCrowded
	}
	turn.ofWorkspace.waiting++
	turn.ofCaller.waiting++
	f.waiting = append(f.waiting, turn)
	f.grant()
	return turn, nil
}

// shareOf returns the share of a name. A new one starts with what the others have used,
// so that nobody saves time up.
func shareOf(shares map[string]*fairShare, name string, served time.Duration) *fairShare {
	share := shares[name]
	if share == nil {
		share = &fairShare{used: served}
		shares[name] = share
	}
	return share
}

// forget removes shares without requests. f.mu is held.
func (f *Fair) forget(turn *fairTurn) {
	if turn.ofCaller.running+turn.ofCaller.waiting == 0 {
		delete(turn.ofWorkspace.callers, turn.caller)
	}
	if turn.ofWorkspace.running+turn.ofWorkspace.waiting == 0 {
		delete(f.workspaces, turn.workspace)
	}
}

// grant lets requests run while there is room. f.mu is held.
func (f *Fair) grant() {
	for f.running < f.config.Slots && len(f.waiting) > 0 {
		next := 0
		for i, turn := range f.waiting {
			if turn.before(f.waiting[next]) {
				next = i
			}
		}
		turn := f.waiting[next]
		f.waiting = slices.Delete(f.waiting, next, next+1)
		f.running++
		turn.ofWorkspace.start()
		turn.ofCaller.start()
		f.served = max(f.served, turn.ofWorkspace.used)
		turn.ofWorkspace.served = max(turn.ofWorkspace.served, turn.ofCaller.used)
		turn.granted = true
		close(turn.ready)
	}
}

func (s *fairShare) start() { s.waiting--; s.running++ }

// before reports whether a request goes before another one that came earlier.
func (t *fairTurn) before(other *fairTurn) bool {
	if t.ofWorkspace != other.ofWorkspace {
		return t.ofWorkspace.before(other.ofWorkspace)
	}
	return t.ofCaller.before(other.ofCaller)
}

func (s *fairShare) before(other *fairShare) bool {
	if s.running != other.running {
		return s.running < other.running
	}
	return s.used < other.used
}

// cancel removes a request that waits and reports whether it did.
func (f *Fair) cancel(turn *fairTurn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if turn.granted {
		return false
	}
	f.waiting = slices.DeleteFunc(f.waiting, func(t *fairTurn) bool { return t == turn })
	turn.ofWorkspace.waiting--
	turn.ofCaller.waiting--
	f.forget(turn)
	return true
}

func (f *Fair) release(turn *fairTurn, took time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running--
	for _, share := range []*fairShare{turn.ofWorkspace, turn.ofCaller} {
		share.running--
		share.used += took
	}
	f.forget(turn)
	f.grant()
}

// Waiting returns how many requests wait.
func (f *Fair) Waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.waiting)
}

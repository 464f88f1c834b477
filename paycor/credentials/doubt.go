package credentials

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
)

// How often what use tells of one credential is looked into.
const (
	shortestDoubt = 5 * time.Minute  // between two verifications, twice as long each time that nothing comes of it,
	longestDoubt  = time.Hour        // up to this
	glance        = 15 * time.Second // after a look that found nothing to ask Paycor about
)

// byUse is the detail of a verification's beginning that use has caused.
const byUse = "use"

// doubts are the credentials of which use tells something else than their
// stored state: a refused exchange for a call, or a call that succeeded. The
// verdict stays with the ladder; a doubt only makes the server ask Paycor soon.
//
// They are in memory alone: a use costs no write by them, and the next use
// tells the next process again.
type doubts struct {
	watching atomic.Int64 // len(watched): the usual call looks at nothing else
	wake     chan struct{}

	mu      sync.Mutex
	watched map[tokens.Key]watched // those whose state a call that succeeds would disprove
	waiting map[tokens.Key]doubt
	rests   map[tokens.Key]rest
}

// watched is a credential whose verdict says that calls should not succeed.
type watched struct {
	judged time.Time // when
	proof  bool      // a call is enough; else it takes a token that was given since
}

// doubt is what use told.
type doubt struct {
	from    time.Time
	refused bool // an exchange was; else a call succeeded
}

// rest is until when a credential is left in peace.
type rest struct {
	until time.Time
	pause time.Duration // the one before; 0 where there was none
}

func newDoubts() *doubts {
	return &doubts{
		wake:    make(chan struct{}, 1),
		watched: map[tokens.Key]watched{}, waiting: map[tokens.Key]doubt{}, rests: map[tokens.Key]rest{},
	}
}

// disprovable reports whether calls that succeed would disprove a credential's
// verdict, and whether a call is enough: one can succeed with the key refused
// never, but with a token from before the secret was refused.
func disprovable(c paycor.Credential) (disprovable, byCall bool) {
	switch {
	case c.Verdict == nil:
		return false, false
	case !c.Verdict.Outcome.Settles():
		return true, true
	case c.Verdict.Outcome != paycor.OutcomeRejected || c.Verdict.Takes():
		return false, false // calls work without an activation for a while, and without a legal entity
	}
	switch c.Verdict.Code {
	case paycor.CodeKeyRejected, paycor.CodeKeyInactive, paycor.CodeKeyMissing, paycor.CodeTokenNotAccepted:
		return true, true
	}
	return true, false
}

// note is told each time that a credential was read for a call.
func (d *doubts) note(key tokens.Key, c paycor.Credential) {
	watch, byCall := disprovable(c)
	if !watch && d.watching.Load() == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	before, known := d.watched[key]
	switch {
	case !watch:
		delete(d.watched, key)
	case !known || !before.judged.Equal(c.Verdict.CheckedAt):
		d.watched[key] = watched{judged: c.Verdict.CheckedAt, proof: byCall}
	}
	d.watching.Store(int64(len(d.watched)))
}

// exchanged is told of a token that Paycor gave.
func (d *doubts) exchanged(key tokens.Key, c paycor.Credential) {
	d.note(key, c)
	if d.watching.Load() == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if w, known := d.watched[key]; known {
		w.proof = true
		d.watched[key] = w
	}
}

// unwatch forgets what was read of a credential that has changed since.
func (d *doubts) unwatch(key tokens.Key) {
	if d.watching.Load() == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.watched, key)
	d.watching.Store(int64(len(d.watched)))
}

// used is told of each call while any credential is watched.
func (d *doubts) used(use paycor.Use, now time.Time) {
	if use.Code != "" || use.Class() != paycor.UseDone {
		return
	}
	key := tokens.Key{Workspace: use.Caller.Workspace, Credential: use.Credential}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.watched[key].proof {
		d.add(key, doubt{from: now})
	}
}

// refused is told of a call that got no token because of what Paycor said.
func (d *doubts) refused(key tokens.Key, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.add(key, doubt{from: now, refused: true})
}

func (d *doubts) any() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.waiting) > 0
}

// add keeps a doubt, under the lock: the latest of a credential.
func (d *doubts) add(key tokens.Key, told doubt) {
	_, known := d.waiting[key]
	d.waiting[key] = told
	if known {
		return
	}
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// next takes out the doubt that has waited longest and is not at rest, or says
// how long until there may be one; 0 where there is none.
func (d *doubts) next(now time.Time) (key tokens.Key, told doubt, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for one, rest := range d.rests {
		if now.Sub(rest.until) > longestDoubt {
			delete(d.rests, one)
		}
	}
	for one, waiting := range d.waiting {
		if left := d.rests[one].until.Sub(now); left > 0 {
			if wait == 0 || left < wait {
				wait = left
			}
			continue
		}
		if key.Credential == "" || waiting.from.Before(told.from) {
			key, told = one, waiting
		}
	}
	delete(d.waiting, key)
	return key, told, wait
}

// putOff keeps a doubt until somebody can be asked.
func (d *doubts) putOff(key tokens.Key, told doubt, until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, newer := d.waiting[key]; !newer {
		d.waiting[key] = told
	}
	d.rests[key] = rest{until: until, pause: d.rests[key].pause}
}

// settle begins the rest after a verification.
func (d *doubts) settle(key tokens.Key, changed bool, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	pause := shortestDoubt
	if before := d.rests[key].pause; before > 0 && !changed {
		pause = min(2*before, longestDoubt)
	}
	d.rests[key] = rest{until: now.Add(pause), pause: pause}
}

// dismiss begins the rest after a look that found nothing to ask about.
func (d *doubts) dismiss(key tokens.Key, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rests[key] = rest{until: now.Add(glance), pause: d.rests[key].pause}
}

// says reports whether what was told is another thing than what is stored.
func (d doubt) says(c paycor.Credential) bool {
	switch {
	case c.Verdict != nil && c.Verdict.CheckedAt.After(d.from):
		return false // somebody has asked since
	case d.refused:
		return c.State != paycor.StateRejected && c.State != paycor.StateNeedsActivation
	}
	disprovable, _ := disprovable(c)
	return disprovable
}

// lookInto verifies a credential of which use told something else than is
// stored, unless that is so no more, or Paycor is to be left in peace.
func (m *Manager) lookInto(ctx context.Context, key tokens.Key, told doubt, now time.Time) error {
	s := &service{Manager: m, caller: server(key.Workspace)}
	saved, err := s.open(ctx, key.Credential)
	if err == nil && told.says(saved.Credential) {
		if until := m.patience(saved.Credential, told, now); until.After(now) {
			m.doubts.putOff(key, told, until)
			return nil
		}
	} else {
		m.doubts.dismiss(key, now)
		if paycor.KindOf(err) == paycor.KindNotFound { // deleted meanwhile
			return nil
		}
		return err
	}
	due := store.Checkup{Owned: store.Owned{Workspace: key.Workspace, Credential: key.Credential}, DueAt: m.after(now)}
	if err := m.reschedule(ctx, due); err != nil {
		return err
	}
	judged, again, err := m.round(ctx, s, saved, byUse, now)
	if !again.IsZero() {
		due.DueAt = again
		err = errors.Join(err, m.reschedule(ctx, due))
	}
	if judged == nil && err == nil { // others needed the places
		m.doubts.putOff(key, told, again)
		return nil
	}
	m.doubts.settle(key, judged != nil && judged.State != saved.State, now)
	return err
}

// reschedule notes when a credential's next turn is, where there is a schedule.
func (m *Manager) reschedule(ctx context.Context, due store.Checkup) error {
	if m.config.VerifyEvery == 0 {
		return nil
	}
	return m.postpone(ctx, due, due.DueAt)
}

// patience returns until when a credential is not to be asked about for what
// use told. A call that succeeded cuts the peace of its environment short, but
// not below the shortest: so a half outage costs one timeout in that time.
func (m *Manager) patience(c paycor.Credential, told doubt, now time.Time) time.Time {
	until := m.rounds.peace(c.Environment, !told.refused)
	if c.Verdict != nil && !c.Verdict.Outcome.Settles() {
		asked := c.Verdict.CheckedAt.Add(min(time.Duration(c.Verdict.RetryAfter)*time.Second, longestOutage))
		if asked.After(until) {
			until = asked
		}
	}
	return until
}

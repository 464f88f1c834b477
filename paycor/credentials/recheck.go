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
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// How often what use tells of one credential is looked into.
const (
	minRecheckBackoff = 5 * time.Minute  // between two verifications, twice as long each time that nothing comes of it,
	maxRecheckBackoff = time.Hour        // up to this
	noRecheckCooldown = 15 * time.Second // after a look that found nothing to ask Paycor about
)

// causeUse is the detail of a verification's beginning that use has caused.
const causeUse = "use"

// recheckQueue are the credentials of which use tells something else than their
// stored state: a refused exchange for a call, or a call that succeeded. The
// verdict stays with the ladder; a doubt only makes the server ask Paycor soon.
//
// They are in memory alone: a use costs no write by them, and the next use
// tells the next process again.
type recheckQueue struct {
	watching atomic.Int64 // len(watched): the usual call looks at nothing else
	wake     chan struct{}

	mu        sync.Mutex
	watched   map[tokens.Key]watchedCredential // those whose state a call that succeeds would disprove
	waiting   map[tokens.Key]recheckReason
	cooldowns map[tokens.Key]cooldown
}

// watchedCredential is a credential whose verdict says that calls should not succeed.
type watchedCredential struct {
	verifiedAt   time.Time // when
	callSuffices bool      // a call is enough; else it takes a token that was given since
}

// recheckReason is what use told.
type recheckReason struct {
	at               time.Time
	exchangeRejected bool // an exchange was; else a call succeeded
}

// cooldown is until when a credential is left in peace.
type cooldown struct {
	until   time.Time
	backoff time.Duration // the one before; 0 where there was none
}

func newRecheckQueue() *recheckQueue {
	return &recheckQueue{
		wake:    make(chan struct{}, 1),
		watched: map[tokens.Key]watchedCredential{}, waiting: map[tokens.Key]recheckReason{}, cooldowns: map[tokens.Key]cooldown{},
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
	case c.Verdict.Outcome != verdicts.OutcomeRejected || c.Verdict.Takes():
		return false, false // calls work without an activation for a while, and without a legal entity
	}
	switch c.Verdict.Code {
	case verdicts.CodeKeyRejected, verdicts.CodeKeyInactive, verdicts.CodeKeyMissing, verdicts.CodeTokenNotAccepted:
		return true, true
	}
	return true, false
}

// credentialRead is told each time that a credential was read for a call.
func (d *recheckQueue) credentialRead(key tokens.Key, c paycor.Credential) {
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
	case !known || !before.verifiedAt.Equal(c.Verdict.CheckedAt):
		d.watched[key] = watchedCredential{verifiedAt: c.Verdict.CheckedAt, callSuffices: byCall}
	}
	d.watching.Store(int64(len(d.watched)))
}

// exchanged is told of a token that Paycor gave.
func (d *recheckQueue) exchanged(key tokens.Key, c paycor.Credential) {
	d.credentialRead(key, c)
	if d.watching.Load() == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if w, known := d.watched[key]; known {
		w.callSuffices = true
		d.watched[key] = w
	}
}

// forget forgets what was read of a credential that has changed since.
func (d *recheckQueue) forget(key tokens.Key) {
	if d.watching.Load() == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.watched, key)
	d.watching.Store(int64(len(d.watched)))
}

// callSucceeded is told of each call while any credential is watched.
func (d *recheckQueue) callSucceeded(use usage.Call, now time.Time) {
	if use.Code != "" || use.Class() != usage.ClassDone {
		return
	}
	key := tokens.Key{Workspace: use.Caller.Workspace, Credential: use.Credential}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.watched[key].callSuffices {
		d.add(key, recheckReason{at: now})
	}
}

// exchangeFailed is told of a call that got no token because of what Paycor said.
func (d *recheckQueue) exchangeFailed(key tokens.Key, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.add(key, recheckReason{at: now, exchangeRejected: true})
}

func (d *recheckQueue) pending() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.waiting) > 0
}

// add keeps a doubt, under the lock: the latest of a credential.
func (d *recheckQueue) add(key tokens.Key, told recheckReason) {
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
func (d *recheckQueue) next(now time.Time) (key tokens.Key, told recheckReason, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for one, rest := range d.cooldowns {
		if now.Sub(rest.until) > maxRecheckBackoff {
			delete(d.cooldowns, one)
		}
	}
	for one, waiting := range d.waiting {
		if left := d.cooldowns[one].until.Sub(now); left > 0 {
			if wait == 0 || left < wait {
				wait = left
			}
			continue
		}
		if key.Credential == "" || waiting.at.Before(told.at) {
			key, told = one, waiting
		}
	}
	delete(d.waiting, key)
	return key, told, wait
}

// postpone keeps a doubt until somebody can be asked.
func (d *recheckQueue) postpone(key tokens.Key, told recheckReason, until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, newer := d.waiting[key]; !newer {
		d.waiting[key] = told
	}
	d.cooldowns[key] = cooldown{until: until, backoff: d.cooldowns[key].backoff}
}

// verified begins the rest after a verification.
func (d *recheckQueue) verified(key tokens.Key, changed bool, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	pause := minRecheckBackoff
	if before := d.cooldowns[key].backoff; before > 0 && !changed {
		pause = min(2*before, maxRecheckBackoff)
	}
	d.cooldowns[key] = cooldown{until: now.Add(pause), backoff: pause}
}

// skip begins the rest after a look that found nothing to ask about.
func (d *recheckQueue) skip(key tokens.Key, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cooldowns[key] = cooldown{until: now.Add(noRecheckCooldown), backoff: d.cooldowns[key].backoff}
}

// contradicts reports whether what was told is another thing than what is stored.
func (d recheckReason) contradicts(c paycor.Credential) bool {
	switch {
	case c.Verdict != nil && c.Verdict.CheckedAt.After(d.at):
		return false // somebody has asked since
	case d.exchangeRejected:
		return c.State != paycor.StateRejected && c.State != paycor.StateNeedsActivation
	}
	disprovable, _ := disprovable(c)
	return disprovable
}

// recheck verifies a credential of which use told something else than is
// stored, unless that is so no more, or Paycor is to be left in peace.
func (m *Manager) recheck(ctx context.Context, key tokens.Key, told recheckReason, now time.Time) error {
	s := &service{Manager: m, caller: serverCaller(key.Workspace)}
	saved, err := s.open(ctx, key.Credential)
	if err == nil && told.contradicts(saved.Credential) {
		if until := m.recheckNotBefore(saved.Credential, told, now); until.After(now) {
			m.rechecks.postpone(key, told, until)
			return nil
		}
	} else {
		m.rechecks.skip(key, now)
		if paycor.KindOf(err) == paycor.KindNotFound { // deleted meanwhile
			return nil
		}
		return err
	}
	due := store.Checkup{Owned: store.Owned{Workspace: key.Workspace, Credential: key.Credential}, DueAt: m.nextDue(now)}
	if err := m.rescheduleIfScheduled(ctx, due); err != nil {
		return err
	}
	judged, again, err := m.verifyAndStore(ctx, s, saved, causeUse, now)
	if !again.IsZero() {
		due.DueAt = again
		err = errors.Join(err, m.rescheduleIfScheduled(ctx, due))
	}
	if judged == nil && err == nil { // others needed the places
		m.rechecks.postpone(key, told, again)
		return nil
	}
	m.rechecks.verified(key, judged != nil && judged.State != saved.State, now)
	return err
}

// rescheduleIfScheduled notes when a credential's next turn is, where there is a schedule.
func (m *Manager) rescheduleIfScheduled(ctx context.Context, due store.Checkup) error {
	if m.config.VerifyEvery == 0 {
		return nil
	}
	return m.reschedule(ctx, due, due.DueAt)
}

// recheckNotBefore returns until when a credential is not to be asked about for what
// use told. A call that succeeded cuts the peace of its environment short, but
// not below the shortest: so a half outage costs one timeout in that time.
func (m *Manager) recheckNotBefore(c paycor.Credential, told recheckReason, now time.Time) time.Time {
	until := m.schedule.backoffUntil(c.Environment, !told.exchangeRejected)
	if c.Verdict != nil && !c.Verdict.Outcome.Settles() {
		asked := c.Verdict.CheckedAt.Add(min(time.Duration(c.Verdict.RetryAfter)*time.Second, maxOutageBackoff))
		if asked.After(until) {
			until = asked
		}
	}
	return until
}

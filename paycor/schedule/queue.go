package schedule

import (
	"sync"
	"sync/atomic"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// Pauses between rechecks of one credential.
const (
	minRecheckBackoff = 5 * time.Minute // after a recheck; doubles if it changed nothing
	maxRecheckBackoff = time.Hour
	dismissedCooldown = 15 * time.Second // after a recheck that turned out to be unnecessary
)

// Queue holds the credentials whose stored state a call contradicted: a token
// exchange that Paycor rejected, or a call that succeeded although the verdict
// says otherwise. It is in memory only, so a call costs no write; after a
// restart the next call adds the credential again. It is safe for concurrent
// use.
type Queue struct {
	watching atomic.Int64  // len(watched); lets the usual call skip the lock
	added    chan struct{} // receives when a credential was added

	mu        sync.Mutex
	watched   map[paycor.CredentialKey]watched // credentials whose state a successful call would refute
	waiting   map[paycor.CredentialKey]reason
	cooldowns map[paycor.CredentialKey]cooldown
}

// watched is a credential whose verdict says that calls fail.
type watched struct {
	verifiedAt time.Time
	refutable  bool // the next successful call refutes the verdict; else a new token has to come first
}

// cooldown is until when a credential is not rechecked.
type cooldown struct {
	until   time.Time
	backoff time.Duration // the previous one; 0 if there was none
}

// NewQueue returns an empty queue.
func NewQueue() *Queue {
	return &Queue{
		added:   make(chan struct{}, 1),
		watched: map[paycor.CredentialKey]watched{}, waiting: map[paycor.CredentialKey]reason{}, cooldowns: map[paycor.CredentialKey]cooldown{},
	}
}

// CredentialRead records the latest stored verdict of a credential that is about to be
// used for calls. It may be nil.
func (q *Queue) CredentialRead(key paycor.CredentialKey, verdict *verdicts.Verdict) {
	watch, byAnyCall := refutable(verdict)
	if !watch && q.watching.Load() == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	before, known := q.watched[key]
	switch {
	case !watch:
		delete(q.watched, key)
	case !known || !before.verifiedAt.Equal(verdict.CheckedAt):
		q.watched[key] = watched{verifiedAt: verdict.CheckedAt, refutable: byAnyCall}
	}
	q.watching.Store(int64(len(q.watched)))
}

// TokenIssued records that Paycor issued a token.
func (q *Queue) TokenIssued(key paycor.CredentialKey, verdict *verdicts.Verdict) {
	q.CredentialRead(key, verdict)
	if q.watching.Load() == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if w, known := q.watched[key]; known {
		w.refutable = true
		q.watched[key] = w
	}
}

// ExchangeRejected records that a call got no token because Paycor rejected the
// exchange.
func (q *Queue) ExchangeRejected(key paycor.CredentialKey, at time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.add(key, reason{at: at, rejected: true})
}

// CallEnded records how a call ended. It is cheap while no credential is
// watched.
func (q *Queue) CallEnded(use usage.Call, at time.Time) {
	if q.watching.Load() == 0 || use.Code != "" || use.Class() != usage.ClassDone {
		return
	}
	key := paycor.CredentialKey{Workspace: use.Caller.Workspace, Credential: use.Credential}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.watched[key].refutable {
		q.add(key, reason{at: at})
	}
}

// Forget drops what was read about a credential, because it changed.
func (q *Queue) Forget(key paycor.CredentialKey) {
	if q.watching.Load() == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.watched, key)
	q.watching.Store(int64(len(q.watched)))
}

// add queues a credential with its latest reason. The caller holds the lock.
func (q *Queue) add(key paycor.CredentialKey, reason reason) {
	_, known := q.waiting[key]
	q.waiting[key] = reason
	if known {
		return
	}
	select {
	case q.added <- struct{}{}:
	default:
	}
}

func (q *Queue) pending() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) > 0
}

// next removes the credential that has waited longest and has no cooldown, or
// returns how long until there may be one; 0 if the queue is empty.
func (q *Queue) next(now time.Time) (key paycor.CredentialKey, why reason, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for credential, cooldown := range q.cooldowns {
		if ago := now.Sub(cooldown.until); ago > maxRecheckBackoff || ago < -maxRecheckBackoff { // it is long over, or the clock was ahead
			delete(q.cooldowns, credential)
		}
	}
	for credential, reason := range q.waiting {
		if left := q.cooldowns[credential].until.Sub(now); left > 0 {
			if wait == 0 || left < wait {
				wait = left
			}
			continue
		}
		if key.Credential == "" || reason.at.Before(why.at) {
			key, why = credential, reason
		}
	}
	delete(q.waiting, key)
	return key, why, wait
}

// postpone puts a credential back until a later time.
func (q *Queue) postpone(key paycor.CredentialKey, reason reason, until time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, newer := q.waiting[key]; !newer {
		q.waiting[key] = reason
	}
	q.cooldowns[key] = cooldown{until: until, backoff: q.cooldowns[key].backoff}
}

// verified starts the cooldown after a recheck.
func (q *Queue) verified(key paycor.CredentialKey, changed bool, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	backoff := minRecheckBackoff
	if before := q.cooldowns[key].backoff; before > 0 && !changed {
		backoff = min(2*before, maxRecheckBackoff)
	}
	q.cooldowns[key] = cooldown{until: now.Add(backoff), backoff: backoff}
}

// dismiss starts the cooldown after a recheck that was unnecessary.
func (q *Queue) dismiss(key paycor.CredentialKey, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.cooldowns[key] = cooldown{until: now.Add(dismissedCooldown), backoff: q.cooldowns[key].backoff}
}

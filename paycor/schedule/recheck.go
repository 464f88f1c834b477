package schedule

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// CauseUse is the cause in the audit entry of a recheck.
const CauseUse = "use"

// recheckInterval is the shortest time between two rechecks.
const recheckInterval = time.Second

// recheckNext starts one recheck, if one is due, and returns how long to wait; 0
// if there is none.
func (s *Scheduler) recheckNext(ctx context.Context, now time.Time) (time.Duration, error) {
	queue := s.config.Queue
	if !queue.pending() {
		return 0, nil
	}
	if wait := untilNext(s.lastRecheck, now, recheckInterval); wait > 0 {
		return wait, nil
	}
	if s.full() {
		return yieldInterval, nil
	}
	key, reason, wait := queue.next(now)
	if key.Credential == "" {
		return wait, nil
	}
	return recheckInterval, s.recheck(ctx, key, reason, now)
}

// recheck verifies a credential whose stored state a call contradicted, unless
// the contradiction is gone or it is too early to ask Paycor.
func (s *Scheduler) recheck(ctx context.Context, key paycor.CredentialKey, reason reason, now time.Time) error {
	queue := s.config.Queue
	if s.inflight.has(key) {
		queue.postpone(key, reason, now.Add(recheckInterval)) // its verdict may end the contradiction
		return nil
	}
	var saved paycor.Credential
	err := s.config.Store.View(ctx, func(r Reader) (err error) {
		saved, err = r.Credential(key.Workspace, key.Credential)
		return err
	})
	if err != nil || !reason.contradicts(saved, now) {
		queue.dismiss(key, now)
		if errors.Is(err, store.ErrNotFound) { // deleted meanwhile
			return nil
		}
		return err
	}
	if until := s.notBefore(saved, reason, now); until.After(now) {
		queue.postpone(key, reason, until)
		return nil
	}
	if err := s.reschedule(ctx, key, s.nextDue(now)); err != nil {
		return err
	}
	s.lastRecheck = now
	s.start(ctx, key, saved, CauseUse, func(done result, err error) error {
		if !done.retryAt.IsZero() {
			err = errors.Join(err, s.reschedule(ctx, key, done.retryAt))
		}
		if !done.started && err == nil {
			queue.postpone(key, reason, done.retryAt)
			return nil
		}
		queue.verified(key, done.verified && done.after.State != saved.State, now)
		return err
	})
	return nil
}

// reschedule stores when a credential is due, if there is a schedule.
func (s *Scheduler) reschedule(ctx context.Context, key paycor.CredentialKey, at time.Time) error {
	if s.config.Interval == 0 {
		return nil
	}
	return s.setDue(ctx, key, at)
}

// notBefore returns the earliest time of a recheck. A call that succeeded
// shortens the backoff from its environment, but not below the minimum, so that
// a partial outage costs one timeout in that time.
func (s *Scheduler) notBefore(c paycor.Credential, reason reason, now time.Time) time.Time {
	s.mu.Lock()
	until := s.outages.backoffUntil(c.Environment, !reason.rejected, now)
	s.mu.Unlock()
	if c.Verdict != nil && !c.Verdict.Outcome.Conclusive() && !c.Verdict.CheckedAt.After(now) {
		until = latest(until, c.Verdict.CheckedAt.Add(min(time.Duration(c.Verdict.RetryAfter)*time.Second, maxOutageBackoff)))
	}
	return until
}

// reason is why a credential is rechecked.
type reason struct {
	at       time.Time
	rejected bool // Paycor rejected a token exchange; else a call succeeded
}

// contradicts reports whether the reason contradicts the stored state. A verdict in the
// future was given while the clock was ahead, and says nothing about when.
func (r reason) contradicts(c paycor.Credential, now time.Time) bool {
	switch {
	case c.Verdict != nil && c.Verdict.CheckedAt.After(r.at) && !c.Verdict.CheckedAt.After(now):
		return false // it has been verified since
	case r.rejected:
		return c.State != paycor.StateRejected && c.State != paycor.StateNeedsActivation
	}
	refutable, _ := refutable(c.Verdict)
	return refutable
}

// refutable reports whether a successful call would refute a credential's
// verdict, and whether any call does. With a rejected key no call succeeds; with
// a rejected secret, a call succeeds with a token from before, so only a newer
// token refutes the verdict.
func refutable(verdict *verdicts.Verdict) (refutable, byAnyCall bool) {
	switch {
	case verdict == nil:
		return false, false
	case !verdict.Outcome.Conclusive():
		return true, true
	case verdict.Outcome != verdicts.OutcomeRejected || verdict.AcceptsSecrets():
		return false, false // calls may work without an activation or a legal entity
	}
	switch verdict.Code {
	case verdicts.CodeKeyRejected, verdicts.CodeKeyInactive, verdicts.CodeKeyMissing, verdicts.CodeTokenNotAccepted:
		return true, true
	}
	return true, false
}

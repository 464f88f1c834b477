package schedule

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

const (
	// assignBatch is how many credentials get a due time in one transaction.
	assignBatch = 1000

	// planInterval is how often all credentials are looked through for those
	// without a due time, because that takes long with many.
	planInterval = time.Minute
)

// verifyNextDue starts the verification of the credential with the earliest due
// time, if that has come, and returns how long to wait.
func (s *Scheduler) verifyNextDue(ctx context.Context, now time.Time) (time.Duration, error) {
	if err := s.plan(ctx, now); err != nil {
		return maxInterval, err
	}
	if s.unassigned {
		return minInterval, nil
	}
	if wait := untilNext(s.lastScheduled, now, s.pace()); wait > 0 {
		return wait, nil
	}
	occupied := s.inflight.occupied(now)
	longest := maxInterval
	if len(occupied) > 0 {
		longest = applicationInterval
	}
	next, err := s.firstDue(ctx, now, occupied)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return longest, nil
	case err != nil:
		return maxInterval, err
	}
	if wait := next.DueAt.Sub(now); wait > 0 {
		return min(wait, longest), nil
	}
	if s.full() {
		return yieldInterval, nil
	}
	if err = s.verifyDue(ctx, next, now); errors.Is(err, store.ErrStale) {
		return minInterval, nil // the next one, without the pace of one that was verified
	}
	s.lastScheduled = now
	return s.pace(), err
}

// firstDue returns the scheduled verification of a reachable environment that is due
// first, and not of some applications. It does not look further ahead than a wait lasts:
// with many credentials of an environment in an outage, it would look through all of them.
func (s *Scheduler) firstDue(ctx context.Context, now time.Time, except []store.ScheduledApplication) (next store.ScheduledVerification, err error) {
	filter := store.ScheduleFilter{Environments: s.reachable(now), Until: now.Add(maxInterval)}
	filter.From = s.passed.from(filter.Environments, now)
	err = s.config.Store.View(ctx, func(r Reader) (err error) {
		next, err = r.NextScheduled(filter)
		s.passed.set(filter.Environments, next.DueAt, now)
		if err != nil || len(except) == 0 {
			return err
		}
		filter.From, filter.Except = next.DueAt, except
		next, err = r.NextScheduled(filter)
		return err
	})
	return next, err
}

// passed are times before which no verification is due, for each set of environments that
// was reachable lately. With many credentials of an environment in an outage, finding the
// first one of another takes long.
type passed map[string]time.Time

// from returns where to look for what is due first.
func (p passed) from(environments []string, now time.Time) time.Time {
	until := p[strings.Join(environments, "\n")]
	if until.After(now) {
		return time.Time{} // the clock was set back
	}
	return until
}

// set notes what is due first; zero is nothing. What is due in the last minute may still
// be committed.
func (p passed) set(environments []string, first, now time.Time) {
	until := now.Add(-planInterval)
	if !first.IsZero() && first.Before(until) {
		until = first
	}
	p[strings.Join(environments, "\n")] = until
}

// pace returns the shortest time between two verifications: a backlog of all
// credentials takes half an interval.
func (s *Scheduler) pace() time.Duration {
	return min(s.config.Interval/time.Duration(2*max(s.count, 1)), maxInterval)
}

// verifyDue starts the verification of one credential, unless it was verified meanwhile. It
// returns store.ErrStale if another server began to verify it, or it was deleted. It stores
// the next due time first: a server that crashes during a verification does not start with
// the same one again.
func (s *Scheduler) verifyDue(ctx context.Context, due store.ScheduledVerification, now time.Time) error {
	key := due.CredentialKey
	var saved paycor.Credential
	var unreadable error // this credential gets its next due time like the others
	skip := false
	err := s.config.Store.Update(ctx, func(tx Writer) error {
		last := now
		saved, unreadable = tx.Credential(key.Workspace, key.Credential)
		if skip = s.recentlyVerified(saved, now) || s.inflight.has(key); skip && saved.Verdict != nil {
			last = saved.Verdict.CheckedAt
		}
		return tx.MoveScheduled(due, s.nextDue(last))
	})
	switch {
	case skip && err == nil:
		return nil
	case err != nil || unreadable != nil:
		return errors.Join(err, unreadable)
	}
	s.start(ctx, key, saved, "", func(done result, err error) error {
		if !done.retryAt.IsZero() {
			err = errors.Join(err, s.setDue(ctx, key, done.retryAt))
		}
		return err
	})
	return nil
}

// recentlyVerified reports whether the latest verdict is younger than the
// shortest time between two scheduled verifications. An inconclusive verdict
// does not count.
func (s *Scheduler) recentlyVerified(c paycor.Credential, now time.Time) bool {
	if c.Verdict == nil || !c.Verdict.Outcome.Conclusive() {
		return false
	}
	age := now.Sub(c.Verdict.CheckedAt)
	return age >= 0 && age < s.config.Interval*9/10
}

// nextDue returns when a credential verified at a time is due again.
func (s *Scheduler) nextDue(at time.Time) time.Time {
	interval := s.config.Interval
	return at.Add(interval - interval/10 + rand.N(interval/5+1))
}

// plan gives credentials without a due time one, spread over the interval: they are
// new, or the schedule is. It also replaces due times that are too late: after a start
// those beyond the interval, which a longer interval set, and later those beyond any
// backoff, which a clock that was ahead set. It counts the credentials and measures how
// far the schedule is behind, too.
func (s *Scheduler) plan(ctx context.Context, now time.Time) error {
	if !s.unassigned && untilNext(s.planned, now, planInterval) > 0 {
		return nil
	}
	latest := now.Add(s.config.Interval + s.config.Interval/10)
	if s.assigned {
		latest = latest.Add(2 * maxOutageBackoff)
	}
	var missing, late []paycor.CredentialKey
	var first store.ScheduledVerification
	err := s.config.Store.View(ctx, func(r Reader) (err error) {
		if missing, err = r.Unscheduled(assignBatch); err != nil {
			return err
		}
		if late, err = r.ScheduledAfter(latest, assignBatch); err != nil {
			return err
		}
		if s.count, err = r.CountScheduled(); err != nil {
			return err
		}
		s.count += len(missing)
		clear(s.passed) // an application may have another environment now
		reachable := s.reachable(now)
		first, err = r.NextScheduled(store.ScheduleFilter{Environments: reachable, Until: now.Add(maxInterval)})
		s.passed.set(reachable, first.DueAt, now)
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	s.measure(ctx, first.DueAt, now)
	if len(missing)+len(late) > 0 {
		err = s.config.Store.Update(ctx, func(tx Writer) error {
			for _, credential := range append(missing, late...) {
				err := tx.PutScheduled(store.ScheduledVerification{CredentialKey: credential, DueAt: now.Add(rand.N(s.config.Interval))})
				if err != nil && !errors.Is(err, store.ErrNotFound) { // it may have been deleted meanwhile
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return err
	}
	s.planned = now
	s.unassigned = len(missing) == assignBatch || len(late) == assignBatch
	s.assigned = s.assigned || len(late) < assignBatch
	return nil
}

// reachable returns the names of the environments that are not backed off from. After
// an outage, one verification at a time finds out whether it is over.
func (s *Scheduler) reachable(now time.Time) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, environment := range s.config.Environments {
		out, until := s.outages.until(environment.Name, now)
		if !now.Before(until) && !(out && s.inflight.inEnvironment(environment.Name)) {
			names = append(names, environment.Name)
		}
	}
	return names
}

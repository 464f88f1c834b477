package schedule

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// assignBatch is how many credentials get a due time in one transaction.
const assignBatch = 1000

// verifyNextDue verifies the credential with the earliest due time, if that has
// come, and returns how long to wait.
func (s *Scheduler) verifyNextDue(ctx context.Context, now time.Time) (time.Duration, error) {
	if err := s.assignDueTimes(ctx); err != nil {
		return maxInterval, err
	}
	var next store.ScheduledVerification
	var count int
	err := s.config.Store.View(ctx, func(r Reader) (err error) {
		if count, err = r.CountScheduled(); err != nil {
			return err
		}
		next, err = r.NextScheduled(s.reachable(now))
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return maxInterval, nil
	case err != nil:
		return maxInterval, err
	}
	pace := s.pace(count)
	if wait := max(next.DueAt.Sub(now), s.untilNext(now, pace)); wait > 0 {
		return min(max(wait, minInterval), maxInterval), nil
	}
	if s.config.Verifier.Busy() {
		return yieldInterval, nil
	}
	return pace, s.verifyDue(ctx, next.CredentialKey, now)
}

// pace returns the shortest time between two verifications: a backlog of all
// credentials takes half an interval.
func (s *Scheduler) pace(count int) time.Duration {
	return min(s.config.Interval/time.Duration(2*max(count, 1)), maxInterval)
}

// verifyDue verifies one credential, unless somebody did meanwhile. It stores
// the next due time first: a server that crashes during a verification does not
// start with the same one again.
func (s *Scheduler) verifyDue(ctx context.Context, key paycor.CredentialKey, now time.Time) error {
	var saved paycor.Credential
	var unreadable error // this credential gets its next due time like the others
	skip := false
	err := s.config.Store.Update(ctx, func(tx Writer) error {
		last := now
		saved, unreadable = tx.Credential(key.Workspace, key.Credential)
		if skip = s.recentlyVerified(saved, now); skip {
			last = saved.Verdict.CheckedAt
		}
		return tx.PutScheduled(store.ScheduledVerification{CredentialKey: key, DueAt: s.nextDue(last)})
	})
	switch {
	case errors.Is(err, store.ErrNotFound) || skip && err == nil:
		return nil
	case err != nil || unreadable != nil:
		return errors.Join(err, unreadable)
	}
	done, err := s.verify(ctx, key, saved.Environment, "", now)
	if !done.retryAt.IsZero() {
		err = errors.Join(err, s.setDue(ctx, key, done.retryAt))
	}
	return err
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

// assignDueTimes gives credentials without a due time one, spread over the
// interval: they are new, or the schedule is. After a start it also replaces due
// times beyond the interval, which a longer interval set.
func (s *Scheduler) assignDueTimes(ctx context.Context) error {
	var missing, late []paycor.CredentialKey
	now := s.now()
	err := s.config.Store.View(ctx, func(r Reader) (err error) {
		if missing, err = r.Unscheduled(assignBatch); err != nil || s.assigned {
			return err
		}
		late, err = r.ScheduledAfter(now.Add(s.config.Interval+s.config.Interval/10), assignBatch)
		return err
	})
	if err != nil {
		return err
	}
	missing = append(missing, late...)
	if len(missing) > 0 {
		err = s.config.Store.Update(ctx, func(tx Writer) error {
			for _, credential := range missing {
				err := tx.PutScheduled(store.ScheduledVerification{CredentialKey: credential, DueAt: now.Add(rand.N(s.config.Interval))})
				if err != nil && !errors.Is(err, store.ErrNotFound) { // it may have been deleted meanwhile
					return err
				}
			}
			return nil
		})
	}
	if err == nil && len(late) < assignBatch {
		s.assigned = true
	}
	return err
}

// reachable returns the names of the environments that are not backed off from.
func (s *Scheduler) reachable(now time.Time) []string {
	var names []string
	for _, environment := range s.config.Environments {
		if !now.Before(s.outages[environment.Name].until) {
			names = append(names, environment.Name)
		}
	}
	return names
}

package credentials

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// How the verifications by schedule are paced.
const (
	maxInterval      = time.Minute // between two looks at what is due, and between two verifications that are due
	minInterval      = time.Second
	yieldInterval    = 20 * time.Second // while people's verifications need the places
	minOutageBackoff = time.Minute      // how long an environment is left in peace after it could not be reached,
	maxOutageBackoff = time.Hour        // twice as long each time
	assignBatch      = 1000
)

// scheduleState is what the schedule remembers besides the store.
type scheduleState struct {
	mu               sync.Mutex
	lastStarted      time.Time         // when the latest one began
	outages          map[string]outage // of environments, by name
	dueTimesAssigned bool              // what a longer interval put off is within this one
}

// outage is an environment that could not be reached.
type outage struct {
	lastFailure time.Time // the latest time
	until       time.Time
	backoff     time.Duration
}

// VerifyDue asks Paycor about the credential that is due first, if one is due
// and its time has come, and returns when to look again. Run calls it, one
// call after the other.
//
// When each credential is due is in the store: about an interval after the
// last time, with a tenth to and fro. What is due is asked about one after the
// other, so that however many are due, after a long downtime too, there is no
// burst: with so much time in between that a backlog of all takes half an
// interval. An environment that cannot be reached is left in peace for a
// while, so that an outage costs one timeout and not one for each credential.
//
// First come those of which use told something else than is stored. They do not
// wait for their turn, and have one without a schedule too.
func (m *Manager) VerifyDue(ctx context.Context) (time.Duration, error) {
	now := m.now()
	doubted, err := m.recheckNext(ctx, now)
	if err != nil || doubted > 0 && doubted <= minInterval {
		return minInterval, err
	}
	wait := maxInterval
	if m.config.VerifyEvery > 0 {
		wait, err = m.verifyNextScheduled(ctx, now)
	}
	if doubted > 0 {
		wait = min(wait, doubted)
	}
	return wait, err
}

// recheckNext looks into one doubt, if there is one and its time has come, and
// returns when to look again; 0 where there is none.
func (m *Manager) recheckNext(ctx context.Context, now time.Time) (time.Duration, error) {
	if !m.rechecks.pending() {
		return 0, nil
	}
	if wait := m.schedule.untilNext(now, minInterval); wait > 0 {
		return wait, nil
	}
	if m.verifications.InUse() > m.config.MaxVerifications/2 { // people come first
		return yieldInterval, nil
	}
	key, told, wait := m.rechecks.next(now)
	if key.Credential == "" {
		return wait, nil
	}
	return minInterval, m.recheck(ctx, key, told, now)
}

// verifyNextScheduled asks about the credential that is due first, if it is.
func (m *Manager) verifyNextScheduled(ctx context.Context, now time.Time) (time.Duration, error) {
	if err := m.assignDueTimes(ctx); err != nil {
		return maxInterval, err
	}
	var next store.Checkup
	var count int
	err := m.config.Store.View(ctx, func(r store.Reader) (err error) {
		if count, err = r.Checkups(); err != nil {
			return err
		}
		next, err = r.NextCheckup(m.reachableEnvironments(now))
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return maxInterval, nil
	case err != nil:
		return maxInterval, err
	}
	pace := m.verificationInterval(count)
	if wait := max(next.DueAt.Sub(now), m.schedule.untilNext(now, pace)); wait > 0 {
		return min(max(wait, minInterval), maxInterval), nil
	}
	if m.verifications.InUse() > m.config.MaxVerifications/2 { // people come first
		return yieldInterval, nil
	}
	return pace, m.verifyScheduled(ctx, next, now)
}

// verificationInterval is how long after one verification the next one begins at the
// earliest: for a backlog of all of them, half an interval would do.
func (m *Manager) verificationInterval(count int) time.Duration {
	return min(m.config.VerifyEvery/time.Duration(2*max(count, 1)), maxInterval)
}

// untilNext returns how long it is until the next one may begin.
func (r *scheduleState) untilNext(now time.Time, pace time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lastStarted.IsZero() || r.lastStarted.After(now) { // the clock was set back
		return 0
	}
	return r.lastStarted.Add(pace).Sub(now)
}

// assignDueTimes gives the credentials a time that have none, spread over an interval:
// they are new, or the schedule is. At the start it does so too with those that
// are due later than this interval puts any: they were put off by a longer one.
func (m *Manager) assignDueTimes(ctx context.Context) error {
	var missing, late []store.Owned
	drawn, now := m.schedule.assigned(), m.now()
	err := m.config.Store.View(ctx, func(r store.Reader) (err error) {
		if missing, err = r.WithoutCheckup(assignBatch); err != nil || drawn {
			return err
		}
		late, err = r.CheckupsAfter(now.Add(m.config.VerifyEvery+m.config.VerifyEvery/10), assignBatch)
		return err
	})
	if err != nil {
		return err
	}
	missing = append(missing, late...)
	if len(missing) > 0 {
		err = m.config.Store.Update(ctx, func(tx store.Tx) error {
			for _, one := range missing {
				err := tx.PutCheckup(store.Checkup{Owned: one, DueAt: now.Add(rand.N(m.config.VerifyEvery))})
				if err != nil && !errors.Is(err, store.ErrNotFound) { // it may have been deleted meanwhile
					return err
				}
			}
			return nil
		})
	}
	if err == nil && len(late) < assignBatch {
		m.schedule.setAssigned()
	}
	return err
}

// reachableEnvironments names the environments that can be asked now.
func (m *Manager) reachableEnvironments(now time.Time) []string {
	m.schedule.mu.Lock()
	defer m.schedule.mu.Unlock()
	var names []string
	for _, environment := range m.config.Environments {
		if now.Before(m.schedule.outages[environment.Name].until) {
			continue
		}
		names = append(names, environment.Name)
	}
	return names
}

// nextDue returns when a credential is due that was asked about at some time.
func (m *Manager) nextDue(at time.Time) time.Time {
	every := m.config.VerifyEvery
	return at.Add(every - every/10 + rand.N(every/5+1))
}

// verifyScheduled asks about one credential, unless somebody else has meanwhile. The
// next time is noted before: a server that dies of one does not begin with it
// again.
func (m *Manager) verifyScheduled(ctx context.Context, due store.Checkup, now time.Time) error {
	s := &service{Manager: m, caller: serverCaller(due.Workspace)}
	var saved stored
	var unreadable error // one that cannot be read has its turn again like the others
	asked := false
	err := m.config.Store.Update(ctx, func(tx store.Tx) error {
		last := now
		saved, unreadable = s.load(tx, due.Credential)
		if asked = m.recentlyVerified(saved.Credential, now); asked {
			last = saved.Verdict.CheckedAt
		}
		return tx.PutCheckup(store.Checkup{Owned: due.Owned, DueAt: m.nextDue(last)})
	})
	switch {
	case errors.Is(err, store.ErrNotFound) || asked && err == nil:
		return nil
	case err != nil || unreadable != nil:
		return errors.Join(err, unreadable)
	}
	_, again, err := m.verifyAndStore(ctx, s, saved, "", now)
	if !again.IsZero() {
		err = errors.Join(err, m.reschedule(ctx, due, again))
	}
	return err
}

// verifyAndStore asks about one credential and keeps the verdict. It returns the
// credential as it is judged, nil where it is not, and when to ask again, where
// nobody could tell anything about it. cause stands in the trail.
func (m *Manager) verifyAndStore(ctx context.Context, s *service, saved stored, cause string, now time.Time) (judged *paycor.Credential, again time.Time, err error) {
	m.schedule.started(now)
	verdict, err := s.verify(ctx, audit.ActionVerify, verification{draft: saved.draft(), id: saved.ID, saved: true, conserveTokens: true, cause: cause}, nil)
	switch {
	case paycor.KindOf(err) == paycor.KindBusy:
		return nil, now.Add(yieldInterval), nil
	case err != nil && ctx.Err() != nil: // the server stops: its turn is first after the start
		return nil, now, s.recordUnfinished(ctx, audit.ActionVerify, saved.ID, err)
	case err != nil:
		return nil, time.Time{}, s.recordUnfinished(ctx, audit.ActionVerify, saved.ID, err)
	}
	again = m.schedule.record(saved.Environment, verdict, m.now())
	after, err := s.storeVerdict(context.WithoutCancel(ctx), saved.Credential, saved.draft(), verdict)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return &after, time.Time{}, nil
	case err == nil:
		s.lookLater(after, saved.draft()) // where a rejection has thrown away what was known
	}
	return &after, again, err
}

// recentlyVerified reports whether the latest verdict is younger than the
// shortest time between two checkups. An outage told nothing.
func (m *Manager) recentlyVerified(c paycor.Credential, now time.Time) bool {
	if c.Verdict == nil || !c.Verdict.Outcome.Settles() {
		return false
	}
	age := now.Sub(c.Verdict.CheckedAt)
	return age >= 0 && age < m.config.VerifyEvery*9/10
}

// reschedule makes a credential due before its interval is over, because nobody
// could tell anything about it.
func (m *Manager) reschedule(ctx context.Context, due store.Checkup, until time.Time) error {
	due.DueAt = until
	err := m.config.Store.Update(context.WithoutCancel(ctx), func(tx store.Tx) error { return tx.PutCheckup(due) })
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func (r *scheduleState) assigned() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dueTimesAssigned
}

func (r *scheduleState) setAssigned() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dueTimesAssigned = true
}

func (r *scheduleState) started(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastStarted = at
}

// record notes whether an environment could be reached. Where the verdict says
// nothing of the credential, it returns when to ask about that one again: after
// the pause the environment gets, and as long again, so that another one goes
// first then, and one whose answers always fail holds up nobody else. A limit
// is the subscription key's own, and no reason to leave the others alone.
func (r *scheduleState) record(environment string, verdict verdicts.Verdict, now time.Time) (again time.Time) {
	wait := min(time.Duration(verdict.RetryAfter)*time.Second, maxOutageBackoff)
	switch {
	case verdict.Outcome == verdicts.OutcomeThrottled:
		return now.Add(max(wait, maxOutageBackoff/2))
	case !verdict.Outcome.Settles():
		return r.recordOutage(environment, wait, now)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.outages, environment)
	return time.Time{}
}

func (r *scheduleState) recordOutage(environment string, wait time.Duration, now time.Time) (again time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.outages == nil {
		r.outages = map[string]outage{}
	}
	pause := min(max(2*r.outages[environment].backoff, minOutageBackoff), maxOutageBackoff)
	until := now.Add(max(pause, wait))
	r.outages[environment] = outage{lastFailure: now, until: until, backoff: pause}
	return until.Add(pause)
}

// backoffUntil returns until when an environment is left in peace; where something of
// it works again, for the shortest time only.
func (r *scheduleState) backoffUntil(environment string, works bool) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	trouble := r.outages[environment]
	if soon := trouble.lastFailure.Add(minOutageBackoff); works && soon.Before(trouble.until) {
		return soon
	}
	return trouble.until
}

package credentials

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
)

// How the verifications by schedule are paced.
const (
	longestLook    = time.Minute // between two looks at what is due, and between two verifications that are due
	shortestLook   = time.Second
	giveWay        = 20 * time.Second // while people's verifications need the places
	shortestOutage = time.Minute      // how long an environment is left in peace after it could not be reached,
	longestOutage  = time.Hour        // twice as long each time
	adoptedAtOnce  = 1000
)

// rounds is what the schedule remembers besides the store.
type rounds struct {
	mu       sync.Mutex
	last     time.Time          // when the latest one began
	troubles map[string]trouble // of environments, by name
	drawn    bool               // what a longer interval put off is within this one
}

// trouble is an environment that could not be reached.
type trouble struct {
	since time.Time // the latest time
	until time.Time
	pause time.Duration
}

// CheckUp asks Paycor about the credential that is due first, if one is due
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
func (m *Manager) CheckUp(ctx context.Context) (time.Duration, error) {
	now := m.now()
	doubted, err := m.checkDoubts(ctx, now)
	if err != nil || doubted > 0 && doubted <= shortestLook {
		return shortestLook, err
	}
	wait := longestLook
	if m.config.VerifyEvery > 0 {
		wait, err = m.checkSchedule(ctx, now)
	}
	if doubted > 0 {
		wait = min(wait, doubted)
	}
	return wait, err
}

// checkDoubts looks into one doubt, if there is one and its time has come, and
// returns when to look again; 0 where there is none.
func (m *Manager) checkDoubts(ctx context.Context, now time.Time) (time.Duration, error) {
	if !m.doubts.any() {
		return 0, nil
	}
	if wait := m.rounds.since(now, shortestLook); wait > 0 {
		return wait, nil
	}
	if m.checks.Taken() > m.config.MaxChecks/2 { // people come first
		return giveWay, nil
	}
	key, told, wait := m.doubts.next(now)
	if key.Credential == "" {
		return wait, nil
	}
	return shortestLook, m.lookInto(ctx, key, told, now)
}

// checkSchedule asks about the credential that is due first, if it is.
func (m *Manager) checkSchedule(ctx context.Context, now time.Time) (time.Duration, error) {
	if err := m.adopt(ctx); err != nil {
		return longestLook, err
	}
	var next store.Checkup
	var count int
	err := m.config.Store.View(ctx, func(r store.Reader) (err error) {
		if count, err = r.Checkups(); err != nil {
			return err
		}
		next, err = r.NextCheckup(m.reachable(now))
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return longestLook, nil
	case err != nil:
		return longestLook, err
	}
	pace := m.pace(count)
	if wait := max(next.DueAt.Sub(now), m.rounds.since(now, pace)); wait > 0 {
		return min(max(wait, shortestLook), longestLook), nil
	}
	if m.checks.Taken() > m.config.MaxChecks/2 { // people come first
		return giveWay, nil
	}
	return pace, m.checkUp(ctx, next, now)
}

// pace is how long after one verification the next one begins at the
// earliest: for a backlog of all of them, half an interval would do.
func (m *Manager) pace(count int) time.Duration {
	return min(m.config.VerifyEvery/time.Duration(2*max(count, 1)), longestLook)
}

// since returns how long it is until the next one may begin.
func (r *rounds) since(now time.Time, pace time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last.IsZero() || r.last.After(now) { // the clock was set back
		return 0
	}
	return r.last.Add(pace).Sub(now)
}

// adopt gives the credentials a time that have none, spread over an interval:
// they are new, or the schedule is. At the start it does so too with those that
// are due later than this interval puts any: they were put off by a longer one.
func (m *Manager) adopt(ctx context.Context) error {
	var missing, late []store.Owned
	drawn, now := m.rounds.isDrawn(), m.now()
	err := m.config.Store.View(ctx, func(r store.Reader) (err error) {
		if missing, err = r.WithoutCheckup(adoptedAtOnce); err != nil || drawn {
			return err
		}
		late, err = r.CheckupsAfter(now.Add(m.config.VerifyEvery+m.config.VerifyEvery/10), adoptedAtOnce)
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
	if err == nil && len(late) < adoptedAtOnce {
		m.rounds.draw()
	}
	return err
}

// reachable names the environments that can be asked now.
func (m *Manager) reachable(now time.Time) []string {
	m.rounds.mu.Lock()
	defer m.rounds.mu.Unlock()
	var names []string
	for _, environment := range m.config.Environments {
		if now.Before(m.rounds.troubles[environment.Name].until) {
			continue
		}
		names = append(names, environment.Name)
	}
	return names
}

// after returns when a credential is due that was asked about at some time.
func (m *Manager) after(at time.Time) time.Time {
	every := m.config.VerifyEvery
	return at.Add(every - every/10 + rand.N(every/5+1))
}

// checkUp asks about one credential, unless somebody else has meanwhile. The
// next time is noted before: a server that dies of one does not begin with it
// again.
func (m *Manager) checkUp(ctx context.Context, due store.Checkup, now time.Time) error {
	s := &service{Manager: m, caller: server(due.Workspace)}
	var saved stored
	var unreadable error // one that cannot be read has its turn again like the others
	asked := false
	err := m.config.Store.Update(ctx, func(tx store.Tx) error {
		last := now
		saved, unreadable = s.load(tx, due.Credential)
		if asked = m.checkedLately(saved.Credential, now); asked {
			last = saved.Verdict.CheckedAt
		}
		return tx.PutCheckup(store.Checkup{Owned: due.Owned, DueAt: m.after(last)})
	})
	switch {
	case errors.Is(err, store.ErrNotFound) || asked && err == nil:
		return nil
	case err != nil || unreadable != nil:
		return errors.Join(err, unreadable)
	}
	_, again, err := m.round(ctx, s, saved, "", now)
	if !again.IsZero() {
		err = errors.Join(err, m.postpone(ctx, due, again))
	}
	return err
}

// round asks about one credential and keeps the verdict. It returns the
// credential as it is judged, nil where it is not, and when to ask again, where
// nobody could tell anything about it. cause stands in the trail.
func (m *Manager) round(ctx context.Context, s *service, saved stored, cause string, now time.Time) (judged *paycor.Credential, again time.Time, err error) {
	m.rounds.began(now)
	verdict, err := s.ask(ctx, paycor.ActionVerify, subject{draft: saved.draft(), id: saved.ID, saved: true, gentle: true, cause: cause}, nil)
	switch {
	case paycor.KindOf(err) == paycor.KindBusy:
		return nil, now.Add(giveWay), nil
	case err != nil && ctx.Err() != nil: // the server stops: its turn is first after the start
		return nil, now, s.unfinished(ctx, paycor.ActionVerify, saved.ID, err)
	case err != nil:
		return nil, time.Time{}, s.unfinished(ctx, paycor.ActionVerify, saved.ID, err)
	}
	again = m.rounds.heard(saved.Environment, verdict, m.now())
	after, err := s.judge(context.WithoutCancel(ctx), saved.Credential, saved.draft(), verdict)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return &after, time.Time{}, nil
	case err == nil:
		s.lookLater(after, saved.draft()) // where a rejection has thrown away what was known
	}
	return &after, again, err
}

// checkedLately reports whether the latest verdict is younger than the
// shortest time between two checkups. An outage told nothing.
func (m *Manager) checkedLately(c paycor.Credential, now time.Time) bool {
	if c.Verdict == nil || !c.Verdict.Outcome.Settles() {
		return false
	}
	age := now.Sub(c.Verdict.CheckedAt)
	return age >= 0 && age < m.config.VerifyEvery*9/10
}

// postpone makes a credential due before its interval is over, because nobody
// could tell anything about it.
func (m *Manager) postpone(ctx context.Context, due store.Checkup, until time.Time) error {
	due.DueAt = until
	err := m.config.Store.Update(context.WithoutCancel(ctx), func(tx store.Tx) error { return tx.PutCheckup(due) })
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func (r *rounds) isDrawn() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.drawn
}

func (r *rounds) draw() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drawn = true
}

func (r *rounds) began(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = at
}

// heard notes whether an environment could be reached. Where the verdict says
// nothing of the credential, it returns when to ask about that one again: after
// the pause the environment gets, and as long again, so that another one goes
// first then, and one whose answers always fail holds up nobody else. A limit
// is the subscription key's own, and no reason to leave the others alone.
func (r *rounds) heard(environment string, verdict paycor.Verdict, now time.Time) (again time.Time) {
	wait := min(time.Duration(verdict.RetryAfter)*time.Second, longestOutage)
	switch {
	case verdict.Outcome == paycor.OutcomeThrottled:
		return now.Add(max(wait, longestOutage/2))
	case !verdict.Outcome.Settles():
		return r.failed(environment, wait, now)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.troubles, environment)
	return time.Time{}
}

func (r *rounds) failed(environment string, wait time.Duration, now time.Time) (again time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.troubles == nil {
		r.troubles = map[string]trouble{}
	}
	pause := min(max(2*r.troubles[environment].pause, shortestOutage), longestOutage)
	until := now.Add(max(pause, wait))
	r.troubles[environment] = trouble{since: now, until: until, pause: pause}
	return until.Add(pause)
}

// peace returns until when an environment is left in peace; where something of
// it works again, for the shortest time only.
func (r *rounds) peace(environment string, works bool) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	trouble := r.troubles[environment]
	if soon := trouble.since.Add(shortestOutage); works && soon.Before(trouble.until) {
		return soon
	}
	return trouble.until
}

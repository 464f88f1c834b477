package schedule

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// Pace of the scheduler.
const (
	maxInterval   = time.Minute // between two checks of what is due, and between two verifications that are due
	minInterval   = 10 * time.Millisecond
	yieldInterval = 20 * time.Second // while people's verifications need the slots, or all others are taken
)

// Reader is what the scheduler reads.
type Reader interface {
	store.ScheduleReader

	// Credential returns a credential without its secrets, or store.ErrNotFound.
	Credential(workspace, id string) (paycor.Credential, error)
}

// Writer is what the scheduler reads and writes.
type Writer interface {
	Reader
	store.ScheduleWriter
}

// Verifier verifies saved credentials.
type Verifier interface {
	// Busy reports whether people's verifications need the slots that are left.
	Busy() bool

	// VerifySaved verifies a saved credential for the server itself and stores
	// the verdict. cause goes into the audit trail; it is empty for a scheduled
	// verification. VerifySaved returns the verdict, nil if there is none, and
	// the credential as it is afterward. An error of KindBusy means that the
	// verification did not start.
	VerifySaved(ctx context.Context, key paycor.CredentialKey, cause string) (*verdicts.Verdict, paycor.Credential, error)
}

// Config configures a Scheduler.
type Config struct {
	Store        store.Scope[Reader, Writer] // required
	Verifier     Verifier                    // required
	Queue        *Queue                      // of rechecks; nil means none
	Environments []paycor.Environment        // credentials of other environments are not verified
	Interval     time.Duration               // how often each credential is verified; 0 means only on a recheck
	Clock        func() time.Time            // nil means time.Now
	Logger       *slog.Logger                // nil discards
}

// Scheduler verifies credentials that are due, several at once. Only Lag may be
// called concurrently with another method.
type Scheduler struct {
	config Config

	lastScheduled time.Time // when the latest scheduled verification started
	lastRecheck   time.Time
	planned       time.Time // when due times were last assigned
	count         int       // credentials that are scheduled, at that time
	unassigned    bool      // there may be more credentials without a due time
	assigned      bool      // due times set under a longer interval have been replaced
	passed        passed

	inflight inflight
	mu       sync.Mutex // guards the fields below
	outages  outages
	progress progress
}

// New returns a scheduler.
func New(config Config) *Scheduler {
	if config.Queue == nil {
		config.Queue = NewQueue()
	}
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Scheduler{config: config, outages: outages{}, passed: passed{}, inflight: newInflight()}
}

// Run verifies what is due until ctx ends, and returns when no verification runs.
func (s *Scheduler) Run(ctx context.Context) {
	defer s.Wait()
	for {
		wait, err := s.Next(ctx)
		s.logError(ctx, err)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.config.Queue.added:
		case <-s.inflight.ended:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (s *Scheduler) logError(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		s.config.Logger.ErrorContext(ctx, "verifying by schedule", "error", err)
	}
}

// Next starts the recheck and the scheduled verification that are due first, if
// any, and returns how long to wait before the next call. Run calls it in a loop.
func (s *Scheduler) Next(ctx context.Context) (time.Duration, error) {
	now := s.now()
	recheck, err := s.recheckNext(ctx, now)
	if err != nil {
		return time.Second, err
	}
	wait := maxInterval
	if s.config.Interval > 0 {
		wait, err = s.verifyNextDue(ctx, now)
	}
	if recheck > 0 {
		wait = min(wait, recheck)
	}
	return min(max(wait, minInterval), maxInterval), err
}

// Wait returns when no verification runs.
func (s *Scheduler) Wait() { s.inflight.group.Wait() }

// full reports whether no further verification may start.
func (s *Scheduler) full() bool {
	return s.inflight.len() >= maxInflight || s.config.Verifier.Busy()
}

// result is the result of one verification.
type result struct {
	started  bool
	verified bool              // there is a verdict
	after    paycor.Credential // as stored afterward
	retryAt  time.Time         // when to try again, if the verdict says nothing about the credential
}

// start verifies a credential in the background, and then calls finish.
func (s *Scheduler) start(ctx context.Context, key paycor.CredentialKey, saved paycor.Credential, cause string, finish func(result, error) error) {
	now := s.now()
	s.inflight.start(key, applicationOf(saved), now, func() {
		done, err := s.verify(ctx, key, saved.Environment, cause, now)
		s.logError(ctx, finish(done, err))
	})
}

// verify verifies one credential and updates what is known about its
// environment.
func (s *Scheduler) verify(ctx context.Context, key paycor.CredentialKey, environment, cause string, started time.Time) (result, error) {
	verdict, after, err := s.config.Verifier.VerifySaved(ctx, key, cause)
	switch {
	case paycor.KindOf(err) == paycor.KindBusy:
		return result{retryAt: s.now().Add(yieldInterval)}, nil
	case verdict != nil:
		s.mu.Lock()
		defer s.mu.Unlock()
		return result{started: true, verified: true, after: after, retryAt: s.outages.record(environment, *verdict, started, s.now())}, err
	case err != nil && ctx.Err() != nil: // the server is stopping: verify it first after the restart
		return result{started: true, retryAt: started}, err
	}
	return result{started: true}, err
}

// untilNext returns how long until an interval after a time, which a clock that was
// set back does not extend.
func untilNext(last, now time.Time, interval time.Duration) time.Duration {
	if last.IsZero() || last.After(now) {
		return 0
	}
	return last.Add(interval).Sub(now)
}

// setDue stores when a credential is due. A deleted credential is not an error.
func (s *Scheduler) setDue(ctx context.Context, key paycor.CredentialKey, at time.Time) error {
	due := store.ScheduledVerification{CredentialKey: key, DueAt: at}
	err := s.config.Store.Update(context.WithoutCancel(ctx), func(tx Writer) error { return tx.PutScheduled(due) })
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// now returns the time at the store's resolution: UTC, in milliseconds.
func (s *Scheduler) now() time.Time { return s.config.Clock().UTC().Truncate(time.Millisecond) }

package schedule

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// Pace of the scheduler.
const (
	maxInterval   = time.Minute // between two checks of what is due, and between two verifications that are due
	minInterval   = time.Second
	yieldInterval = 20 * time.Second // while people's verifications need the slots
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

// Scheduler verifies credentials that are due. Its methods must not be called
// concurrently.
type Scheduler struct {
	config Config

	lastStarted time.Time // when the latest verification started
	outages     outages
	assigned    bool // due times set under a longer interval have been replaced
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
	return &Scheduler{config: config, outages: outages{}}
}

// Run verifies what is due until ctx ends.
func (s *Scheduler) Run(ctx context.Context) {
	for {
		wait, err := s.Next(ctx)
		if err != nil && ctx.Err() == nil {
			s.config.Logger.ErrorContext(ctx, "verifying by schedule", "error", err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-s.config.Queue.added:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Next verifies the credential that is due first, if any, and returns how long
// to wait before the next call. Run calls it in a loop.
func (s *Scheduler) Next(ctx context.Context) (time.Duration, error) {
	now := s.now()
	recheck, err := s.recheckNext(ctx, now)
	if err != nil || recheck > 0 && recheck <= minInterval {
		return minInterval, err
	}
	wait := maxInterval
	if s.config.Interval > 0 {
		wait, err = s.verifyNextDue(ctx, now)
	}
	if recheck > 0 {
		wait = min(wait, recheck)
	}
	return wait, err
}

// result is the result of one verification.
type result struct {
	started  bool
	verified bool              // there is a verdict
	after    paycor.Credential // as stored afterward
	retryAt  time.Time         // when to try again, if the verdict says nothing about the credential
}

// verify verifies one credential and updates what is known about its
// environment.
func (s *Scheduler) verify(ctx context.Context, key paycor.CredentialKey, environment, cause string, now time.Time) (result, error) {
	s.lastStarted = now
	verdict, after, err := s.config.Verifier.VerifySaved(ctx, key, cause)
	switch {
	case paycor.KindOf(err) == paycor.KindBusy:
		return result{retryAt: now.Add(yieldInterval)}, nil
	case verdict != nil:
		return result{started: true, verified: true, after: after, retryAt: s.outages.record(environment, *verdict, s.now())}, err
	case err != nil && ctx.Err() != nil: // the server is stopping: verify it first after the restart
		return result{started: true, retryAt: now}, err
	}
	return result{started: true}, err
}

// untilNext returns how long until the next verification may start.
func (s *Scheduler) untilNext(now time.Time, interval time.Duration) time.Duration {
	if s.lastStarted.IsZero() || s.lastStarted.After(now) { // the clock was set back
		return 0
	}
	return s.lastStarted.Add(interval).Sub(now)
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

package breaker

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// State is the state of a circuit breaker.
type State string

// States of a breaker, from healthy to failing.
const (
	Closed   State = "closed"    // calls go through
	HalfOpen State = "half_open" // a few calls probe whether the upstream works again
	Open     State = "open"      // calls are rejected
)

// DefaultCooldown is how long a breaker stays open before it lets probes through.
const DefaultCooldown = 10 * time.Second

// When a breaker opens, and how it closes again.
const (
	window                 = 30 * time.Second // rolling window in which calls are counted
	windowBuckets          = 10
	minRequests            = 20 // calls in the window before the failure rate counts
	maxConsecutiveFailures = 8
	maxProbes              = 3 // calls let through while half open
)

// Outcomes of a call other than success, as passed to the function that Allow returns.
var (
	ErrFailed   = errors.New("the upstream failed")
	ErrCanceled = errors.New("the call was canceled") // says nothing about the upstream's health
)

// states maps the states of the library to ours.
var states = map[gobreaker.State]State{
	gobreaker.StateClosed: Closed, gobreaker.StateHalfOpen: HalfOpen, gobreaker.StateOpen: Open,
}

// Breaker stops calls to one upstream while it fails. It is safe for concurrent use.
type Breaker struct {
	circuit     *gobreaker.TwoStepCircuitBreaker[struct{}]
	environment string
	cooldown    time.Duration
	probing     atomic.Bool            // whether the breaker is half open
	changedAt   atomic.Int64           // Unix milliseconds; 0 while the first state lasts
	failedBy    atomic.Pointer[string] // the credential of the last failed call
}

// newBreaker returns a closed breaker that reports its state changes.
func newBreaker(environment string, cooldown time.Duration, changed func(Change)) *Breaker {
	b := &Breaker{environment: environment, cooldown: cooldown}
	b.failedBy.Store(new(string))
	b.circuit = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests: maxProbes, Interval: window, BucketPeriod: window / windowBuckets, Timeout: cooldown,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			return counts.ConsecutiveFailures >= maxConsecutiveFailures ||
				counts.Requests >= minRequests && counts.TotalFailures*2 >= counts.Requests
		},
		IsExcluded: func(err error) bool { return err == ErrCanceled },
		OnStateChange: func(_ string, _, now gobreaker.State) {
			b.probing.Store(now == gobreaker.StateHalfOpen)
			b.changedAt.Store(time.Now().UnixMilli())
			changed(Change{Environment: environment, Credential: *b.failedBy.Load(), State: states[now]})
		},
	})
	return b
}

// Allow asks to make one call and returns an error if the breaker rejects it.
// The caller must call done exactly once with the outcome: nil, ErrFailed or
// ErrCanceled. A probe that takes longer than the cooldown no longer counts as
// a probe, so callers that send slowly cannot keep the breaker half open; its
// outcome still counts.
func (b *Breaker) Allow() (done func(error), err error) {
	report, err := b.circuit.Allow()
	if err != nil || !b.probing.Load() {
		return report, err
	}
	expired := time.AfterFunc(b.cooldown, func() { report(ErrCanceled) })
	return func(outcome error) {
		if expired.Stop() || outcome != ErrCanceled { // else the timer has reported it
			report(outcome)
		}
	}, nil
}

// SetFailedBy records the credential of a failed call, to name it if the
// failure opens the breaker.
func (b *Breaker) SetFailedBy(credential string) { b.failedBy.Store(&credential) }

// status returns the current state.
func (b *Breaker) status() Status {
	status := Status{Environment: b.environment, State: states[b.circuit.State()]}
	if milli := b.changedAt.Load(); milli != 0 {
		status.Since = time.UnixMilli(milli).UTC()
	}
	if status.State == Open {
		status.Until = status.Since.Add(b.cooldown)
	}
	return status
}

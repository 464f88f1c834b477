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

// When a circuit opens, and how it closes again.
const (
	window                 = 30 * time.Second // rolling window in which calls are counted
	windowBuckets          = 10
	minRequests            = 20 // calls in the window before the failure rate counts
	maxConsecutiveFailures = 8
	maxProbes              = 3 // calls let through while half open
)

// ErrCanceled is the outcome of a call that says nothing about the upstream's health.
var ErrCanceled = errors.New("the call was canceled")

// states maps the states of the library to ours.
var states = map[gobreaker.State]State{
	gobreaker.StateClosed: Closed, gobreaker.StateHalfOpen: HalfOpen, gobreaker.StateOpen: Open,
}

// circuit counts calls and rejects them for a while if too many failed.
type circuit struct {
	breaker   *gobreaker.TwoStepCircuitBreaker[struct{}]
	cooldown  time.Duration
	probing   atomic.Bool  // whether it is half open
	changedAt atomic.Int64 // Unix milliseconds; 0 while the first state lasts
}

// newCircuit returns a closed circuit. It opens after too many failures, or after one if
// hopeless says so.
func newCircuit(cooldown time.Duration, hopeless func() bool, changed func(State)) *circuit {
	c := &circuit{cooldown: cooldown}
	c.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests: maxProbes, Interval: window, BucketPeriod: window / windowBuckets, Timeout: cooldown,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			return counts.ConsecutiveFailures >= maxConsecutiveFailures ||
				counts.Requests >= minRequests && counts.TotalFailures*2 >= counts.Requests || hopeless()
		},
		IsExcluded: func(err error) bool { return err == ErrCanceled },
		OnStateChange: func(_ string, _, now gobreaker.State) {
			c.probing.Store(now == gobreaker.StateHalfOpen)
			c.changedAt.Store(time.Now().UnixMilli())
			changed(states[now])
		},
	})
	return c
}

// allow asks to make one call. done must be called exactly once with nil, ErrCanceled or
// another error for a failure. A probe that takes longer than the cooldown no longer
// counts as a probe, so callers that send slowly cannot keep the circuit half open; its
// outcome still counts.
func (c *circuit) allow() (done func(error), err error) {
	report, err := c.breaker.Allow()
	if err != nil || !c.probing.Load() {
		return report, err
	}
	expired := time.AfterFunc(c.cooldown, func() { report(ErrCanceled) })
	return func(outcome error) {
		if expired.Stop() || outcome != ErrCanceled { // else the timer has reported it
			report(outcome)
		}
	}, nil
}

// status returns the state, since when it is that, and until when calls are rejected.
func (c *circuit) status(environment string) Status {
	status := Status{Environment: environment, State: states[c.breaker.State()]}
	if milli := c.changedAt.Load(); milli != 0 {
		status.Since = time.UnixMilli(milli).UTC()
	}
	if status.State == Open {
		status.Until = status.Since.Add(c.cooldown)
	}
	return status
}

// lazyCircuit is a circuit that is made when the first call fails, because most never
// need one.
type lazyCircuit struct {
	create  func() *circuit
	circuit atomic.Pointer[circuit]
}

// allow is circuit.allow.
func (l *lazyCircuit) allow() (done func(error), err error) {
	if made := l.circuit.Load(); made != nil {
		return made.allow()
	}
	return func(outcome error) {
		if outcome == nil || outcome == ErrCanceled {
			return
		}
		l.circuit.CompareAndSwap(nil, l.create())
		if done, err := l.circuit.Load().allow(); err == nil { // else other calls have opened it meanwhile
			done(outcome)
		}
	}, nil
}

// status is circuit.status.
func (l *lazyCircuit) status(environment string) Status {
	if made := l.circuit.Load(); made != nil {
		return made.status(environment)
	}
	return Status{Environment: environment, State: Closed}
}

package proxy

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"paycorcred/paycor"
)

// When an environment is left alone, and for how long.
const (
	breakerSpan    = 30 * time.Second // that is looked back
	breakerLeast   = 20               // calls in it
	breakerInARow  = 8                // failures
	breakerPause   = 10 * time.Second
	breakerProbes  = 3 // calls that find out whether it works again
	breakerBuckets = 10
)

// What a call tells the breaker. A caller that left says nothing of Paycor.
var (
	errFailed = errors.New("failed")
	errGone   = errors.New("nobody waited for it")
)

// breaker leaves an environment alone that fails.
type breaker struct {
	*gobreaker.TwoStepCircuitBreaker[struct{}]
	pause   time.Duration
	probing atomic.Bool  // a few calls find out whether it works again
	since   atomic.Int64 // of the state; Unix milliseconds
}

// newBreaker returns a closed one, which tells changed of its states.
func newBreaker(pause time.Duration, changed func(state string)) *breaker {
	b := &breaker{pause: pause}
	b.TwoStepCircuitBreaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests: breakerProbes, Interval: breakerSpan, BucketPeriod: breakerSpan / breakerBuckets, Timeout: pause,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			return counts.ConsecutiveFailures >= breakerInARow ||
				counts.Requests >= breakerLeast && counts.TotalFailures*2 >= counts.Requests
		},
		IsExcluded: func(err error) bool { return err == errGone },
		OnStateChange: func(_ string, _, now gobreaker.State) {
			b.probing.Store(now == gobreaker.StateHalfOpen)
			b.since.Store(time.Now().UnixMilli())
			changed(breakerStates[now])
		},
	})
	return b
}

// Allow gives leave for a try, whose end has to be told. One that finds out
// whether the environment works again gives its place to another after a pause,
// or a few callers that send slowly would hold all others back. It still counts
// when it ends.
func (b *breaker) Allow() (func(error), error) {
	done, err := b.TwoStepCircuitBreaker.Allow()
	if err != nil || !b.probing.Load() {
		return done, err
	}
	late := time.AfterFunc(b.pause, func() { done(errGone) })
	return func(said error) {
		if late.Stop() || said != errGone { // that was said already
			done(said)
		}
	}, nil
}

// breakerStates are the states in paycor's words.
var breakerStates = map[gobreaker.State]string{
	gobreaker.StateClosed: paycor.BreakerClosed, gobreaker.StateHalfOpen: paycor.BreakerHalfOpen, gobreaker.StateOpen: paycor.BreakerOpen,
}

// state returns the breaker's state in paycor's words.
func (b *breaker) state() (string, time.Time) {
	state := breakerStates[b.State()]
	if milli := b.since.Load(); milli != 0 {
		return state, time.UnixMilli(milli).UTC()
	}
	return state, time.Time{}
}

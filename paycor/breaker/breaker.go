package breaker

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"paycorcred/paycor/clock"
	"paycorcred/paycor/evict"
)

// Outcomes of a call other than success and ErrCanceled, as passed to the function that
// Allow returns.
var (
	ErrFailed      = errors.New("the call failed")                   // because of the upstream, or of what the consumer asked for
	ErrUnreachable = errors.New("the upstream could not be reached") // whatever a consumer asks for
)

// ErrConsumerFailing is the error of Allow if only this consumer's calls are rejected.
var ErrConsumerFailing = errors.New("too many of the consumer's calls failed")

// Breaker stops calls to one upstream while it fails. A consumer whose calls fail stops
// itself first: it may ask for what takes Paycor too long, while the calls of others
// succeed. All are stopped if the upstream cannot be reached, or if several consumers
// are stopped and no other one had a success lately. It is safe for concurrent use.
type Breaker struct {
	environment string
	config      Config
	shared      lazyCircuit            // of all consumers
	failedBy    atomic.Pointer[string] // the credential of the last failed call

	mu        sync.RWMutex
	consumers map[string]*consumer
}

// consumer is what a breaker remembers of a consumer's calls.
type consumer struct {
	circuit     lazyCircuit
	usedAt      atomic.Int64 // as clock.Seconds
	succeededAt atomic.Int64 // as clock.Seconds; 0 if no call has succeeded
}

// manyConsumers is how many are remembered before those whose calls are no longer in the
// window are forgotten.
const manyConsumers = 64

// newBreaker returns a closed breaker that reports its state changes.
func newBreaker(environment string, config Config) *Breaker {
	b := &Breaker{environment: environment, config: config, consumers: map[string]*consumer{}}
	b.failedBy.Store(new(string))
	b.shared.create = func() *circuit {
		return newCircuit(config.Cooldown, func() bool { return b.failing(2) }, b.reporter(""))
	}
	return b
}

func (b *Breaker) reporter(consumer string) func(State) {
	return func(now State) {
		b.config.Changed(Change{Environment: b.environment, Consumer: consumer, Credential: *b.failedBy.Load(), State: now})
	}
}

// Allow asks to make one call of a consumer through a credential, and returns an error if
// the breaker rejects it. The caller must call done exactly once with the outcome: nil,
// ErrFailed, ErrUnreachable or ErrCanceled.
func (b *Breaker) Allow(consumer, credential string) (done func(error), err error) {
	own := b.consumerOf(consumer)
	ownDone, err := own.circuit.allow()
	if err != nil {
		return nil, ErrConsumerFailing
	}
	sharedDone, err := b.shared.allow()
	if err != nil {
		ownDone(ErrCanceled)
		return nil, err
	}
	return func(outcome error) {
		now := clock.Seconds()
		own.usedAt.Store(now)
		switch outcome {
		case nil:
			own.succeededAt.Store(now)
		case ErrUnreachable:
			b.failedBy.Store(&credential)
			ownDone(ErrCanceled)
			sharedDone(ErrFailed)
			return
		case ErrFailed:
			b.failedBy.Store(&credential)
			ownDone(ErrFailed)
			if !b.failing(2) {
				outcome = ErrCanceled
			}
			sharedDone(outcome)
			return
		}
		ownDone(outcome)
		sharedDone(outcome)
	}, nil
}

// consumerOf returns what is remembered of a consumer.
func (b *Breaker) consumerOf(name string) *consumer {
	b.mu.RLock()
	known := b.consumers[name]
	b.mu.RUnlock()
	if known != nil {
		return known
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if known = b.consumers[name]; known != nil {
		return known
	}
	now := clock.Seconds()
	if len(b.consumers) >= manyConsumers {
		past := now - int64(window/time.Second)
		if oldest, ok := evict.Oldest(b.consumers, func(c *consumer) (int64, bool) { return c.usedAt.Load(), c.usedAt.Load() < past }); ok {
			delete(b.consumers, oldest)
		}
	}
	known = &consumer{circuit: lazyCircuit{create: func() *circuit {
		return newCircuit(b.config.Cooldown, func() bool { return false }, b.reporter(name))
	}}}
	known.usedAt.Store(now)
	b.consumers[name] = known
	return known
}

// failing reports whether at least so many consumers are stopped, and none of the others
// had a success lately.
func (b *Breaker) failing(least int) bool {
	stopped, past := 0, clock.Seconds()-int64(window/time.Second)
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, c := range b.consumers {
		switch {
		case c.circuit.status(b.environment).State != Closed:
			stopped++
		case c.succeededAt.Load() > past:
			return false
		}
	}
	return stopped >= least
}

// status returns the state of the calls of all consumers. If only one calls, its state is
// everybody's.
func (b *Breaker) status() Status {
	status := b.shared.status(b.environment)
	if status.State != Closed || !b.failing(1) {
		return status
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, c := range b.consumers {
		if own := c.circuit.status(b.environment); severity(own.State) > severity(status.State) {
			status = own
		}
	}
	return status
}

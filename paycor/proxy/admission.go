package proxy

import (
	"context"
	"slices"
	"sync"
	"time"

	"paycorcred/paycor/quota"
)

// admission decides when calls are sent. A call needs a slot, of which there are so many
// for all calls, a workspace, a consumer and a credential, and a permit of its key's rate
// limiter. It gets both at the same moment: a call that waits for the limit holds no
// slot, and one that waits for a slot uses up no call of the minute.
//
// Calls that have to wait queue by consumer, and consumers take turns, so that one with a
// thousand calls does not keep out one with a single call. After each change, every call
// that can be sent has been granted. So a call that finds everything it needs passes
// none that waits, except for the limit: those come first.
type admission struct {
	slots *quota.Quota

	mu        sync.Mutex
	ready     []*consumerQueue // have calls that wait for a slot; the first one is next
	consumers map[quota.Principal]*consumerQueue
	queues    map[queueKey]*credentialQueue
}

func newAdmission(slots *quota.Quota) *admission {
	return &admission{slots: slots, consumers: map[quota.Principal]*consumerQueue{}, queues: map[queueKey]*credentialQueue{}}
}

// request is what a call needs.
type request struct {
	principals []quota.Principal // the consumer first; credential, and consumer with credential, last
	limiter    *rateLimiter
	maxWait    time.Duration
	retry      bool // it was sent before, so that it is not refused for want of a slot
}

// consumerOf returns the consumer, and what it belongs to, of a request's principals.
func consumerOf(principals []quota.Principal) []quota.Principal {
	return principals[:len(principals)-2]
}

// acquire waits for a permit, unless that would take longer than the call may wait. An
// error is that of the context. The caller must call release with a granted permit once.
func (a *admission) acquire(ctx context.Context, r request, now time.Time) (permit, error) {
	a.mu.Lock()
	limited := len(r.limiter.parked()) > 0 || !r.limiter.available(now)
	if !limited {
		if release := a.slots.Acquire(r.principals...); release != nil {
			p := r.limiter.take(now)
			a.mu.Unlock()
			p.release = release
			return p, nil
		}
	} else if wait := r.limiter.estimateWait(r.principals[0], now); wait > r.maxWait {
		backoff := wait <= r.limiter.backoff(now)
		a.mu.Unlock()
		return permit{reset: wait, backoff: backoff}, nil
	}
	w := a.enqueue(r, limited, now)
	a.mu.Unlock()

	var late <-chan time.Time
	if !r.retry {
		deadline := r.maxWait
		if limited {
			deadline += bucketWidth // the estimate may be just within the wait
		}
		timer := time.NewTimer(deadline)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-w.ready:
	case <-late:
		if refused, ok := a.withdraw(w, r.limiter); ok {
			return refused, nil
		}
	case <-ctx.Done():
		if _, ok := a.withdraw(w, r.limiter); !ok {
			a.cancel(w.permit, r.limiter)
		}
		return permit{}, ctx.Err()
	}
	w.permit.waited = time.Since(now)
	return w.permit, nil
}

// enqueue lets a call wait. a.mu is held.
func (a *admission) enqueue(r request, limited bool, now time.Time) *waiter {
	r.limiter.addWaiting(r.principals[0], 1)
	key := queueKey{r.principals[len(r.principals)-1], r.limiter}
	q := a.queues[key]
	if q == nil {
		consumer := a.consumers[r.principals[0]]
		if consumer == nil {
			consumer = &consumerQueue{principals: consumerOf(r.principals)}
			a.consumers[r.principals[0]] = consumer
		}
		q = &credentialQueue{consumer: consumer, key: key, principals: r.principals, limiter: r.limiter}
		consumer.queues++
		a.queues[key] = q
		if limited {
			a.park(q, now)
		} else {
			a.makeReady(q)
		}
	}
	w := &waiter{queue: q, ready: make(chan struct{})}
	q.waiters = append(q.waiters, w)
	return w
}

// park lets a queue wait for the limit. a.mu is held.
func (a *admission) park(q *credentialQueue, now time.Time) {
	q.parked = true
	waits := q.limiter.queue
	waits.parked = append(waits.parked, q)
	if len(waits.parked) == 1 {
		a.schedule(q.limiter, now)
	}
}

// schedule sets the timer of a limiter. a.mu is held.
func (a *admission) schedule(l *rateLimiter, now time.Time) {
	delay := l.untilAvailable(now)
	if l.queue.timer == nil {
		l.queue.timer = time.AfterFunc(delay, func() {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.unpark(l, time.Now())
		})
		return
	}
	l.queue.timer.Reset(delay)
}

// unpark grants permits to calls that waited for the limit. a.mu is held.
func (a *admission) unpark(l *rateLimiter, now time.Time) {
	if len(l.parked()) == 0 {
		return
	}
	if !l.available(now) {
		a.schedule(l, now)
		return
	}
	parked := l.parked()
	l.queue.parked = nil
	for _, one := range parked {
		a.makeReady(one)
	}
	a.grant(now)
}

// makeReady lets a queue wait for a slot. a.mu is held.
func (a *admission) makeReady(q *credentialQueue) {
	q.parked = false
	q.consumer.ready = append(q.consumer.ready, q)
	if !q.consumer.queued {
		q.consumer.queued = true
		a.ready = append(a.ready, q.consumer)
	}
}

// grant gives permits to the calls that can be sent, one of each consumer in turn. a.mu is
// held.
func (a *admission) grant(now time.Time) {
	for i := 0; i < len(a.ready) && !a.slots.Full(); {
		consumer := a.ready[i]
		granted := a.grantOne(consumer, now)
		if !granted && len(consumer.ready) > 0 {
			i++
			continue
		}
		a.ready = slices.Delete(a.ready, i, i+1)
		if consumer.queued = len(consumer.ready) > 0; consumer.queued {
			a.ready = append(a.ready, consumer)
		}
	}
}

// grantOne gives a permit to one call of a consumer, of each credential in turn, and
// reports whether it did. a.mu is held.
func (a *admission) grantOne(consumer *consumerQueue, now time.Time) bool {
	if a.slots.Full(consumer.principals...) {
		return false
	}
	for i := 0; i < len(consumer.ready); {
		q := consumer.ready[i]
		if !q.limiter.available(now) {
			consumer.ready = slices.Delete(consumer.ready, i, i+1)
			a.park(q, now)
			continue
		}
		release := a.slots.Acquire(q.principals...)
		if release == nil {
			i++
			continue
		}
		w := q.waiters[0]
		q.waiters = q.waiters[1:]
		q.limiter.addWaiting(q.principals[0], -1)
		w.permit = q.limiter.take(now)
		w.permit.release = release
		close(w.ready)
		consumer.ready = slices.Delete(consumer.ready, i, i+1)
		if len(q.waiters) > 0 {
			consumer.ready = append(consumer.ready, q)
		} else {
			a.forget(q)
		}
		return true
	}
	return false
}

// forget drops a queue in which no call waits. a.mu is held.
func (a *admission) forget(q *credentialQueue) {
	delete(a.queues, q.key)
	if q.consumer.queues--; q.consumer.queues == 0 {
		delete(a.consumers, q.principals[0])
	}
}

// withdraw removes a call that waits, and returns why it was not granted. ok is false if
// it was.
func (a *admission) withdraw(w *waiter, limiter *rateLimiter) (refused permit, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if w.permit.granted {
		return permit{}, false
	}
	q, now := w.queue, time.Now()
	q.waiters = slices.DeleteFunc(q.waiters, func(other *waiter) bool { return other == w })
	limiter.addWaiting(q.principals[0], -1)
	refused = permit{crowded: !q.parked, reset: time.Second}
	if q.parked {
		refused.reset = limiter.estimateWait(q.principals[0], now)
		refused.backoff = refused.reset <= limiter.backoff(now)
	}
	if len(q.waiters) > 0 {
		return refused, true
	}
	if q.parked {
		limiter.unpark(q)
	} else {
		q.consumer.ready = slices.DeleteFunc(q.consumer.ready, func(other *credentialQueue) bool { return other == q })
		if len(q.consumer.ready) == 0 {
			q.consumer.queued = false
			a.ready = slices.DeleteFunc(a.ready, func(other *consumerQueue) bool { return other == q.consumer })
		}
	}
	a.forget(q)
	return refused, true
}

// release gives back the slot of a permit.
func (a *admission) release(p permit) {
	p.release()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.ready) > 0 {
		a.grant(time.Now())
	}
}

// cancel gives back a permit with which nothing was sent, and its slot.
func (a *admission) cancel(p permit, l *rateLimiter) {
	a.mu.Lock()
	l.giveBack(p)
	a.unpark(l, time.Now())
	a.mu.Unlock()
	a.release(p)
}

// takeOwn counts a call of the server itself, or returns when it may be made.
func (a *admission) takeOwn(l *rateLimiter, now time.Time) (wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return l.takeOwn(now)
}

// backOff stops the calls of a limiter for as long as Paycor asks.
func (a *admission) backOff(l *rateLimiter, d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l.backOff(d, time.Now())
}

// unused reports whether a limiter is like a new one.
func (a *admission) unused(l *rateLimiter, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return l.unused(now)
}

package proxy

import (
	"paycorcred/paycor/quota"
)

// consumerQueue has the waiting calls of one consumer.
type consumerQueue struct {
	principals []quota.Principal  // the consumer and what it belongs to
	ready      []*credentialQueue // wait for a slot; the first one is next
	queued     bool               // is among the admission's ready consumers
	queues     int                // with waiting calls, ready or not
}

// credentialQueue has the waiting calls of one consumer through one credential, in the order they
// came. All of them need the same.
type credentialQueue struct {
	consumer   *consumerQueue
	key        queueKey
	principals []quota.Principal
	limiter    *rateLimiter
	waiters    []*waiter
	parked     bool // waits for the limit, else for a slot
}

type queueKey struct {
	consumer quota.Principal // and credential
	limiter  *rateLimiter
}

// waiter is a call that waits.
type waiter struct {
	queue  *credentialQueue
	ready  chan struct{} // closed when permit is granted
	permit permit
}

// Package quota limits how much runs at once: in total, and for each principal,
// so that no caller can use up all of a server's capacity. It may import paycor.
package quota

import "sync"

// Quota is a concurrency limiter. It is safe for concurrent use.
type Quota struct {
	total int
	limit func(Principal) int

	mu    sync.Mutex
	inUse int
	usage map[Principal]*principalUsage // of the principals that have acquired a slot
}

// principalUsage counts the slots of one principal. Holders of a slot keep
// pointers to it, because looking a principal up costs more than the rest.
type principalUsage struct {
	principal Principal
	inUse     int
}

// New returns a quota of total slots. A principal may have up to limit of them.
func New(total int, limit func(Principal) int) *Quota {
	return &Quota{total: total, limit: limit, usage: map[Principal]*principalUsage{}}
}

// Acquire takes a slot and counts it against each of the principals, which must
// be distinct. The caller must call release once. It is nil if no slot is free
// or a principal is at its limit.
func (q *Quota) Acquire(principals ...Principal) (release func()) {
	usages := make([]*principalUsage, len(principals))
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.inUse >= q.total {
		return nil
	}
	for i, principal := range principals {
		usage := q.usage[principal]
		if usage == nil {
			usage = &principalUsage{principal: principal}
		}
		if usage.inUse >= q.limit(principal) {
			return nil
		}
		usages[i] = usage
	}
	q.inUse++
	for _, usage := range usages {
		if usage.inUse++; usage.inUse == 1 {
			q.usage[usage.principal] = usage
		}
	}
	return func() { q.release(usages) }
}

// Full reports whether no slot is free, or one of the principals is at its limit.
func (q *Quota) Full(principals ...Principal) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.inUse >= q.total {
		return true
	}
	for _, principal := range principals {
		if usage := q.usage[principal]; usage != nil && usage.inUse >= q.limit(principal) {
			return true
		}
	}
	return false
}

func (q *Quota) release(usages []*principalUsage) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.inUse--
	for _, usage := range usages {
		if usage.inUse--; usage.inUse == 0 {
			delete(q.usage, usage.principal)
		}
	}
}

// InUse returns how many slots are taken.
func (q *Quota) InUse() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.inUse
}

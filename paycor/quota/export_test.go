package quota

// Tracked returns how many principals hold a slot.
func (q *Quota) Tracked() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.usage)
}

// FairShares returns how many workspaces have a share.
func FairShares(f *Fair) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.workspaces)
}

// LimiterCount returns the number of principals that take memory.
func LimiterCount(r *Rate) int { return len(r.limiters) }

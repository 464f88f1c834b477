package quota

// Tracked returns how many principals hold a slot.
func (q *Quota) Tracked() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.usage)
}

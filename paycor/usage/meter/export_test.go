package meter

const (
	MaxBuckets = maxBuckets
	MaxDelay   = maxDelay
)

// Buckets returns how many buckets wait to be written.
func Buckets(m *Meter) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.open.buckets)
}

// Failures returns how many groups of failures wait to be written.
func Failures(m *Meter) (groups int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, of := range m.open.failures {
		groups += len(of)
	}
	return groups
}

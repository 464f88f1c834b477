package breaker

// Consumers returns how many consumers a breaker remembers.
func Consumers(b *Breaker) int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.consumers)
}

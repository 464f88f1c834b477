package paycor

// Known returns how many parties are remembered.
func (s *Shares) Known() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.by)
}

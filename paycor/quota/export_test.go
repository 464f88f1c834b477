package quota

// Known returns how many parties are remembered.
func (s *Quota) Known() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.by)
}

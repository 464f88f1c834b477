package schedule

// Inflight returns how many verifications run.
func (s *Scheduler) Inflight() int { return s.inflight.len() }

package schedule

import "time"

// Inflight returns how many verifications run.
func (s *Scheduler) Inflight() int { return s.inflight.len() }

// Passed exposes passed.
type Passed = passed

// From is from.
func (p passed) From(environments []string, now time.Time) time.Time {
	return p.from(environments, now)
}

// Set is set.
func (p passed) Set(environments []string, first, now time.Time) { p.set(environments, first, now) }

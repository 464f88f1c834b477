package schedule

import (
	"context"
	"time"
)

// progress is how far the schedule is behind.
type progress struct {
	lag      time.Duration // of the credential that is overdue for longest
	measured time.Time
	behind   bool // it was logged
}

// Lag returns for how long the credential has been overdue that is due first, to the
// minute; 0 if there is no schedule. Those of an environment that is unreachable do not
// count.
func (s *Scheduler) Lag() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.progress.measured.IsZero() {
		return 0
	}
	unmeasured := s.now().Sub(s.progress.measured) - 2*maxInterval // the scheduler is stuck
	return s.progress.lag + max(unmeasured, 0)
}

// measure records how long the credential that is due first has been overdue, and logs
// when the schedule falls behind and when it has caught up. A quarter of the interval is
// more than an outage of an hour leaves.
func (s *Scheduler) measure(ctx context.Context, first, now time.Time) {
	lag := time.Duration(0)
	if !first.IsZero() {
		lag = max(now.Sub(first), 0)
	}
	s.mu.Lock()
	was := s.progress.behind
	s.progress = progress{lag: lag, measured: now, behind: lag > s.config.Interval/4}
	behind := s.progress.behind
	s.mu.Unlock()
	switch {
	case behind && !was:
		s.config.Logger.WarnContext(ctx, "scheduled verification is behind: some credentials are verified late",
			"overdue", lag.Round(time.Second).String(), "interval", s.config.Interval.String(), "credentials", s.count)
	case was && !behind:
		s.config.Logger.InfoContext(ctx, "scheduled verification has caught up")
	}
}

package doctor

import (
	"context"
	"slices"
	"sync"
	"time"

	"paycorcred/paycor/health"
)

const (
	// monitorDelay is when a Monitor first runs the checks without being asked.
	monitorDelay = time.Minute

	// cheapTimeout is how long a report waits for cheap checks. They take milliseconds.
	cheapTimeout = time.Second

	// maxShare limits what checks cost: they rest for this many times as long as they took.
	maxShare = 50
)

// Monitor runs checks in the background and keeps what they found, so that a report costs
// nothing. It is safe for concurrent use.
type Monitor struct {
	ctx    context.Context
	clock  func() time.Time
	groups []*monitored
	tasks  sync.WaitGroup
}

// monitored is a group of checks with its latest findings.
type monitored struct {
	Group

	mu       sync.Mutex
	findings []health.Finding
	ended    time.Time     // when the latest findings were complete; zero without any
	took     time.Duration // how long that took
	running  chan struct{} // closed at the end of the checks; nil if none run
}

// NewMonitor returns a monitor of groups of checks. They stop with ctx.
func NewMonitor(ctx context.Context, clock func() time.Time, groups ...Group) *Monitor {
	m := &Monitor{ctx: ctx, clock: clock}
	for _, group := range groups {
		m.groups = append(m.groups, &monitored{Group: group})
	}
	return m
}

// Run renews the findings at each group's interval until the monitor's context ends, and
// returns when no check runs.
func (m *Monitor) Run() {
	for _, group := range m.groups {
		m.tasks.Go(func() {
			for wait := monitorDelay; ; wait = group.Interval {
				select {
				case <-m.ctx.Done():
					return
				case <-time.After(wait):
					m.start(group)
				}
			}
		})
	}
	m.tasks.Wait()
}

// Report returns the latest findings, and starts the checks whose findings are old. It
// waits for the cheap ones only.
func (m *Monitor) Report(ctx context.Context) health.Report {
	moment, cancel := context.WithTimeout(ctx, cheapTimeout)
	defer cancel()
	running := false
	for _, group := range m.groups {
		done := m.start(group)
		if group.Cheap {
			select {
			case <-done:
			case <-moment.Done():
			}
		}
		select {
		case <-done:
		default:
			running = true
		}
	}
	report := health.NewReport(m.Findings())
	report.Running = running
	return report
}

// Findings returns the latest findings without renewing any.
func (m *Monitor) Findings() []health.Finding {
	var findings []health.Finding
	for _, group := range m.groups {
		findings = append(findings, group.latest()...)
	}
	return findings
}

// start starts the checks of a group, unless they run or their findings are young. The
// channel it returns is closed when there is nothing to wait for.
func (m *Monitor) start(group *monitored) <-chan struct{} {
	group.mu.Lock()
	defer group.mu.Unlock()
	if group.running != nil {
		return group.running
	}
	done := make(chan struct{})
	if !group.ended.IsZero() && m.clock().Sub(group.ended).Abs() < max(group.MinAge, maxShare*group.took) || m.ctx.Err() != nil {
		close(done)
		return done
	}
	group.running = done
	m.tasks.Go(func() {
		started := m.clock()
		found := group.examine(m.ctx, m.clock)
		group.mu.Lock()
		defer group.mu.Unlock()
		if m.ctx.Err() == nil { // else the checks failed because the server stops
			group.findings, group.ended = found, m.clock()
			group.took = group.ended.Sub(started)
		}
		group.running = nil
		close(done)
	})
	return done
}

func (g *monitored) latest() []health.Finding {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.findings)
}

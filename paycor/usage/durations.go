package usage

import "time"

// durationBounds are the upper bounds of Durations. Longer calls are counted last.
var durationBounds = [...]time.Duration{
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// Durations counts calls that Paycor answered by how long they took, as a histogram: each
// count is of the calls above the previous bound and up to its own.
type Durations [len(durationBounds) + 1]int64

// Count counts a call.
func (d *Durations) Count(took time.Duration) {
	for i, bound := range durationBounds {
		if took <= bound {
			d[i]++
			return
		}
	}
	d[len(durationBounds)]++
}

// Add adds the other's counts.
func (d *Durations) Add(other Durations) {
	for i, n := range other {
		d[i] += n
	}
}

// P95 returns the duration in milliseconds within which 95 of 100 calls were answered, or
// 0 if none was counted. It is interpolated between two bounds, as Prometheus does, and
// not above the last one.
func (d Durations) P95() int64 {
	var total int64
	for _, n := range d {
		total += n
	}
	if total == 0 {
		return 0
	}
	rank := float64(total) * 0.95
	var below time.Duration
	for i, bound := range durationBounds {
		if n := float64(d[i]); rank <= n {
			return max(1, (below + time.Duration(float64(bound-below)*rank/n)).Milliseconds())
		}
		rank -= float64(d[i])
		below = bound
	}
	return below.Milliseconds()
}

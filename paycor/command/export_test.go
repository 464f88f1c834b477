package command

import "time"

// DrainFor changes how long a stopping server waits, and returns the way back.
func DrainFor(long time.Duration) (back func()) {
	before := drainTime
	drainTime = long
	return func() { drainTime = before }
}

package clock_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/clock"
	"paycorcred/paycor/testkit"
)

const year = 365 * 24 * time.Hour

// Each jump of the system clock is logged once, in both directions.
func TestJumpsAreLoggedOnce(t *testing.T) {
	t.Parallel()
	var log testkit.Log
	wall, elapsed := testkit.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), time.Duration(0)
	retention := clock.NewRetention(wall.Now, func() time.Duration { return elapsed }, slog.New(slog.NewTextHandler(&log, nil)))
	run := func(d time.Duration) {
		for range 20 {
			elapsed += d / 20
			wall.Pass(d / 20)
			retention.Now()
		}
	}
	run(time.Hour)
	wall.Pass(time.Minute) // clocks are corrected all the time
	run(time.Hour)
	assert.Empty(t, log.String())

	wall.Pass(year)
	run(time.Hour)
	assert.Equal(t, 1, strings.Count(log.String(), "level=WARN"), log.String())
	assert.Contains(t, log.Take(), "ahead=8760h0m0s")
	wall.Pass(-year)
	run(time.Hour)
	assert.Equal(t, 1, strings.Count(log.String(), "level=WARN"), log.String())
	assert.Contains(t, log.Take(), "back=8760h0m0s")
}

func TestAhead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	assert.True(t, clock.Ahead(now.Add(year), now))
	assert.False(t, clock.Ahead(now.Add(time.Minute), now), "clocks of two machines differ")
	assert.False(t, clock.Ahead(now.Add(-year), now))
}

// Seconds pass as for timers, and 0 is long ago.
func TestSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		before := clock.Seconds()
		time.Sleep(30 * time.Second)
		assert.EqualValues(t, 30, clock.Seconds()-before)
	})
	assert.Greater(t, clock.Seconds(), int64(time.Hour/time.Second), "0 is long ago")
}

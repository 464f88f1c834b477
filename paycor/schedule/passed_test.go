package schedule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/schedule"
)

// Where nothing of an environment was due is not looked through again, unless the
// environments are others or the clock was set back.
func TestPassed(t *testing.T) {
	t.Parallel()
	passed := schedule.Passed{}
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	both, one := []string{"production", "sandbox"}, []string{"sandbox"}
	assert.Zero(t, passed.From(one, now), "nothing is known")

	passed.Set(one, now.Add(-time.Hour), now)
	assert.Equal(t, now.Add(-time.Hour), passed.From(one, now))
	assert.Zero(t, passed.From(both, now))
	passed.Set(both, now.Add(-2*time.Hour), now)
	assert.Equal(t, now.Add(-time.Hour), passed.From(one, now), "an outage that begins and ends forgets nothing")
	for _, first := range []time.Time{{}, now.Add(time.Hour), now} { // nothing, or later
		passed.Set(one, first, now)
		assert.Equal(t, now.Add(-time.Minute), passed.From(one, now.Add(time.Hour)), "what is due now may not be committed yet")
	}
	assert.Zero(t, passed.From(one, now.Add(-2*time.Minute)), "the clock was set back")
}

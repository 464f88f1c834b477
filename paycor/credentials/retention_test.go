package credentials_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/testkit/env"
)

// machine is a machine whose system clock may jump.
type machine struct {
	*env.Environment
	elapsed time.Duration
	id      string
}

// newMachine returns a machine that has just replaced a secret, which is kept for
// a day.
func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{}
	m.Environment = env.New(t, func(c *backend.Config) { c.Elapsed = func() time.Duration { return m.elapsed } })
	m.id = env.Create(t, m.As(env.Administrator())).ID
	_, err := m.As(env.Administrator()).Update(t.Context(), m.id, secretPatch(newSecret), paycor.UpdateOptions{})
	require.NoError(t, err)
	require.True(t, m.keeps(t))
	return m
}

// runs lets time pass, during which the server does its work.
func (m *machine) runs(t *testing.T, duration time.Duration) {
	t.Helper()
	for step := 10 * time.Minute; duration > 0; duration -= step {
		m.elapsed += step
		m.Clock.Pass(step)
		require.NoError(t, m.DiscardExpiredSecrets(t.Context()))
	}
}

func (m *machine) keeps(t *testing.T) bool {
	t.Helper()
	_, kept := env.Secrets(t, m.Store, m.id)[fields.ClientSecretPrevious]
	return kept
}

func TestKeptSecretIsDeletedOnTime(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.runs(t, 24*time.Hour-10*time.Minute)
	assert.True(t, m.keeps(t))
	m.runs(t, 10*time.Minute)
	assert.False(t, m.keeps(t))
}

// A system clock that jumps a year ahead does not delete a kept secret, at
// least for half of the promised time.
func TestJumpingClockDeletesNoKeptSecret(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.runs(t, time.Hour)
	m.Clock.Pass(365 * 24 * time.Hour)
	m.runs(t, 11*time.Hour)
	assert.True(t, m.keeps(t))
	m.Clock.Pass(-365 * 24 * time.Hour) // the clock is set right
	m.runs(t, 11*time.Hour)
	assert.True(t, m.keeps(t))
	m.runs(t, 2*time.Hour)
	assert.False(t, m.keeps(t), "the promise holds again")
}

// A machine that slept for long catches up instead of keeping secrets for ever.
func TestSleepingMachineCatchesUp(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.runs(t, time.Hour)
	m.Clock.Pass(30 * 24 * time.Hour)
	m.runs(t, 12*time.Hour)
	assert.False(t, m.keeps(t))
}

// A machine that starts with a wrong clock gets it right a moment later.
func TestWrongClockAtStartDeletesNoKeptSecret(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.Clock.Pass(365 * 24 * time.Hour)
	restarted := m.NewBackend(t, m.Store, func(c *backend.Config) { c.Elapsed = func() time.Duration { return m.elapsed } })
	require.NoError(t, restarted.DiscardExpiredSecrets(t.Context()))
	assert.True(t, m.keeps(t))
	m.Clock.Pass(-365 * 24 * time.Hour)
	m.elapsed += 20 * time.Minute
	require.NoError(t, restarted.DiscardExpiredSecrets(t.Context()))
	assert.True(t, m.keeps(t))
	m.Clock.Pass(25 * time.Hour)
	m.elapsed += 25 * time.Hour
	require.NoError(t, restarted.DiscardExpiredSecrets(t.Context()))
	assert.False(t, m.keeps(t))
}

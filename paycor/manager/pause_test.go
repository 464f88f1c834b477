package manager_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/apim"
	"paycorcred/paycor/manager"
	"paycorcred/paycor/oauth"
)

func TestUsageTellsWhetherCallsArePaused(t *testing.T) {
	b := newBench(t)
	saved := create(t, b.As(everyRight())) // in production
	soon := b.clock.Now().Add(7 * time.Second)
	tests := map[string]struct {
		breakers []paycor.Breaker
		until    time.Time
	}{
		"nothing was called":     {nil, time.Time{}},
		"closed":                 {[]paycor.Breaker{{Environment: "production", State: paycor.BreakerClosed}}, time.Time{}},
		"a few calls try it":     {[]paycor.Breaker{{Environment: "production", State: paycor.BreakerHalfOpen}}, time.Time{}},
		"open":                   {[]paycor.Breaker{{Environment: "production", State: paycor.BreakerOpen, Until: soon}}, soon},
		"another one's":          {[]paycor.Breaker{{Environment: "sandbox", State: paycor.BreakerOpen, Until: soon}}, time.Time{}},
		"one of several is open": {[]paycor.Breaker{{Environment: "sandbox"}, {Environment: "production", State: paycor.BreakerOpen, Until: soon}}, soon},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m, err := manager.New(manager.Config{
				LastFlush: patience, Store: b.store, Ask: b.paycor.ask, Exchange: oauth.New(apim.New(apim.Config{})), Clock: b.clock.Now,
				Breakers: func() []paycor.Breaker { return test.breakers },
			})
			require.NoError(t, err)
			usage, err := m.As(everyRight()).Usage(t.Context(), saved.ID)
			require.NoError(t, err)
			assert.Equal(t, test.until, usage.PausedUntil)
		})
	}
}

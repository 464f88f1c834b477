package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/usage"
)

func TestPausedCallsAreShown(t *testing.T) {
	tests := map[string]struct {
		until time.Time
		want  string // empty if nothing is shown
	}{
		"not paused":        {time.Time{}, ""},
		"for seven seconds": {noon.Add(7 * time.Second), say("paused.words.other", "7")},
		"nearly over":       {noon.Add(time.Millisecond), say("paused.words.one")},
		"over":              {noon, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			start := startOwn(sample("id1", "One"))
			start.Usage = &usage.Usage{Hours: usage.LastHours(noon), PausedUntil: test.until}
			p, _, _ := newTestPage(start)
			text := render(t, p).Text()
			if test.want == "" {
				assert.NotContains(t, text, "paused")
				return
			}
			assert.Contains(t, text, say("paused"))
			assert.Contains(t, text, test.want)
		})
	}
}

func TestThePageRefreshesAfterACooldown(t *testing.T) {
	start := startOwn(sample("id1", "One"))
	start.Usage = &usage.Usage{Hours: usage.LastHours(noon), PausedUntil: noon.Add(-time.Second)}
	p, service, _ := newTestPage(start)
	service.uses = &usage.Usage{Hours: usage.LastHours(noon), PausedUntil: noon.Add(9 * time.Second)} // it failed again
	p.detail.cooldown().update()
	assert.Equal(t, 9*time.Second, p.detail.cooldown().left())
	service.uses = nil
	p.detail.cooldown().update()
	assert.Equal(t, 9*time.Second, p.detail.cooldown().left(), "it is not asked again before the cooldown is over")
}

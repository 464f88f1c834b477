//go:build !js

package locale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
)

func TestFormatTime(t *testing.T) {
	at := time.Date(2026, time.November, 28, 15, 4, 5, 0, time.FixedZone("", 3600))
	es, ok := locale.ByTag("es")
	require.True(t, ok)
	for style, want := range map[locale.Style][2]string{
		locale.Date:        {"Nov 28, 2026", "28 nov 2026"},
		locale.CalendarDay: {"Nov 28, 2026", "28 nov 2026"},
		locale.DateTime:    {"Nov 28, 2026, 2:04 PM UTC", "28 nov 2026, 14:04 UTC"},
		locale.Timestamp:   {"Nov 28, 2026, 2:04:05 PM UTC", "28 nov 2026, 14:04:05 UTC"},
		locale.ShortTime:   {"Nov 28, 2:04 PM UTC", "28 nov, 14:04 UTC"},
		locale.Clock:       {"2:04 PM UTC", "14:04 UTC"},
		locale.MonthDay:    {"Nov 28", "28 nov"},
	} {
		assert.Equal(t, want[0], locale.English.FormatTime(at, style))
		assert.Equal(t, want[1], es.FormatTime(at, style))
	}
	assert.Equal(t, "2026-11-28 14:04:05 UTC", locale.UTC(at))
}

package locale

import "time"

// Style is how much of a time is written.
type Style int

// Styles, by example in US English.
const (
	Date        Style = iota // Nov 28, 2026
	CalendarDay              // Nov 28, 2026: a day of the calendar, whatever the time zone
	DateTime                 // Nov 28, 2026, 10:04 AM EST
	Timestamp                // Nov 28, 2026, 10:04:05 AM EST
	ShortTime                // Nov 28, 10:04 AM
	Clock                    // 10:04 AM
	MonthDay                 // Nov 28
)

// UTC writes the exact time, the same in every language: 2026-11-28 15:04:05 UTC.
func UTC(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

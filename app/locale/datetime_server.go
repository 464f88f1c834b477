//go:build !js

package locale

import (
	"strconv"
	"time"
)

var spanishMonths = [...]string{"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"}

// FormatTime writes a time in the catalogue's language. A server does not know
// the reader's time zone, so it writes UTC and says so; the browser's program
// replaces it with local time.
func (c *Catalogue) FormatTime(at time.Time, style Style) string {
	at = at.UTC()
	if c.tag == "es" {
		return spanishTime(at, style)
	}
	layouts := map[Style]string{
		Date: "Jan 2, 2006", CalendarDay: "Jan 2, 2006", DateTime: "Jan 2, 2006, 3:04 PM UTC",
		Timestamp: "Jan 2, 2006, 3:04:05 PM UTC", ShortTime: "Jan 2, 3:04 PM UTC", Clock: "3:04 PM UTC", MonthDay: "Jan 2",
	}
	return at.Format(layouts[style])
}

func spanishTime(at time.Time, style Style) string {
	month := strconv.Itoa(at.Day()) + " " + spanishMonths[at.Month()-1]
	day := month + " " + strconv.Itoa(at.Year())
	switch style {
	case Clock:
		return at.Format("15:04 UTC")
	case MonthDay:
		return month
	case ShortTime:
		return month + at.Format(", 15:04 UTC")
	case DateTime:
		return day + at.Format(", 15:04 UTC")
	case Timestamp:
		return day + at.Format(", 15:04:05 UTC")
	}
	return day
}

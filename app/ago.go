package app

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
)

// ago says how long before now a moment was.
func ago(then, now time.Time) string {
	passed := now.Sub(then)
	switch {
	case passed < time.Minute:
		return say("ago.now")
	case passed < time.Hour:
		return count(int(passed/time.Minute), "ago.minutes")
	case passed < 24*time.Hour:
		return count(int(passed/time.Hour), "ago.hours")
	case passed < 30*24*time.Hour:
		return count(int(passed/(24*time.Hour)), "ago.days")
	}
	return day(then)
}

// day writes a date out.
func day(then time.Time) string { return then.UTC().Format("2 January 2006") }

// dayAndTime writes a date out with the time of the day.
func dayAndTime(then time.Time) string { return then.UTC().Format("2 January 2006, 15:04 UTC") }

// clock writes a time of the day, with the day where it is not today's.
func clock(then, now time.Time, layout string) string {
	then, now = then.UTC(), now.UTC()
	layout += " UTC"
	if then.YearDay() != now.YearDay() || then.Year() != now.Year() {
		layout = "2 Jan 2006, " + layout
	}
	return then.Format(layout)
}

// moment is a time in words, with the exact time for whoever asks.
func moment(words string, then time.Time) goapp.UI {
	then = then.UTC()
	return dom.El("time", dom.Attr("datetime", then.Format(time.RFC3339)), dom.Attr("title", then.Format("2 January 2006, 15:04:05 UTC")), words)
}

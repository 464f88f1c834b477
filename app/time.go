package app

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
)

// relative says how long before now a time was, or "" for more than a month.
func (w words) relative(then, now time.Time) string {
	switch passed := now.Sub(then); {
	case passed < time.Minute:
		return w.say("ago.now")
	case passed < time.Hour:
		return w.count(int(passed/time.Minute), "ago.minutes")
	case passed < 24*time.Hour:
		return w.count(int(passed/time.Hour), "ago.hours")
	case passed < 30*24*time.Hour:
		return w.count(int(passed/(24*time.Hour)), "ago.days")
	}
	return ""
}

// relativeText is relative, or the date for more than a month. Use it where the
// exact time is nearby.
func (w words) relativeText(then, now time.Time) string {
	if ago := w.relative(then, now); ago != "" {
		return ago
	}
	return w.formatTime(then, locale.Date)
}

// timeText writes a past time, followed by how long ago that was.
func (w words) timeText(then, now time.Time) string {
	if ago := w.relative(then, now); ago != "" {
		return w.say("ago.at", w.formatTime(then, locale.ShortTime), ago)
	}
	return w.formatTime(then, locale.Date)
}

// timestampText writes a past time to the second, followed by how long ago that
// was.
func (w words) timestampText(then, now time.Time) string {
	text := w.formatTime(then, locale.Timestamp)
	if ago := w.relative(then, now); ago != "" {
		return w.say("ago.at", text, ago)
	}
	return text
}

// clockText writes a time of today, or of another day with that day.
func (w words) clockText(at, now time.Time) string {
	clock, day := w.formatTime(at, locale.Clock), w.formatTime(at, locale.MonthDay)
	if day == w.formatTime(now, locale.MonthDay) {
		return clock
	}
	return w.say("clock.day", clock, day)
}

func (w words) formatTime(at time.Time, style locale.Style) string {
	return w.catalogue.FormatTime(at, style)
}

// pastTime is a past time in words. Hovering it shows the exact time.
func (w words) pastTime(then, now time.Time) goapp.UI {
	return timeElement(w.timeText(then, now), then)
}

// exactTime is a time in one of the styles.
func (w words) exactTime(at time.Time, style locale.Style) goapp.UI {
	return timeElement(w.formatTime(at, style), at)
}

// timeElement gives words about a time the exact time, for programs and for
// hovering.
func timeElement(text string, at time.Time) goapp.UI {
	return dom.El("time", dom.Attr("datetime", at.UTC().Format(time.RFC3339)), dom.Attr("title", locale.UTC(at)), text)
}

package paycor

import (
	"time"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Day is a date as JSON and date inputs write it, "2026-12-31". Empty means none.
type Day string

const dayLayout = time.DateOnly

// Time returns the start of the day in UTC. ok is false if the text is empty or not a
// date.
func (d Day) Time() (at time.Time, ok bool) {
	at, err := time.Parse(dayLayout, string(d))
	return at, err == nil
}

// DayOf returns the day of a time in UTC.
func DayOf(at time.Time) Day { return Day(at.UTC().Format(dayLayout)) }

// problem returns what is wrong with a "rotate by" date.
func (d Day) problem() (fields.Problem, bool) {
	if d == "" {
		return fields.Problem{}, false
	}
	at, ok := d.Time()
	if !ok || at.Year() < 2000 {
		return fields.Problem{Field: fields.RotateBy, Code: fields.ProblemNotDate, Message: message.New("problem.not-date")}, true
	}
	return fields.Problem{}, false
}

// reminderDays is how many days before a rotation is due the reminder starts.
const reminderDays = 14

// RotationDue returns how many days are left until the secrets are to be rotated,
// negative after the date. remind is false if the date is far off or not set.
func (c Credential) RotationDue(now time.Time) (days int, remind bool) {
	by, ok := c.RotateBy.Time()
	if !ok {
		return 0, false
	}
	today, _ := DayOf(now).Time()
	days = int(by.Sub(today) / (24 * time.Hour))
	return days, days <= reminderDays
}

package app

import (
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor"
)

// reminder says when to rotate the secrets, once that date is near, and "" before.
func reminder(w words, credential paycor.Credential, now time.Time) string {
	days, remind := credential.RotationDue(now)
	by, _ := credential.RotateBy.Time()
	switch {
	case !remind:
		return ""
	case days < 0:
		return w.say("rotate.overdue", w.formatTime(by, locale.CalendarDay))
	case days == 0:
		return w.say("rotate.today")
	case days == 1:
		return w.say("rotate.tomorrow")
	}
	return w.say("rotate.due", w.formatTime(by, locale.CalendarDay), days)
}

// renderReminder renders the reminder of a tile or a detail page.
func renderReminder(w words, credential paycor.Credential, now time.Time) any {
	text := reminder(w, credential, now)
	if text == "" {
		return nil
	}
	style := "odd"
	if days, _ := credential.RotationDue(now); days < 0 {
		style = "late"
	}
	return reminderLine(style, text)
}

// reminderLine renders a reminder. look is "odd" while there is time, and "late".
func reminderLine(style, text string) goapp.UI {
	return dom.El("span", dom.Class("reminder", style), dom.Icon("warned"), dom.El("span", text))
}

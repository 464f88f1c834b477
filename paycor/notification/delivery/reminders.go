package delivery

import (
	"context"
	"fmt"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/health"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
)

// reminderDays are how many days before a date something is told, from the last to the
// first.
var reminderDays = []int{0, 3, 14}

// reminderBatch is how many dates one transaction looks at.
const reminderBatch = 500

// Remind stores events about dates that are near, and about what the checks of the server
// found. Each is told once for each of the days, and what is wrong with the server once a
// day.
func (w *Worker) Remind(ctx context.Context, findings []health.Finding) error {
	now := w.now()
	if err := w.put(ctx, findingEvents(findings, now)); err != nil {
		return err
	}
	var after notification.Event
	for {
		var found []notification.Event
		err := w.config.Store.View(ctx, func(r store.NotificationReader) (err error) {
			found, err = r.Reminders(now, now.AddDate(0, 0, reminderDays[len(reminderDays)-1]), after, reminderBatch)
			return err
		})
		if err != nil || len(found) == 0 {
			return err
		}
		after = found[len(found)-1]
		events := make([]notification.Event, len(found))
		for i, event := range found {
			events[i] = reminder(event, now)
		}
		if err := w.put(ctx, events); err != nil {
			return err
		}
	}
}

// put stores events that were not stored before.
func (w *Worker) put(ctx context.Context, events []notification.Event) error {
	if len(events) == 0 {
		return nil
	}
	return w.config.Store.Update(ctx, func(tx Tx) error {
		for _, event := range events {
			if err := tx.PutEvent(event); err != nil {
				return err
			}
		}
		return nil
	})
}

// reminder returns the event about a date, with the key of the first of reminderDays that
// has come.
func reminder(event notification.Event, now time.Time) notification.Event {
	date := event.At
	event.Days = max(0, int(date.Truncate(24*time.Hour).Sub(now.Truncate(24*time.Hour))/(24*time.Hour)))
	threshold := reminderDays[len(reminderDays)-1]
	for _, days := range reminderDays {
		if event.Days <= days {
			threshold = days
			break
		}
	}
	event.Key = fmt.Sprintf("%s:%s:%s:%d", event.Kind, event.Subject, date.Format(time.DateOnly), threshold)
	event.At, event.DueAt = now, notification.Due(now, 0)
	return event
}

// findingKinds are the kinds of the checks that are told.
var findingKinds = map[string]notification.Kind{
	"audit": notification.KindAuditBroken, "backup": notification.KindBackupBehind, "schedule": notification.KindScheduleBehind,
	"certificate": notification.KindCertificate,
}

// findingEvents returns the events about the checks of the server.
func findingEvents(findings []health.Finding, now time.Time) (events []notification.Event) {
	for _, finding := range findings {
		kind, ok := findingKinds[finding.Check]
		if !ok || finding.Status == health.OK || kind == notification.KindBackupBehind && finding.Status != health.Problem {
			continue
		}
		events = append(events, notification.Event{
			Workspace: paycor.DefaultWorkspace, Kind: kind, Key: string(kind) + ":" + now.Format(time.DateOnly), At: now, DueAt: notification.Due(now, 0),
		})
	}
	return events
}

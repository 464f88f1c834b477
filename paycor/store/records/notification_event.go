package records

import (
	"crypto/rand"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// hasChannels reports whether what happens in a workspace is told.
func (t *Transaction) hasChannels(workspace string) (found bool, err error) {
	err = t.Row(`SELECT EXISTS (SELECT 1 FROM notification_channels WHERE workspace = ? AND disabled_at = '')`, []any{workspace}, &found)
	return found, err
}

func (t notificationTx) PutEvent(event notification.Event) error {
	found, err := t.hasChannels(event.Workspace)
	if err != nil || !found {
		return err
	}
	return t.putEvent(event, "")
}

// putEvent stores an event once. told is the state of the credential that was told before.
func (t *Transaction) putEvent(event notification.Event, told paycor.State) error {
	const query = `INSERT INTO notification_events (id, workspace, kind, subject, name, tags, days, event_key, told_state, at, due_at, told_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT DO NOTHING`
	return t.Queue(query, "evt_"+rand.Text(), event.Workspace, string(event.Kind), event.Subject, event.Name, jsonList(event.Tags), event.Days,
		event.Key, string(told), Timestamp(event.At), Timestamp(event.DueAt))
}

// watchedCredential is a credential before an update.
type watchedCredential struct {
	state     paycor.State
	accepted  bool // Paycor accepted it once
	hasAccess paycor.Credential
}

// watch returns what a credential is before an update, or nil if the change is not told.
func (t *Transaction) watch(workspace, id string) (*watchedCredential, error) {
	found, err := t.hasChannels(workspace)
	if err != nil || !found {
		return nil, err
	}
	var verdict, settled JSON[verdicts.Verdict]
	var accepted Timestamp
	const query = `SELECT verdict, settled, verified_at FROM credentials WHERE workspace = ? AND id = ?`
	if err := t.Row(query, []any{workspace, id}, Lenient{&verdict}, Lenient{&settled}, Lenient{&accepted}); err != nil {
		return nil, err
	}
	return &watchedCredential{
		state:     paycor.StateOf(verdict.value, settled.value),
		accepted:  !time.Time(accepted).IsZero(),
		hasAccess: paycor.Credential{LastConclusive: settled.value},
	}, nil
}

// tellChange stores the events of an update of a credential.
func (t *Transaction) tellChange(workspace string, before *watchedCredential, c paycor.Credential) error {
	if before == nil {
		return nil
	}
	event := notification.Event{Workspace: workspace, Subject: c.ID, Name: c.Name, Tags: c.Tags.List(), At: c.UpdatedAt}
	if c.Verdict != nil {
		event.At = c.Verdict.CheckedAt
	}
	if notification.LostAccess(before.hasAccess, c) {
		if err := t.tellLostAccess(event); err != nil {
			return err
		}
	}
	if now := stateOf(c); now != before.state && now != paycor.StateNotVerified {
		return t.tellState(event, before, now)
	}
	return nil
}

// tellLostAccess stores an event unless there was one lately.
func (t *Transaction) tellLostAccess(event notification.Event) error {
	event.Kind = notification.KindAccessLost
	told, err := t.toldSince(event, event.At.Add(-notification.FlapWindow), `AND kind = 'credential.access_lost'`)
	if err != nil || told > 0 {
		return err
	}
	event.DueAt = notification.Due(event.At, notification.Settling)
	return t.putEvent(event, "")
}

// toldSince counts the events of a subject that were told after a time, or wait.
func (t *Transaction) toldSince(event notification.Event, since time.Time, where string) (count int, err error) {
	query := `SELECT count(*) FROM notification_events WHERE workspace = ? AND subject = ? AND (told_at > ? OR due_at <> '') ` + where
	err = t.Row(query, []any{event.Workspace, event.Subject, Timestamp(since)}, &count)
	return count, err
}

// tellState stores what to tell of a credential that changed its state. An event that
// waits for the state to settle is replaced, or deleted if the state that was told is back.
func (t *Transaction) tellState(event notification.Event, before *watchedCredential, now paycor.State) error {
	told, err := t.toldState(event, before.state)
	if err != nil {
		return err
	}
	const remove = `DELETE FROM notification_events WHERE workspace = ? AND subject = ? AND due_at <> '' AND told_state <> ''`
	if err := t.Queue(remove, event.Workspace, event.Subject); err != nil {
		return err
	}
	event.Kind = notification.KindOfState(told, now, before.accepted)
	if event.Kind == "" {
		return nil
	}
	count, err := t.toldSince(event, event.At.Add(-notification.FlapWindow), `AND told_state <> ''`)
	if err != nil {
		return err
	}
	event.DueAt = notification.Due(event.At, notification.SettlingOf(event.Kind, count))
	return t.putEvent(event, told)
}

// toldState returns the state of a credential that was told last: that before an event
// that waits, else that of the last event, else the present one.
func (t *Transaction) toldState(event notification.Event, present paycor.State) (paycor.State, error) {
	var kind notification.Kind
	var before paycor.State
	var due string
	const query = `SELECT kind, told_state, due_at FROM notification_events
		WHERE workspace = ? AND subject = ? AND told_state <> '' ORDER BY at DESC, id LIMIT 1`
	err := t.Row(query, []any{event.Workspace, event.Subject}, &kind, &before, &due)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return present, nil
	case err != nil:
		return "", err
	case due != "":
		return before, nil
	case present == paycor.StateNotVerified: // its values were edited since
		return kind.State(), nil
	}
	return present, nil
}

// forgetEvents deletes the events of a deleted credential that were not told yet.
func (t *Transaction) forgetEvents(workspace, credential string) error {
	return t.Queue(`DELETE FROM notification_events WHERE workspace = ? AND subject = ? AND due_at <> ''`, workspace, credential)
}

// tellAdministrator stores that a person or a program has the right admin. It is known
// from then on, whether it is told or not.
func (t *Transaction) tellAdministrator(workspace, id string, rights paycor.Rights, at time.Time) error {
	if !rights.Has(paycor.RightAdmin) {
		return nil
	}
	event := notification.Event{Workspace: workspace, Kind: notification.KindAdministrator, Key: "administrator:" + id, At: at}
	found, err := t.hasChannels(workspace)
	if found {
		event.DueAt = notification.Due(at, 0)
	}
	if err != nil {
		return err
	}
	return t.putEvent(event, "")
}

// tellEntry stores the event that an audit entry tells, if there is one.
func (t *Transaction) tellEntry(entry audit.Entry) error {
	switch entry.Action {
	case audit.ActionHostAdd, audit.ActionHostUpdate, audit.ActionHostRemove, audit.ActionTenantAdd, audit.ActionTenantRemove:
	default:
		return nil
	}
	if entry.Outcome != "done" {
		return nil
	}
	site := audit.SiteOf(entry)
	return notificationTx{t}.PutEvent(notification.Event{
		Workspace: entry.Workspace, Kind: notification.KindSiteChanged, Subject: site, Name: site,
		At: entry.At, DueAt: notification.Due(entry.At, 0),
	})
}

func scanEvent(scan Scan) (notification.Event, error) {
	var e notification.Event
	var tags JSON[[]string]
	var at, due Timestamp
	err := scan(&e.Workspace, &e.Kind, &e.Subject, &e.Name, Lenient{&tags}, &e.Days, &e.Key, Lenient{&at}, Lenient{&due})
	e.Tags, e.At, e.DueAt = tags.OrZero(), time.Time(at), time.Time(due)
	return e, err
}

func (t notificationTx) TakeDueEvents(now time.Time, limit int) ([]notification.Event, error) {
	var ids []string
	const query = `SELECT id, coalesce((SELECT application FROM credentials c WHERE c.workspace = e.workspace AND c.id = e.subject), ''),
		workspace, kind, subject, name, tags, days, event_key, at, due_at FROM notification_events e
		WHERE due_at <> '' AND due_at <= ? ORDER BY due_at, workspace, kind, at, id LIMIT ?`
	events, err := List(t.Transaction, func(scan Scan) (notification.Event, error) {
		var id, application string
		event, err := scanEvent(func(destinations ...any) error { return scan(append([]any{&id, &application}, destinations...)...) })
		event.Application = application
		ids = append(ids, id)
		return event, err
	}, query, Timestamp(now), limit)
	if err != nil || len(ids) == 0 {
		return events, err
	}
	err = t.Queue(`UPDATE notification_events SET due_at = '', told_at = ? WHERE id IN (SELECT value FROM json_each(?))`, Timestamp(now), jsonOf(&ids))
	return events, err
}

// selectReminders has the columns of scanEvent. Days sort as texts.
const selectReminders = `SELECT workspace, kind, subject, name, tags, 0, '', date, '' FROM (
		SELECT c.workspace AS workspace, 'credential.rotation_due' AS kind, c.id AS subject, c.name AS name, c.tags AS tags, a.rotate_by AS date
			FROM applications a JOIN credentials c ON c.workspace = a.workspace AND c.application = a.id
			WHERE a.rotate_by <> '' AND a.rotate_by <= ?2
		UNION ALL
		SELECT workspace, 'token.expiring', id, name, '', expires_at FROM tokens
			WHERE revoked_at = '' AND expires_at > ?1 AND expires_at <= ?3
	) r
	WHERE (workspace, kind, subject) > (?4, ?5, ?6)
		AND EXISTS (SELECT 1 FROM notification_channels n WHERE n.workspace = r.workspace AND n.disabled_at = '')
	ORDER BY workspace, kind, subject LIMIT ?7`

func (t notificationTx) Reminders(now, until time.Time, after notification.Event, limit int) ([]notification.Event, error) {
	return List(t.Transaction, func(scan Scan) (notification.Event, error) {
		var e notification.Event
		var tags paycor.Tags
		var date, none string
		err := scan(&e.Workspace, &e.Kind, &e.Subject, &e.Name, &tags, &e.Days, &e.Key, &date, &none)
		if err != nil {
			return e, err
		}
		if e.Kind == notification.KindRotationDue {
			e.Tags = tags.List()
			e.At, err = time.Parse(time.DateOnly, date)
		} else {
			e.At, err = time.Parse(timestampLayout, date)
		}
		return e, err
	}, selectReminders, Timestamp(now), until.UTC().Format(time.DateOnly), Timestamp(until), after.Workspace, string(after.Kind), after.Subject, limit)
}

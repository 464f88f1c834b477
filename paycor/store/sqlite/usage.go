package sqlite

import (
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
	"time"
)

const (
	// keptFailures is how many groups of failed uses of a credential are kept.
	maxFailureGroups = 20

	// quietFailures is how long none may have come for a group to begin anew.
	failureGroupAge = 24 * time.Hour
)

// AddUsage adds a tally.
func (t *tx) AddUsage(tally store.UsageBucket) error {
	const minutes = `INSERT INTO use_minutes (workspace, credential, minute, caller_kind, caller_id, caller_name, came_from,
			done, refused, throttled, failed, aborted)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET caller_name = excluded.caller_name, came_from = excluded.came_from,
			done = done + excluded.done, refused = refused + excluded.refused, throttled = throttled + excluded.throttled,
			failed = failed + excluded.failed, aborted = aborted + excluded.aborted`
	_, err := t.exec(minutes, tally.Workspace, tally.Credential, timestamp(tally.Minute), string(tally.CallerKind), tally.CallerID,
		tally.CallerName, tally.From, tally.Done, tally.Refused, tally.Throttled, tally.Failed, tally.Aborted)
	if err != nil {
		return err
	}
	const used = `UPDATE credentials SET last_used_at = max(last_used_at, ?) WHERE workspace = ? AND id = ?`
	changed, err := t.exec(used, timestamp(tally.LastUsedAt), tally.Workspace, tally.Credential)
	if err != nil || changed == 0 {
		return err
	}
	const hours = `INSERT INTO use_hours (workspace, credential, hour, caller_kind, caller_id, caller_name,
			done, refused, throttled, failed, aborted, last_used_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET caller_name = excluded.caller_name,
			done = done + excluded.done, refused = refused + excluded.refused, throttled = throttled + excluded.throttled,
			failed = failed + excluded.failed, aborted = aborted + excluded.aborted,
			last_used_at = max(last_used_at, excluded.last_used_at)`
	_, err = t.exec(hours, tally.Workspace, tally.Credential, timestamp(tally.Minute.UTC().Truncate(time.Hour)), string(tally.CallerKind), tally.CallerID,
		tally.CallerName, tally.Done, tally.Refused, tally.Throttled, tally.Failed, tally.Aborted, timestamp(tally.LastUsedAt))
	return err
}

// AddFailure adds a failure to those that are alike.
func (t *tx) AddFailure(f store.FailureGroup) error {
	const keep = `INSERT INTO use_failures (workspace, credential, caller_kind, caller_id, caller_name, method, status, code, note,
			times, first_at, at, path, correlation_id, request_id)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15 WHERE EXISTS (SELECT 1 FROM credentials WHERE workspace = ?1 AND id = ?2)
		ON CONFLICT (workspace, credential, caller_kind, caller_id, method, status, code, note) DO UPDATE SET
			times = excluded.times + iif(at < ?16, 0, times),
			first_at = iif(at < ?16, excluded.first_at, min(first_at, excluded.first_at)),
			caller_name = iif(excluded.at < at, caller_name, excluded.caller_name),
			path = iif(excluded.at < at, path, excluded.path),
			correlation_id = iif(excluded.at < at, correlation_id, excluded.correlation_id),
			request_id = iif(excluded.at < at, request_id, excluded.request_id),
			at = max(at, excluded.at)`
	kept, err := t.exec(keep, f.Workspace, f.Credential, string(f.CallerKind), f.CallerID, f.UserName, f.Method, f.Status, string(f.Code), string(f.Note),
		f.Count, timestamp(f.FirstAt), timestamp(f.At), f.Path, f.CorrelationID, f.RequestID, timestamp(f.FirstAt.Add(-failureGroupAge)))
	if err != nil || kept == 0 {
		return err
	}
	const trim = `DELETE FROM use_failures WHERE workspace = ?1 AND credential = ?2 AND sequence NOT IN (
		SELECT sequence FROM use_failures WHERE workspace = ?1 AND credential = ?2 ORDER BY at DESC, sequence DESC LIMIT ?3)`
	_, err = t.exec(trim, f.Workspace, f.Credential, maxFailureGroups)
	return err
}

// TakeUsageBuckets gives out the tallies of minutes that are over.
func (t *tx) TakeUsageBuckets(before time.Time, most int) ([]store.UsageBucket, error) {
	const take = `DELETE FROM use_minutes WHERE (workspace, credential, minute, caller_kind, caller_id) IN (
			SELECT workspace, credential, minute, caller_kind, caller_id FROM use_minutes WHERE minute < ?
			ORDER BY minute, workspace, credential, caller_kind, caller_id LIMIT ?)
		RETURNING workspace, credential, minute, caller_kind, caller_id, caller_name, came_from, done, refused, throttled, failed, aborted`
	tallies := []store.UsageBucket{}
	err := t.rows(take, []any{timestamp(before), most}, func(scan func(...any) error) error {
		var tally store.UsageBucket
		var minute timestamp
		err := scan(&tally.Workspace, &tally.Credential, &minute, &tally.CallerKind, &tally.CallerID, &tally.CallerName, &tally.From,
			&tally.Done, &tally.Refused, &tally.Throttled, &tally.Failed, &tally.Aborted)
		tally.Minute = time.Time(minute)
		tallies = append(tallies, tally)
		return err
	})
	return tallies, err
}

// DeleteUsage removes hours and failures that are older.
func (t *tx) DeleteUsage(before time.Time) error {
	if _, err := t.exec(`DELETE FROM use_hours WHERE hour < ?`, timestamp(before)); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM use_failures WHERE at < ?`, timestamp(before))
	return err
}

// Usage tells how a credential was used.
func (t *tx) Usage(workspace, id string, since time.Time) (usage.Usage, error) {
	found := usage.Usage{Hours: []usage.Hour{}, Users: []usage.User{}, Failures: []usage.Failure{}}
	var one int
	if err := t.row(`SELECT 1 FROM credentials WHERE workspace = ? AND id = ?`, []any{workspace, id}, &one); err != nil {
		return found, err
	}
	const hours = `SELECT hour, sum(done), sum(refused), sum(throttled), sum(failed), sum(aborted) FROM use_hours
		WHERE workspace = ? AND credential = ? AND hour >= ? GROUP BY hour ORDER BY hour`
	err := t.rows(hours, []any{workspace, id, timestamp(since)}, func(scan func(...any) error) error {
		var hour usage.Hour
		var begins timestamp
		err := scan(&begins, &hour.Done, &hour.Refused, &hour.Throttled, &hour.Failed, &hour.Aborted)
		hour.Begins = time.Time(begins)
		found.Hours = append(found.Hours, hour)
		return err
	})
	if err != nil {
		return found, err
	}
	// The name beside a max() is the one of the same row: the latest name.
	const users = `SELECT caller_kind, caller_id, caller_name, max(last_used_at),
			sum(done * (hour >= ?3)), sum(refused * (hour >= ?3)), sum(throttled * (hour >= ?3)), sum(failed * (hour >= ?3)), sum(aborted * (hour >= ?3))
		FROM use_hours WHERE workspace = ?1 AND credential = ?2 GROUP BY caller_kind, caller_id ORDER BY max(last_used_at) DESC, caller_id`
	err = t.rows(users, []any{workspace, id, timestamp(since)}, func(scan func(...any) error) error {
		var user usage.User
		var used timestamp
		err := scan(&user.Kind, &user.ID, &user.Name, &used, &user.Day.Done, &user.Day.Refused, &user.Day.Throttled, &user.Day.Failed, &user.Day.Aborted)
		user.LastUsedAt = time.Time(used)
		found.Users = append(found.Users, user)
		return err
	})
	if err != nil {
		return found, err
	}
	const failures = `SELECT at, first_at, times, caller_name, method, status, code, note, path, correlation_id, request_id FROM use_failures
		WHERE workspace = ? AND credential = ? ORDER BY at DESC, sequence DESC`
	err = t.rows(failures, []any{workspace, id}, func(scan func(...any) error) error {
		var failure usage.Failure
		var at, first timestamp
		err := scan(&at, &first, &failure.Count, &failure.UserName, &failure.Method, &failure.Status, &failure.Code, &failure.Note, &failure.Path, &failure.CorrelationID, &failure.RequestID)
		failure.At, failure.FirstAt = time.Time(at), time.Time(first)
		found.Failures = append(found.Failures, failure)
		return err
	})
	return found, err
}

// CredentialHistory lists a credential's newest audit entries but for its uses.
func (t *tx) CredentialHistory(workspace, id string) ([]audit.Entry, error) {
	const changes = auditColumns + `WHERE workspace = ? AND credential = ? AND credential <> '' AND action <> 'credential.uses'
		ORDER BY sequence DESC LIMIT 100`
	entries := []audit.Entry{}
	err := t.rows(changes, []any{workspace, id}, func(scan func(...any) error) error {
		entry, err := scanAudit(scan)
		entries = append(entries, entry)
		return err
	})
	return entries, err
}

package sqlite

import (
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
)

const (
	// maxFailureGroups is the number of failure groups stored per credential.
	maxFailureGroups = 20

	// failureGroupAge is how long after its last failure a group starts again.
	failureGroupAge = 24 * time.Hour

	// maxLateness is how much later than another one a call may be counted.
	maxLateness = time.Hour
)

// usageTx reads and writes counted calls.
type usageTx struct{ *transaction }

func (t usageTx) AddUsage(bucket store.UsageBucket) error {
	const minutes = `INSERT INTO use_minutes (workspace, credential, minute, caller_kind, caller_id, caller_name, came_from,
			done, refused, throttled, failed, aborted)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET caller_name = excluded.caller_name, came_from = excluded.came_from,
			done = done + excluded.done, refused = refused + excluded.refused, throttled = throttled + excluded.throttled,
			failed = failed + excluded.failed, aborted = aborted + excluded.aborted`
	_, err := t.exec(minutes, bucket.Workspace, bucket.Credential, timestamp(bucket.Minute), string(bucket.CallerKind), bucket.CallerID,
		bucket.CallerName, bucket.From, bucket.Done, bucket.Refused, bucket.Throttled, bucket.Failed, bucket.Aborted)
	if err != nil {
		return err
	}
	const used = `UPDATE credentials SET last_used_at = iif(last_used_at > ?2, ?1, max(last_used_at, ?1)) WHERE workspace = ?3 AND id = ?4`
	ahead := bucket.LastUsedAt.Add(maxLateness) // of a clock that was
	changed, err := t.exec(used, timestamp(bucket.LastUsedAt), timestamp(ahead), bucket.Workspace, bucket.Credential)
	if err != nil || changed == 0 {
		return err
	}
	const document = `UPDATE search_documents SET last_used_at = (SELECT last_used_at FROM credentials WHERE workspace = ?1 AND id = ?2)
		WHERE workspace = ?1 AND credential = ?2`
	if _, err := t.exec(document, bucket.Workspace, bucket.Credential); err != nil {
		return err
	}
	const hours = `INSERT INTO use_hours (workspace, credential, hour, caller_kind, caller_id, caller_name,
			done, refused, throttled, failed, aborted, last_used_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET caller_name = excluded.caller_name,
			done = done + excluded.done, refused = refused + excluded.refused, throttled = throttled + excluded.throttled,
			failed = failed + excluded.failed, aborted = aborted + excluded.aborted,
			last_used_at = max(last_used_at, excluded.last_used_at)`
	_, err = t.exec(hours, bucket.Workspace, bucket.Credential, timestamp(bucket.Minute.UTC().Truncate(time.Hour)), string(bucket.CallerKind), bucket.CallerID,
		bucket.CallerName, bucket.Done, bucket.Refused, bucket.Throttled, bucket.Failed, bucket.Aborted, timestamp(bucket.LastUsedAt))
	return err
}

func (t usageTx) AddFailure(f store.FailureGroup) error {
	const upsert = `INSERT INTO use_failures (workspace, credential, caller_kind, caller_id, caller_name, method, status, code, note,
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
	changed, err := t.exec(upsert, f.Workspace, f.Credential, string(f.CallerKind), f.CallerID, f.UserName, f.Method, f.Status, string(f.Code), string(f.Note),
		f.Count, timestamp(f.FirstAt), timestamp(f.At), f.Path, f.CorrelationID, f.RequestID, timestamp(f.FirstAt.Add(-failureGroupAge)))
	if err != nil || changed == 0 {
		return err
	}
	const trim = `DELETE FROM use_failures WHERE workspace = ?1 AND credential = ?2 AND sequence NOT IN (
		SELECT sequence FROM use_failures WHERE workspace = ?1 AND credential = ?2 ORDER BY at DESC, sequence DESC LIMIT ?3)`
	_, err = t.exec(trim, f.Workspace, f.Credential, maxFailureGroups)
	return err
}

func (t usageTx) TakeUsageBuckets(except time.Time, limit int) ([]store.UsageBucket, error) {
	const query = `DELETE FROM use_minutes WHERE (workspace, credential, minute, caller_kind, caller_id) IN (
			SELECT workspace, credential, minute, caller_kind, caller_id FROM use_minutes WHERE minute <> ?
			ORDER BY minute, workspace, credential, caller_kind, caller_id LIMIT ?)
		RETURNING workspace, credential, minute, caller_kind, caller_id, caller_name, came_from, done, refused, throttled, failed, aborted`
	return list(t.transaction, scanBucket, query, timestamp(except), limit)
}

func scanBucket(scan scanFunc) (store.UsageBucket, error) {
	var bucket store.UsageBucket
	var minute timestamp
	err := scan(&bucket.Workspace, &bucket.Credential, &minute, &bucket.CallerKind, &bucket.CallerID, &bucket.CallerName, &bucket.From,
		&bucket.Done, &bucket.Refused, &bucket.Throttled, &bucket.Failed, &bucket.Aborted)
	bucket.Minute = time.Time(minute)
	return bucket, err
}

func (t usageTx) DeleteUsage(before time.Time) error {
	if _, err := t.exec(`DELETE FROM use_hours WHERE hour < ?`, timestamp(before)); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM use_failures WHERE at < ?`, timestamp(before))
	return err
}

func (t usageTx) Usage(workspace, id string, since time.Time) (found usage.Usage, err error) {
	if err = t.requireCredential(workspace, id); err != nil {
		return found, err
	}
	const failures = `SELECT at, first_at, times, caller_name, method, status, code, note, path, correlation_id, request_id FROM use_failures
		WHERE workspace = ?1 AND credential = ?2 ORDER BY at DESC, sequence DESC`
	err = t.counted(&found, ofCredential, workspace, id, timestamp(since))
	var failuresErr error
	found.Failures, failuresErr = list(t.transaction, scanFailure, failures, workspace, id)
	return found, partly(err, failuresErr)
}

// counted reads who used credentials, and how often.
func (t usageTx) counted(found *usage.Usage, of string, arguments ...any) error {
	var err, usersErr error
	found.Hours, err = list(t.transaction, scanHour, usageHours(of), arguments...)
	found.Users, usersErr = list(t.transaction, scanUser, usageUsers(of), arguments...)
	return partly(err, usersErr)
}

// partly joins the errors of two lists. If all of them mean damage, so that the other list can
// be shown, it returns a *store.DamagedError.
func partly(a, b error) error {
	err := errors.Join(a, b)
	if err == nil || a != nil && !isDamage(a) || b != nil && !isDamage(b) {
		return err
	}
	return &store.DamagedError{Cause: err}
}

func (t usageTx) ApplicationUsage(workspace, application string, viewer *paycor.Viewer, only []string, since time.Time) (found usage.Usage, err error) {
	arguments := []any{workspace, application, timestamp(since), nil, viewerArgument(viewer), jsonList(only)}
	var visible int
	if err = t.row(`SELECT count(*) FROM (`+membersOfApplication+`)`, arguments, &visible); err == nil && visible == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return found, err
	}
	err = t.counted(&found, ofMembers, arguments...)
	return found, err
}

// The credentials whose usage is added up: ?1 is the workspace, ?2 a credential or an
// application, ?3 since when.
const (
	ofCredential = `= ?2`
	ofMembers    = `IN (` + membersOfApplication + `)`

	membersOfApplication = `SELECT c.id FROM credentials c WHERE c.workspace = ?1 AND c.application = ?2 AND ` + visibleMember
)

func usageHours(of string) string {
	return `SELECT hour, sum(done), sum(refused), sum(throttled), sum(failed), sum(aborted) FROM use_hours
		WHERE workspace = ?1 AND credential ` + of + ` AND hour >= ?3 GROUP BY hour ORDER BY hour`
}

// With max(), SQLite takes the other columns from the same row, so caller_name is the
// latest name.
func usageUsers(of string) string {
	return `SELECT caller_kind, caller_id, caller_name, max(last_used_at),
			sum(done * (hour >= ?3)), sum(refused * (hour >= ?3)), sum(throttled * (hour >= ?3)), sum(failed * (hour >= ?3)), sum(aborted * (hour >= ?3))
		FROM use_hours WHERE workspace = ?1 AND credential ` + of + ` GROUP BY caller_kind, caller_id ORDER BY max(last_used_at) DESC, caller_id`
}

func scanHour(scan scanFunc) (usage.Hour, error) {
	var hour usage.Hour
	var begins timestamp
	err := scan(&begins, &hour.Done, &hour.Refused, &hour.Throttled, &hour.Failed, &hour.Aborted)
	hour.Begins = time.Time(begins)
	return hour, err
}

func scanUser(scan scanFunc) (usage.User, error) {
	var user usage.User
	var used timestamp
	err := scan(&user.Kind, &user.ID, &user.Name, &used, &user.Day.Done, &user.Day.Refused, &user.Day.Throttled, &user.Day.Failed, &user.Day.Aborted)
	user.LastUsedAt = time.Time(used)
	return user, err
}

func scanFailure(scan scanFunc) (usage.Failure, error) {
	var failure usage.Failure
	var at, first timestamp
	err := scan(&at, &first, &failure.Count, &failure.UserName, &failure.Method, &failure.Status, &failure.Code, &failure.Note,
		&failure.Path, &failure.CorrelationID, &failure.RequestID)
	failure.At, failure.FirstAt = time.Time(at), time.Time(first)
	return failure, err
}

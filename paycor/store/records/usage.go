package records

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
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

	// listedUseAge is how old a use may be in the index of lists, so that a credential in
	// use does not move in it with every flush.
	listedUseAge = time.Minute
)

// usageTx reads and writes counted calls.
type usageTx struct{ *Transaction }

func (t usageTx) AddUsage(bucket store.UsageBucket) error {
	const minutes = `INSERT INTO use_minutes (workspace, credential, minute, caller_kind, caller_id, caller_name, came_from,
			done, refused, throttled, failed, aborted)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (workspace, credential, minute, caller_kind, caller_id) DO UPDATE SET
			caller_name = excluded.caller_name, came_from = excluded.came_from, done = use_minutes.done + excluded.done,
			refused = use_minutes.refused + excluded.refused, throttled = use_minutes.throttled + excluded.throttled,
			failed = use_minutes.failed + excluded.failed, aborted = use_minutes.aborted + excluded.aborted`
	err := t.Queue(minutes, bucket.Workspace, bucket.Credential, Timestamp(bucket.Minute), string(bucket.CallerKind), bucket.CallerID,
		bucket.CallerName, bucket.From, bucket.Done, bucket.Refused, bucket.Throttled, bucket.Failed, bucket.Aborted)
	if err != nil {
		return err
	}
	const used = `UPDATE credentials SET last_used_at = CASE WHEN last_used_at > ?2 THEN ?1 ELSE max(last_used_at, ?1) END WHERE workspace = ?3 AND id = ?4`
	ahead := bucket.LastUsedAt.Add(maxLateness) // of a clock that was
	if err := t.Queue(used, Timestamp(bucket.LastUsedAt), Timestamp(ahead), bucket.Workspace, bucket.Credential); err != nil {
		return err
	}
	const document = `UPDATE search_documents SET last_used_at = (SELECT last_used_at FROM credentials WHERE workspace = ?1 AND id = ?2)
		WHERE workspace = ?1 AND credential = ?2 AND last_used_at NOT BETWEEN ?3 AND ?4`
	listed := bucket.LastUsedAt.Add(-listedUseAge)
	if err := t.Queue(document, bucket.Workspace, bucket.Credential, Timestamp(listed), Timestamp(ahead)); err != nil {
		return err
	}
	arguments := []any{bucket.Workspace, bucket.Credential, Timestamp(bucket.Minute.UTC().Truncate(time.Hour)), string(bucket.CallerKind), bucket.CallerID,
		bucket.CallerName, bucket.Done, bucket.Refused, bucket.Throttled, bucket.Failed, bucket.Aborted, Timestamp(bucket.LastUsedAt)}
	for _, calls := range bucket.Durations {
		arguments = append(arguments, calls)
	}
	return t.Queue(addHour, arguments...)
}

// durationColumns are the columns of use_hours in the order of usage.Durations.
var durationColumns = []string{"took_50", "took_100", "took_250", "took_500", "took_1000", "took_2500", "took_5000", "took_10000", "took_30000", "took_longer"}

// addHour adds counts to an hour.
var addHour = func() string {
	var values, sums strings.Builder
	for i, column := range durationColumns {
		fmt.Fprintf(&values, ", CAST(?%d AS BIGINT)", i+13)
		fmt.Fprintf(&sums, ", %s = use_hours.%[1]s + excluded.%[1]s", column)
	}
	return `INSERT INTO use_hours (workspace, credential, hour, caller_kind, caller_id, caller_name,
			done, refused, throttled, failed, aborted, last_used_at, ` + strings.Join(durationColumns, ", ") + `)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, CAST(?7 AS BIGINT), CAST(?8 AS BIGINT), CAST(?9 AS BIGINT), CAST(?10 AS BIGINT), CAST(?11 AS BIGINT), ?12` + values.String() + `
		WHERE EXISTS (SELECT 1 FROM credentials WHERE workspace = ?1 AND id = ?2)
		ON CONFLICT (workspace, credential, hour, caller_kind, caller_id) DO UPDATE SET
			caller_name = excluded.caller_name, done = use_hours.done + excluded.done,
			refused = use_hours.refused + excluded.refused, throttled = use_hours.throttled + excluded.throttled,
			failed = use_hours.failed + excluded.failed, aborted = use_hours.aborted + excluded.aborted,
			last_used_at = max(use_hours.last_used_at, excluded.last_used_at)` + sums.String()
}()

func (t usageTx) AddFailure(f store.FailureGroup) error {
	const upsert = `INSERT INTO use_failures AS f (workspace, credential, caller_kind, caller_id, caller_name, method, status, code, note,
			times, first_at, at, path, correlation_id, request_id)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, CAST(?7 AS BIGINT), ?8, ?9, CAST(?10 AS BIGINT), ?11, ?12, ?13, ?14, ?15 WHERE EXISTS (SELECT 1 FROM credentials WHERE workspace = ?1 AND id = ?2)
		ON CONFLICT (workspace, credential, caller_kind, caller_id, method, status, code, note) DO UPDATE SET
			times = excluded.times + CASE WHEN f.at < ?16 THEN 0 ELSE f.times END,
			first_at = CASE WHEN f.at < ?16 THEN excluded.first_at ELSE min(f.first_at, excluded.first_at) END,
			caller_name = CASE WHEN excluded.at < f.at THEN f.caller_name ELSE excluded.caller_name END,
			path = CASE WHEN excluded.at < f.at THEN f.path ELSE excluded.path END,
			correlation_id = CASE WHEN excluded.at < f.at THEN f.correlation_id ELSE excluded.correlation_id END,
			request_id = CASE WHEN excluded.at < f.at THEN f.request_id ELSE excluded.request_id END,
			at = max(f.at, excluded.at)`
	changed, err := t.Exec(upsert, f.Workspace, f.Credential, string(f.CallerKind), f.CallerID, f.UserName, f.Method, f.Status, string(f.Code), string(f.Note),
		f.Count, Timestamp(f.FirstAt), Timestamp(f.At), f.Path, f.CorrelationID, f.RequestID, Timestamp(f.FirstAt.Add(-failureGroupAge)))
	if err != nil || changed == 0 {
		return err
	}
	const trim = `DELETE FROM use_failures WHERE workspace = ?1 AND credential = ?2 AND sequence NOT IN (
		SELECT sequence FROM use_failures WHERE workspace = ?1 AND credential = ?2 ORDER BY at DESC, sequence DESC LIMIT ?3)`
	return t.Queue(trim, f.Workspace, f.Credential, maxFailureGroups)
}

func (t usageTx) TakeUsageBuckets(except time.Time, limit int) ([]store.UsageBucket, error) {
	const query = `DELETE FROM use_minutes WHERE (workspace, credential, minute, caller_kind, caller_id) IN (
			SELECT workspace, credential, minute, caller_kind, caller_id FROM use_minutes WHERE minute <> ?
			ORDER BY minute, workspace, credential, caller_kind, caller_id LIMIT ?)
		RETURNING workspace, credential, minute, caller_kind, caller_id, caller_name, came_from, done, refused, throttled, failed, aborted`
	taken, err := List(t.Transaction, scanBucket, query, Timestamp(except), limit)
	slices.SortFunc(taken, compareBuckets) // RETURNING has no order
	return taken, err
}

// compareBuckets orders the oldest first.
func compareBuckets(a, b store.UsageBucket) int {
	return cmp.Or(a.Minute.Compare(b.Minute), cmp.Compare(a.Workspace, b.Workspace), cmp.Compare(a.Credential, b.Credential),
		cmp.Compare(a.CallerKind, b.CallerKind), cmp.Compare(a.CallerID, b.CallerID))
}

func scanBucket(scan Scan) (store.UsageBucket, error) {
	var bucket store.UsageBucket
	var minute Timestamp
	err := scan(&bucket.Workspace, &bucket.Credential, &minute, &bucket.CallerKind, &bucket.CallerID, &bucket.CallerName, &bucket.From,
		&bucket.Done, &bucket.Refused, &bucket.Throttled, &bucket.Failed, &bucket.Aborted)
	bucket.Minute = time.Time(minute)
	return bucket, err
}

func (t usageTx) DeleteUsage(before time.Time) error {
	if err := t.Queue(`DELETE FROM use_hours WHERE hour < ?`, Timestamp(before)); err != nil {
		return err
	}
	return t.Queue(`DELETE FROM use_failures WHERE at < ?`, Timestamp(before))
}

func (t usageTx) Usage(workspace, id string, since, day time.Time) (found usage.Usage, err error) {
	if err = t.requireCredential(workspace, id); err != nil {
		return found, err
	}
	const failures = `SELECT at, first_at, times, caller_name, method, status, code, note, path, correlation_id, request_id FROM use_failures
		WHERE workspace = ?1 AND credential = ?2 ORDER BY at DESC, sequence DESC`
	err = t.counted(&found, ofCredential, workspace, id, Timestamp(day), Timestamp(since))
	var failuresErr error
	found.Failures, failuresErr = List(t.Transaction, scanFailure, failures, workspace, id)
	return found, partly(err, failuresErr)
}

// counted reads who used credentials, and how often by hour.
func (t usageTx) counted(found *usage.Usage, of string, arguments ...any) error {
	var err, usersErr error
	found.Hours, err = List(t.Transaction, scanHour, usageHours(of), arguments...)
	found.Users, usersErr = List(t.Transaction, scanUser, usageUsers(of, t.dialect), arguments...)
	return partly(err, usersErr)
}

// partly joins the errors of two lists. If all of them mean damage, so that the other list can
// be shown, it returns a *store.DamagedError.
func partly(a, b error) error {
	err := errors.Join(a, b)
	if err == nil || a != nil && !IsDamage(a) || b != nil && !IsDamage(b) {
		return err
	}
	return &store.DamagedError{Cause: err}
}

func (t usageTx) ApplicationUsage(workspace, application string, viewer *paycor.Viewer, only []string, since, day time.Time) (found usage.Usage, err error) {
	arguments := []any{workspace, application, Timestamp(day), Timestamp(since), viewerArgument(viewer), jsonList(only)}
	var visible int
	if err = t.Row(`SELECT count(*) FROM (`+membersOfApplication+`) visible`, arguments, &visible); err == nil && visible == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return found, err
	}
	err = t.counted(&found, ofMembers, arguments...)
	return found, err
}

// The credentials whose usage is added up: ?1 is the workspace, ?2 a credential or an
// application, ?3 since when users are counted, and ?4 hours.
const (
	ofCredential = `= ?2`
	ofMembers    = `IN (` + membersOfApplication + `)`

	membersOfApplication = `SELECT c.id FROM credentials c WHERE c.workspace = ?1 AND c.application = ?2 AND ` + visibleMember
)

func usageHours(of string) string {
	return `SELECT hour, sum(done), sum(refused), sum(throttled), sum(failed), sum(aborted), sum(` + strings.Join(durationColumns, "), sum(") + `) FROM use_hours
		WHERE workspace = ?1 AND credential ` + of + ` AND hour >= ?4 GROUP BY hour ORDER BY hour`
}

func usageUsers(of string, dialect *Dialect) string {
	sum := func(column string) string { return `sum(CASE WHEN hour >= ?3 THEN ` + column + ` ELSE 0 END)` }
	return `SELECT caller_kind, caller_id, ` + dialect.Latest("caller_name", "last_used_at") + `, max(last_used_at),
			` + strings.Join([]string{sum("done"), sum("refused"), sum("throttled"), sum("failed"), sum("aborted")}, ", ") + `
		FROM use_hours WHERE workspace = ?1 AND credential ` + of + ` GROUP BY caller_kind, caller_id ORDER BY max(last_used_at) DESC, caller_id`
}

func scanHour(scan Scan) (usage.Hour, error) {
	var hour usage.Hour
	var begins Timestamp
	columns := []any{&begins, &hour.Done, &hour.Refused, &hour.Throttled, &hour.Failed, &hour.Aborted}
	for i := range hour.Durations {
		columns = append(columns, &hour.Durations[i])
	}
	err := scan(columns...)
	hour.Begins = time.Time(begins)
	return hour, err
}

func scanUser(scan Scan) (usage.User, error) {
	var user usage.User
	var used Timestamp
	err := scan(&user.Kind, &user.ID, &user.Name, &used, &user.Day.Done, &user.Day.Refused, &user.Day.Throttled, &user.Day.Failed, &user.Day.Aborted)
	user.LastUsedAt = time.Time(used)
	return user, err
}

func scanFailure(scan Scan) (usage.Failure, error) {
	var failure usage.Failure
	var at, first Timestamp
	err := scan(&at, &first, &failure.Count, &failure.UserName, &failure.Method, &failure.Status, &failure.Code, &failure.Note,
		&failure.Path, &failure.CorrelationID, &failure.RequestID)
	failure.At, failure.FirstAt = time.Time(at), time.Time(first)
	return failure, err
}

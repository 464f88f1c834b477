package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// save does the i-th save. Each i writes different data.
type save func(i int64) error

// runSaves runs saves first+1…first+count in concurrent goroutines.
func runSaves(b *testing.B, callers int, first, count int64, one save) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for i := next.Add(1); i <= count; i = next.Add(1) {
				if err := one(first + i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// measure runs b.N saves, and reports saves per second and syncs per save.
func measure(b *testing.B, callers int, one save) {
	countSyncs(b)
	before := syncs.Load()
	b.ResetTimer()
	runSaves(b, callers, 0, int64(b.N), one)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "saves/s")
	b.ReportMetric(float64(syncs.Load()-before)/float64(b.N), "syncs/save")
}

// benchmarkSave saves what creating a credential does: a credential with two
// secrets, the idempotency record and the audit entry. As in production, ids increase
// and idempotency keys are random.
func benchmarkSave(s store.Store, i int64) error {
	now := time.Now().UTC()
	c := paycor.Credential{
		ID: fmt.Sprintf("cred_%026d", i), ApplicationID: fmt.Sprintf("app_%026d", i), Name: fmt.Sprintf("Payroll export %d", i),
		Description: strings.Repeat("nightly ", 10), Environment: "production", Grant: paycor.GrantClientCredentials,
		ClientID: fmt.Sprintf("%020x", i), LegalEntityID: int32(i%100000) + 1, Scope: "scope",
		ClientSecretSavedAt: now, SubscriptionKeySavedAt: now, CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	secrets := store.Secrets{
		fields.ClientSecret:    paycor.NewSecret(fmt.Sprintf("%042d", i)),
		fields.SubscriptionKey: paycor.NewSecret(fmt.Sprintf("%032x", i)),
	}
	return s.Update(context.Background(), func(tx store.Tx) error {
		var previous *audit.Entry
		last, err := tx.LastAuditEntry()
		switch {
		case err == nil:
			previous = &last
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		return errors.Join(
			tx.InsertCredential("default", c, secrets),
			tx.InsertIdempotencyRecord(store.IdempotencyRecord{
				Workspace: "default", Caller: "person-1", Key: fmt.Sprintf("%032x", i*0x1e3779b97f4a7c15), Request: make([]byte, 32), Credential: c.ID, ExpiresAt: now.Add(24 * time.Hour),
			}),
			tx.AppendAudit(audit.Link(previous, audit.Entry{
				At: now, Workspace: "default", CallerKind: paycor.CallerPerson, CallerID: "person-1", CallerName: "Pat Example",
				From: "192.0.2.1", RequestID: c.ID, Action: audit.ActionCreate, Credential: c.ID, Outcome: "done",
			})),
		)
	})
}

// rowSize is about the number of bytes that one save writes in all its rows.
const rowSize = 1024

// openStore opens the store to measure.
func openStore(b *testing.B) save {
	s, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(b.TempDir(), "store.db")})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	return func(i int64) error { return benchmarkSave(s, i) }
}

// openBare opens a database with the driver and settings of the store only.
func openBare(b *testing.B, path string) *sql.DB {
	pragmas := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "secure_delete(ON)",
		"temp_store(MEMORY)", "cache_size(-4096)", "wal_autocheckpoint(4000)",
	}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+path+"?"+pragmas.Encode())
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	db.SetMaxOpenConns(1) // more would compete for the lock and slow the baseline down
	return db
}

// openBareRows opens the second baseline: the same rows in the same tables with plain
// SQL, without encryption, hash chain, checks or shared transactions.
func openBareRows(b *testing.B) save {
	path := filepath.Join(b.TempDir(), "rows.db")
	s, err := sqlite.Open(b.Context(), sqlite.Config{Path: path})
	require.NoError(b, err)
	require.NoError(b, s.Close())
	db := openBare(b, path)
	prepare := func(query string) *sql.Stmt {
		statement, err := db.Prepare(query)
		require.NoError(b, err)
		return statement
	}
	last := prepare(`SELECT hash FROM audit ORDER BY sequence DESC LIMIT 1`)
	credential := prepare(`INSERT INTO credentials
		(workspace, id, application, version, name, description, legal_entity_id,
		legal_entity_name, created_at, updated_at, last_used_at, verdict, settled) VALUES ('default', ?, ?, 1, ?, ?, 501123, '', ?, ?, '', NULL, NULL)`)
	application := prepare(`INSERT INTO applications
		(workspace, id, environment, grant_type, client_id, scope, rotate_by, activated_at, activated_by, rotation_ends_at)
		VALUES ('default', ?, 'production', 'client_credentials', ?, 'scope', '', '', '', '')`)
	document := prepare(`INSERT INTO search_documents (document, workspace, credential, name_key, restricted, text)
		SELECT number << 32 | (last_document + 1), workspace, ?, ?, 0, ? FROM search_workspaces`)
	secret := prepare(`INSERT INTO secrets VALUES ('default', ?, ?, ?, ?)`)
	idempotency := prepare(`INSERT INTO idempotency VALUES ('default', 'person-1', ?, ?, ?, ?)`)
	entry := prepare(`INSERT INTO audit VALUES (?, ?, 'default', 'person', 'person-1', 'Pat Example', '192.0.2.1', ?, 'credential.create', ?, NULL, 'done', '', ?)`)
	_, err = db.Exec(`INSERT INTO search_workspaces (workspace) VALUES ('default')`)
	require.NoError(b, err)
	const at = "2026-03-01T12:00:00.000000000Z"
	return func(i int64) error {
		id, app, name := fmt.Sprintf("cred_%026d", i), fmt.Sprintf("app_%026d", i), fmt.Sprintf("Payroll export %d", i)
		description := strings.Repeat("nightly ", 10)
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		defer tx.Rollback()
		do := func(statement *sql.Stmt, values ...any) {
			_, done := tx.Stmt(statement).Exec(values...)
			err = errors.Join(err, done)
		}
		var hash string
		if found := tx.Stmt(last).QueryRow().Scan(&hash); found != nil && found != sql.ErrNoRows {
			return found
		}
		do(application, app, fmt.Sprintf("%020x", i))
		do(credential, id, app, name, description, at, at)
		do(document, id, strings.ToLower(name), name+description)
		do(secret, app, "client_secret", make([]byte, 90), at)
		do(secret, app, "subscription_key", make([]byte, 80), at)
		do(idempotency, fmt.Sprintf("%032x", i*0x1e3779b97f4a7c15), make([]byte, 32), id, at)
		do(entry, i, at, id, id, fmt.Sprintf("%064x", i))
		return errors.Join(err, tx.Commit())
	}
}

// openBareRow opens the first baseline: the same driver and settings, and one prepared
// INSERT of one row.
func openBareRow(b *testing.B) save {
	db := openBare(b, filepath.Join(b.TempDir(), "bare.db"))
	_, err := db.Exec(`CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT`)
	require.NoError(b, err)
	insert, err := db.Prepare(`INSERT INTO rows (id, body) VALUES (?, ?)`)
	require.NoError(b, err)
	return func(i int64) error {
		body := make([]byte, rowSize)
		copy(body, fmt.Sprintf("%020d", i))
		_, err := insert.Exec(i, body)
		return err
	}
}

func forCallers(b *testing.B, each func(b *testing.B, callers int)) {
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) { each(b, callers) })
	}
}

func BenchmarkDurableSave(b *testing.B) {
	forCallers(b, func(b *testing.B, callers int) { measure(b, callers, openStore(b)) })
}

func BenchmarkBareSQLite(b *testing.B) {
	forCallers(b, func(b *testing.B, callers int) { measure(b, callers, openBareRow(b)) })
}

// BenchmarkDurableSaveOverBare alternates between the store and both baselines, so
// that a change in the speed of disk or machine affects all three. It reports how
// many times as fast the store is as each baseline.
func BenchmarkDurableSaveOverBare(b *testing.B) {
	const round = 50
	forCallers(b, func(b *testing.B, callers int) {
		saves := [3]save{openStore(b), openBareRow(b), openBareRows(b)}
		var took [3]time.Duration
		for done := int64(0); done < int64(b.N); done += round {
			count := min(round, int64(b.N)-done)
			for i, one := range saves {
				start := time.Now()
				runSaves(b, callers, done, count, one)
				took[i] += time.Since(start)
			}
		}
		b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "times-bare-row")
		b.ReportMetric(took[2].Seconds()/took[0].Seconds(), "times-bare-rows")
	})
}

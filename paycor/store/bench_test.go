package store_test

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
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// callers runs b.N operations from so many goroutines at once, and reports
// operations per second and syncs per operation.
func callers(b *testing.B, count int, operation func(i int64) error) {
	countSyncs(b)
	var next atomic.Int64
	var group sync.WaitGroup
	before := syncs.Load()
	cpu0 := cpu()
	b.ResetTimer()
	for range count {
		group.Go(func() {
			for {
				i := next.Add(1)
				if i > int64(b.N) {
					return
				}
				if err := operation(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	b.StopTimer()
	b.ReportMetric((cpu()-cpu0)/float64(b.N), "cpu-us/save")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "saves/s")
	b.ReportMetric(float64(syncs.Load()-before)/float64(b.N), "syncs/save")
}

// benchmarkSave is one save as the manager does it: a credential with two
// secrets, the idempotency key and the audit entry. Every one is different.
func benchmarkSave(s store.Store, i int64) error {
	now := time.Now().UTC()
	c := paycor.Credential{
		ID: fmt.Sprintf("cred_%016x", i*0x1e3779b97f4a7c15), Name: fmt.Sprintf("Payroll export %d", i),
		Description: strings.Repeat("nightly ", 10), Environment: "production", Grant: paycor.GrantClientCredentials,
		ClientID: fmt.Sprintf("%020x", i), LegalEntityID: int32(i%100000) + 1, Scope: "scope",
		ClientSecretSavedAt: now, SubscriptionKeySavedAt: now, CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	secrets := store.Secrets{
		paycor.FieldClientSecret:    paycor.NewSecret(fmt.Sprintf("%042d", i)),
		paycor.FieldSubscriptionKey: paycor.NewSecret(fmt.Sprintf("%032x", i)),
	}
	return s.Update(context.Background(), func(tx store.Tx) error {
		var previous *paycor.AuditEntry
		last, err := tx.LastAudit()
		switch {
		case err == nil:
			previous = &last
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		return errors.Join(
			tx.InsertCredential("default", c, secrets),
			tx.InsertIdempotency(store.Idempotency{
				Workspace: "default", Caller: "person-1", Key: c.ID, Request: make([]byte, 32), Credential: c.ID, ExpiresAt: now.Add(24 * time.Hour),
			}),
			tx.AppendAudit(audit.Link(previous, paycor.AuditEntry{
				At: now, Workspace: "default", CallerKind: paycor.CallerPerson, CallerID: "person-1", CallerName: "Pat Example",
				From: "192.0.2.1", RequestID: c.ID, Action: paycor.ActionCreate, Credential: c.ID, Outcome: "done",
			})),
		)
	})
}

// rowSize is about what one save writes, in bytes: all its rows together.
const rowSize = 1500

func BenchmarkDurableSave(b *testing.B) {
	for _, count := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", count), func(b *testing.B) {
			s, err := store.OpenSQLite(b.Context(), store.SQLiteConfig{Path: filepath.Join(b.TempDir(), "store.db")})
			require.NoError(b, err)
			defer func() { require.NoError(b, s.Close()) }()
			callers(b, count, func(i int64) error { return benchmarkSave(s, i) })
		})
	}
}

// BenchmarkBareSQLite is the yardstick: the same driver and pragmas, one
// prepared INSERT of one row per transaction, and nothing else.
func BenchmarkBareSQLite(b *testing.B) {
	for _, count := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", count), func(b *testing.B) {
			pragmas := url.Values{"_pragma": {
				"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "secure_delete(ON)",
				"temp_store(MEMORY)", "cache_size(-1024)",
			}}
			db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?"+pragmas.Encode())
			require.NoError(b, err)
			defer func() { require.NoError(b, db.Close()) }()
			db.SetMaxOpenConns(1) // without it, callers fight for the lock and the yardstick gets slower
			_, err = db.Exec(`CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT`)
			require.NoError(b, err)
			insert, err := db.Prepare(`INSERT INTO rows (id, body) VALUES (?, ?)`)
			require.NoError(b, err)
			callers(b, count, func(i int64) error {
				body := make([]byte, rowSize)
				copy(body, fmt.Sprintf("%020d", i))
				_, err := insert.Exec(i, body)
				return err
			})
		})
	}
}

func cpu() float64 {
	var u syscall.Rusage
	syscall.Getrusage(0, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1000
}

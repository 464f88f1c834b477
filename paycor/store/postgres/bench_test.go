package postgres_test

import (
	"flag"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store/storetest"
)

// BenchmarkSave saves credentials with secrets and audit entries, and beside it inserts as
// many rows with bare statements, each in a transaction of its own.
func BenchmarkSave(b *testing.B) {
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			s := open(b, newConfig(b))
			measure(b, callers, func(n int64) error { return storetest.SaveWithAudit(s, fmt.Sprint(n)) })
		})
		b.Run(fmt.Sprint("bare,callers=", callers), func(b *testing.B) {
			config := newConfig(b)
			pool, err := pgxpool.New(b.Context(), config.URL)
			require.NoError(b, err)
			b.Cleanup(pool.Close)
			_, err = pool.Exec(b.Context(), `CREATE TABLE rows (id bigint PRIMARY KEY, text text)`)
			require.NoError(b, err)
			measure(b, callers, func(n int64) error {
				_, err := pool.Exec(b.Context(), `INSERT INTO rows VALUES ($1, $2)`, n, "as long as a small credential is")
				return err
			})
		})
	}
}

// BenchmarkFleet does not wait for autovacuum to find out what the tables have.
func BenchmarkFleet(b *testing.B) {
	config := newConfig(b)
	storetest.BenchmarkLists(b, open(b, config), *fleet, func() { run(b, config, `VACUUM ANALYZE`) })
}

var fleet = flag.Int("fleet", 100_000, "how many credentials BenchmarkFleet lists")

// measure calls act b.N times in several goroutines.
func measure(b *testing.B, callers int, act func(n int64) error) {
	var next atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	for range callers {
		group.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				if !assert.NoError(b, act(n)) {
					return
				}
			}
		})
	}
	group.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "saves/s")
}

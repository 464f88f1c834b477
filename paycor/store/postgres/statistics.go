package postgres

import (
	"context"
	"math/bits"
	"strings"
	"sync/atomic"

	"paycorcred/paycor/store/records"
)

// minCommits is the number of commits after which a process gathers statistics first. It does
// so again each time the number has doubled.
const minCommits = 8

// outdatedStatistics finds the tables of which most rows are newer than what PostgreSQL knows.
const outdatedStatistics = `SELECT quote_ident(relname) FROM pg_stat_user_tables
	WHERE schemaname = current_schema() AND n_mod_since_analyze > 20 + n_live_tup / 2 ORDER BY relname`

// statistics tells PostgreSQL how many rows of which kind there are in tables that grow fast. It
// finds out by itself, but up to a minute later: until then it takes the tables of a new database
// for empty, and each save compares each row with each.
type statistics struct {
	commits atomic.Int64 // of this process
}

// committed counts a commit, after which s may gather statistics beside its other work.
func (t *statistics) committed(s *DB) {
	commits := t.commits.Add(1)
	if commits < minCommits || bits.OnesCount64(uint64(commits)) != 1 {
		return
	}
	go func() {
		if err := gatherStatistics(s.closing, s); err != nil && s.closing.Err() == nil {
			s.config.Logger.Warn("gathering statistics of tables: saves may be slow until the database does", "database", s.name, "error", err)
		}
	}()
}

func gatherStatistics(ctx context.Context, s *DB) error {
	var tables []string
	acquired, err := s.acquire(ctx, s.views, func(conn connection) error {
		tables = nil
		return conn.Rows(ctx, outdatedStatistics, nil, func(scan records.Scan) error {
			tables = append(tables, "")
			return scan(&tables[len(tables)-1])
		})
	})
	if err != nil {
		return err
	}
	defer acquired.Release()
	if len(tables) == 0 {
		return nil
	}
	return connection{acquired.Conn(), s}.control(ctx, `ANALYZE (SKIP_LOCKED) `+strings.Join(tables, `, `))
}

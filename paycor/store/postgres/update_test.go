package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/records"
)

// statements is the part of an update that runs statements.
type statements interface {
	Queue(query string, arguments ...any) error
	Flush() error
	Exec(query string, arguments ...any) (changed int64, err error)
	Row(query string, arguments []any, destinations ...any) error
	Rows(query string, arguments []any, each func(records.Scan) error) error
}

const (
	createLines = `CREATE TABLE lines (line text)`
	insertLine  = `INSERT INTO lines (line) VALUES (?1)`
)

// Statements without a result run in order, before whatever has one, and in its round trip.
func TestQueuedStatementsTakeNoRoundTrip(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	relay, behind := newRelay(t, config)
	s := open(t, behind)
	run(t, config, createLines)
	update := func() {
		require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
			run := tx.(statements)
			require.NoError(t, run.Queue(insertLine, "a"))
			require.NoError(t, run.Queue(insertLine, "b"))
			var count int
			require.NoError(t, run.Row(`SELECT count(*) FROM lines`, nil, &count))
			require.Equal(t, 2, count)
			require.NoError(t, run.Queue(`UPDATE lines SET line = line`))
			require.ErrorIs(t, run.Row(`SELECT line FROM lines WHERE line = 'none'`, nil, new(string)), store.ErrNotFound)
			require.NoError(t, run.Queue(insertLine, "c"))
			changed, err := run.Exec(`UPDATE lines SET line = line`)
			require.NoError(t, err)
			require.EqualValues(t, 3, changed)
			require.NoError(t, run.Queue(insertLine, "d"))
			var lines []string
			require.NoError(t, run.Rows(`SELECT line FROM lines ORDER BY line`, nil, func(scan records.Scan) error {
				lines = append(lines, "")
				return scan(&lines[len(lines)-1])
			}))
			require.Equal(t, []string{"a", "b", "c", "d"}, lines)
			return run.Queue(`DELETE FROM lines`)
		}))
	}
	update() // it prepares the statements, which takes trips of its own
	before := relay.trips.Load()
	update()
	assert.EqualValues(t, 8, relay.trips.Load()-before, "the begin, four results, the rest, the commit, and what other replicas know")

	before = relay.trips.Load()
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		for range 1000 {
			require.NoError(t, tx.(statements).Queue(`DELETE FROM lines`))
		}
		return nil
	}))
	assert.Greater(t, relay.trips.Load()-before, int32(5), "memory is bounded")
}

// After a queued statement failed, nothing more runs, whatever the update makes of it.
func TestQueuedStatementThatFails(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	run(t, config, createLines)
	for name, result := range map[string]func(statements) error{
		"row":   func(tx statements) error { return tx.Row(`SELECT 1`, nil, new(int)) },
		"rows":  func(tx statements) error { return tx.Rows(`SELECT 1`, nil, func(records.Scan) error { return nil }) },
		"exec":  func(tx statements) error { _, err := tx.Exec(`DELETE FROM lines`); return err },
		"flush": func(tx statements) error { return tx.Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			var ended statements
			err := s.Update(t.Context(), func(tx store.Tx) error {
				ended = tx.(statements)
				require.NoError(t, ended.Queue(insertLine, "a"))
				require.NoError(t, ended.Queue(`DELETE FROM lines WHERE length(line) / length(?1) = 1`, ""))
				require.ErrorContains(t, result(ended), "division by zero")
				require.ErrorContains(t, result(ended), "division by zero", "it is remembered")
				require.ErrorContains(t, ended.Queue(insertLine, "b"), "division by zero")
				return nil
			})
			require.ErrorContains(t, err, "division by zero")
			require.Error(t, ended.Flush(), "it has ended")
			require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
				var count int
				defer func() { assert.Zero(t, count, "nothing is left of it") }()
				return tx.(statements).Row(`SELECT count(*) FROM lines`, nil, &count)
			}))
		})
	}
}

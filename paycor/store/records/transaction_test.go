package records_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store/records"
)

// conn remembers what it was sent, each call a round trip.
type conn struct {
	trips [][]string
	err   error // of ExecAll
}

func (c *conn) Exec(_ context.Context, query string, _ ...any) (int64, error) {
	c.trips = append(c.trips, []string{query})
	return 1, nil
}

func (c *conn) ExecAll(_ context.Context, statements []records.Statement) error {
	var trip []string
	for _, statement := range statements {
		trip = append(trip, statement.Query)
	}
	c.trips = append(c.trips, trip)
	return c.err
}

func (c *conn) Row(_ context.Context, query string, _ []any, _ ...any) error {
	c.trips = append(c.trips, []string{query})
	return nil
}

func (c *conn) Rows(_ context.Context, query string, _ []any, _ func(records.Scan) error) error {
	c.trips = append(c.trips, []string{query})
	return nil
}

func newTx(t *testing.T, c *conn) *records.Tx {
	return records.NewTx(t.Context(), c, records.Config{Keys: &records.Keyring{}})
}

// What is queued runs in order, before whatever has a result, and in one round trip.
func TestQueuedStatementsRunTogether(t *testing.T) {
	t.Parallel()
	c := &conn{}
	tx := newTx(t, c)
	for _, query := range []string{"a", "b"} {
		require.NoError(t, tx.Queue(query))
	}
	require.Empty(t, c.trips)
	require.NoError(t, tx.Row("c", nil))
	require.NoError(t, tx.Queue("d"))
	_, err := tx.Exec("e")
	require.NoError(t, err)
	require.NoError(t, tx.Queue("f"))
	require.NoError(t, tx.Rows("g", nil, nil))
	require.NoError(t, tx.Flush())
	require.NoError(t, tx.Queue("h"))
	require.NoError(t, tx.Flush())
	assert.Equal(t, [][]string{{"a", "b"}, {"c"}, {"d"}, {"e"}, {"f"}, {"g"}, {"h"}}, c.trips)

	c.trips = nil
	for range 1000 {
		require.NoError(t, tx.Queue("x"))
	}
	assert.NotEmpty(t, c.trips, "memory is bounded")
}

// After a queued statement failed, nothing more runs, whatever the update makes of it.
func TestQueuedStatementThatFails(t *testing.T) {
	t.Parallel()
	c := &conn{err: assert.AnError}
	tx := newTx(t, c)
	require.NoError(t, tx.Queue("a"))
	require.ErrorIs(t, tx.Row("b", nil), assert.AnError)
	_, err := tx.Exec("c")
	require.ErrorIs(t, err, assert.AnError)
	require.ErrorIs(t, tx.Queue("d"), assert.AnError)
	require.ErrorIs(t, tx.Failure(), assert.AnError)
	assert.Equal(t, [][]string{{"a"}}, c.trips)

	ended := newTx(t, &conn{})
	require.NoError(t, ended.Queue("a"))
	ended.End()
	assert.Error(t, ended.Flush())
}

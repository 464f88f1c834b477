package postgres_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/store/records"
	"paycorcred/paycor/store/storetest"
)

func TestTranslate(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`SELECT a FROM b WHERE c = ? AND d = ?`:                             `SELECT a FROM b WHERE c = $1 AND d = $2`,
		`SELECT ?3, ?1, ?3`:                                                 `SELECT $1, $2, $1`,
		`VALUES (?1, ?2, ?), (?1, ?2, ?)`:                                   `VALUES ($1, $2, $3), ($1, $2, $4)`,
		`SELECT 1 FROM a INDEXED BY a_b WHERE true`:                         `SELECT 1 FROM a WHERE true`,
		`SELECT 1 FROM a NOT INDEXED WHERE true`:                            `SELECT 1 FROM a WHERE true`,
		`SELECT max(a), max(a, ?), min(b.c, d) FROM e`:                      `SELECT max(a), greatest(a, $1), least(b.c, d) FROM e`,
		`a CROSS JOIN b ON c CROSS JOIN LATERAL (SELECT 1) d`:               `a JOIN b ON c CROSS JOIN LATERAL (SELECT 1) d`,
		`(?2 IS NULL OR a IN (SELECT value FROM json_each(?2)))`:            `($1::text IS NULL OR a IN (SELECT value FROM json_list($1)))`,
		`WHERE instr(lower(a), lower(?)) > 0 AND b IS NULL`:                 `WHERE strpos(lower(a), lower($1)) > 0 AND b IS NULL`,
		`UPDATE a SET (b, c) = (?, ?) WHERE (b, c) IS DISTINCT FROM (?, ?)`: `UPDATE a SET (b, c) = ($1, $2) WHERE (b, c) IS DISTINCT FROM ($3, $4)`,
	} {
		text, _ := postgres.Translated(query, make([]any, 9))
		assert.Equal(t, want, text)
	}
	_, arguments := postgres.Translated(`SELECT ?3, ?1, ?3`, []any{"a", "b", "c"})
	assert.Equal(t, []any{"c", "a"}, arguments, "those that it has, in its order")
}

// Lists, searches and what every call reads find their rows by indexes, however many
// credentials there are.
func TestStatementsUseIndexes(t *testing.T) {
	t.Parallel()
	config := newConfig(t)
	s := open(t, config)
	require.NoError(t, storetest.SaveWithAudit(s, "a"))
	conn := connect(t, config)
	statements := records.ListStatements(postgres.Dialect)
	for name, statement := range records.FrequentStatements() {
		statements[name] = statement
	}
	for name, statement := range statements {
		text, arguments := postgres.Translated(statement, make([]any, 18))
		for i := range arguments {
			arguments[i] = nil
		}
		_, err := conn.Prepare(t.Context(), name, text)
		require.NoError(t, err, "%s: %s", name, text)
		plan := planOf(t, conn, name, len(arguments))
		for _, table := range []string{"credentials", "applications", "secrets", "audit", "search_documents", "search_labels", "search_label_counts", "search_counts", "credential_shares"} {
			if name != "count of label" { // a table of counts
				assert.NotContains(t, plan, "Seq Scan on "+table+" ", "%s: %s", name, plan)
			}
		}
		ordered := strings.HasPrefix(name, "list") || strings.HasPrefix(name, "restricted") || strings.HasPrefix(name, "frequent")
		if ordered {
			assert.NotContains(t, plan, "Sort Key", "%s: %s", name, plan)
		}
	}
}

// planOf returns the plan of a prepared statement where every table has many rows.
func planOf(t *testing.T, conn *pgx.Conn, name string, arguments int) string {
	t.Helper()
	marks := strings.TrimSuffix(strings.Repeat("NULL, ", arguments), ", ")
	for _, setting := range []string{"enable_seqscan = off", "enable_bitmapscan = off", "plan_cache_mode = force_generic_plan"} {
		_, err := conn.Exec(t.Context(), "SET "+setting)
		require.NoError(t, err)
	}
	rows, err := conn.Query(t.Context(), "EXPLAIN EXECUTE "+pgx.Identifier{name}.Sanitize()+" ("+marks+")", pgx.QueryExecModeSimpleProtocol)
	require.NoError(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return strings.Join(lines, "\n")
}

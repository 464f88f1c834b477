package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/store/postgres"
)

func TestRevises(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{
		`SELECT a FROM tokens`:                                                 false,
		`UPDATE tokens SET revoked_at = ?`:                                     true,
		`UPDATE tokens SET last_used_at = ?1 WHERE id = ?2`:                    false,
		`DELETE FROM credentials WHERE id = ?`:                                 true,
		`INSERT INTO audit (id) VALUES (?)`:                                    false,
		`INSERT INTO a_table_of_tomorrow (id) VALUES (?)`:                      true,
		"INSERT INTO use_hours (a) VALUES (?) ON CONFLICT DO UPDATE SET a = 1": false,
		"WITH a AS (SELECT 1)\n\tDELETE FROM\n\tcredential_shares":             true,
	} {
		assert.Equal(t, want, postgres.Revises(query), query)
	}
}

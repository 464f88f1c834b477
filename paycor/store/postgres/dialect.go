package postgres

import (
	"encoding/json"
	"strings"

	"paycorcred/paycor/store/records"
)

// dialect is what the SQL of PostgreSQL has of its own.
var dialect = &records.Dialect{
	Columns: `SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped`,
	Tables: `SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
		AND relname NOT IN ('schema_version', 'store_state', 'replicas', 'replica_leases', 'page_files') ORDER BY relname COLLATE "C"`,
	SecretNumber: "number",
	Latest: func(column, by string) string {
		return `(array_agg(` + column + ` ORDER BY ` + by + ` DESC))[1]`
	},
	ForEach: func(alias, _, query string) string { return ` CROSS JOIN LATERAL (` + query + `) ` + alias },
	Keys: func(table, key, where string, _ ...string) []string {
		return []string{`SELECT ` + key + ` FROM ` + table + where + ` ORDER BY ` + key}
	},
	Workspaces: `SELECT DISTINCT workspace FROM search_documents ORDER BY workspace`,
	Search: records.SearchDialect{
		InsertDocument: func(columns, values, restricted string) string {
			return `INSERT INTO search_documents (workspace, credential, restricted, ` + columns + `) VALUES (?1, ?2, ` + restricted + `, ` + values + `)`
		},
		Matches: ` AND d.text LIKE ?8 AND d.text LIKE ?9 AND d.text LIKE ?10 AND d.text LIKE ?11
			AND (?12 IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(?12) pattern WHERE d.text NOT LIKE pattern.value))`,
		From:      `FROM search_documents d WHERE d.workspace = ?1`,
		Arguments: searchArguments,
	},
}

// inlinePatterns is how many patterns have arguments of their own, for which PostgreSQL
// uses the index of texts.
const inlinePatterns = 4

// wildcards escapes what LIKE does not take literally.
var wildcards = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// searchArguments returns the arguments of the search. The first one is not used.
func searchArguments(patterns []string) (arguments [6]any) {
	for i := range inlinePatterns {
		arguments[1+i] = "%"
		if i < len(patterns) {
			arguments[1+i] = like(patterns[i])
		}
	}
	if len(patterns) > inlinePatterns {
		var more []string
		for _, pattern := range patterns[inlinePatterns:] {
			more = append(more, like(pattern))
		}
		list, _ := json.Marshal(more) // strings always marshal
		arguments[5] = string(list)
	}
	return arguments
}

// like returns what a text is like that has a pattern.
func like(pattern string) string { return "%" + wildcards.Replace(pattern) + "%" }

package sqlite

import (
	"paycorcred/paycor/store/records"
)

// dialect is what the SQL of SQLite has of its own.
var dialect = &records.Dialect{
	Columns:      `SELECT name FROM pragma_table_info(?)`,
	Tables:       `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name`,
	SecretNumber: "rowid",
	// With max(), SQLite takes the other columns from the same row.
	Latest: func(column, _ string) string { return column },
	ForEach: func(alias, table, query string) string {
		return ` CROSS JOIN ` + table + ` ` + alias + ` ON ` + alias + `.sequence IN (` + query + `)`
	},
	Keys:       keyStatements,
	Workspaces: `SELECT workspace FROM search_workspaces ORDER BY workspace`,
	Search: records.SearchDialect{
		InsertWorkspace: `INSERT INTO search_workspaces (workspace) VALUES (?) ON CONFLICT DO NOTHING`,
		InsertDocument:  insertDocument,
		Matches:         matchesText,
		From:            fromTrigrams,
		Arguments:       searchArguments,
	},
}

// keyStatements read the keys of a table from both ends, and from indexes. NOT INDEXED
// would read an index instead of the table.
func keyStatements(table, key, where string, indexes ...string) []string {
	read := func(from, order string) string {
		return `SELECT ` + key + ` FROM ` + table + from + where + order
	}
	rows := ` INDEXED BY sqlite_autoindex_` + table + `_1`
	if key == "sequence" { // the row ID, which has no index
		rows = ` NOT INDEXED`
	}
	statements := []string{read(rows, ` ORDER BY `+key), read(rows, ` ORDER BY `+key+` DESC`)}
	for _, index := range indexes {
		statements = append(statements, read(` INDEXED BY `+index, ``))
	}
	return statements
}

package records

// Dialect is what the SQL of an engine has of its own.
type Dialect struct {
	// Columns lists the columns of the table ?1.
	Columns string

	// Tables lists all tables but those that the engine has for itself, by name.
	Tables string

	// SecretNumber is the column that numbers the rows of secrets, from 1.
	SecretNumber string

	// Latest returns the value of a column in the row of a group whose other column is
	// the greatest, which the statement selects, too.
	Latest func(column, by string) string

	// ForEach joins the rows of a query for each row of the tables before, in which the
	// query may name columns. It returns the sequences of a table.
	ForEach func(alias, table, query string) string

	// Keys returns statements that read the keys of the rows of a table. Each reads other
	// parts of the database, so that one finds what is damaged for another. indexes have
	// all rows.
	Keys func(table, key, where string, indexes ...string) []string

	// Workspaces lists the workspaces that have credentials, from another part of the database
	// than the credentials.
	Workspaces string

	Search SearchDialect
}

// SearchDialect is how an engine finds the text of a search.
type SearchDialect struct {
	// InsertWorkspace prepares the search of a new workspace ?1; empty if it needs nothing.
	InsertWorkspace string

	// InsertDocument stores the columns of a document with these values, of the credential
	// ?2 in the workspace ?1. restricted is an expression.
	InsertDocument func(columns, values, restricted string) string

	// Matches is what a document d fulfills whose text has the patterns. Its arguments are
	// ?8 to ?12.
	Matches string

	// From reads the documents d of the workspace ?1 that may match, by an index.
	From string

	// Arguments returns the arguments ?7 to ?12 for the patterns of a search, of which
	// there may be none.
	Arguments func(patterns []string) [6]any
}

package store

import "paycorcred/paycor/message"

// SchemaError means that a database has the schema of another version of this program.
type SchemaError struct {
	Database string // path or address
	Found    int    // the version of the database's schema
	Own      int    // the version of this program's schema
}

// Error returns the key of the sentence, for logs.
func (e *SchemaError) Error() string { return e.Sentence().String() }

// Sentence returns what happened and what to do.
func (e *SchemaError) Sentence() message.Message {
	if e.Found > e.Own {
		return message.New("cli.schema-newer", e.Database, e.Found, e.Own)
	}
	return message.New("cli.schema-older", e.Database, e.Found, e.Own)
}

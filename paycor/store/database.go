package store

import (
	"context"

	"paycorcred/paycor/message"
)

// Database is a Store with what the commands of an operator need of its engine.
type Database interface {
	Store

	// Migration returns what opening the database did to its schema.
	Migration() Migration

	// CheckSchema returns a *SchemaError if another process has migrated the database since
	// it was opened.
	CheckSchema(ctx context.Context) error

	// AlteredRecords lists the records that something other than this program wrote. A
	// *DamagedError comes with those that can be read.
	AlteredRecords(ctx context.Context) ([]*AlteredError, error)

	// Size returns the size of the database in bytes.
	Size(ctx context.Context) (bytes int64, err error)

	// RemoveReplaced removes what the engine still has of values that were replaced, such as
	// those that an earlier key encrypted. It returns where some may remain and what to do,
	// or no sentence.
	RemoveReplaced(ctx context.Context) (remaining message.Message, err error)
}

// Migration is what opening a database did to its schema.
type Migration struct {
	From, To int    // versions; From is 0 for a new database
	Copy     string // path of the copy made before; empty if nothing was migrated, or the engine makes none
}

package store

import "time"

// Checkup is when the server asks Paycor about a credential by itself.
type Checkup struct {
	Owned
	DueAt time.Time
}

// CheckupReader finds the credentials to ask about.
type CheckupReader interface {
	// NextCheckup returns the one that is due first among the credentials of
	// these environments, or ErrNotFound. It may lie in the future.
	NextCheckup(environments []string) (Checkup, error)

	// Checkups counts the credentials of all workspaces that have one.
	Checkups() (int, error)

	// WithoutCheckup lists credentials of all workspaces that have none.
	WithoutCheckup(limit int) ([]Owned, error)

	// CheckupsAfter lists credentials of all workspaces that are due later than
	// a moment.
	CheckupsAfter(moment time.Time, limit int) ([]Owned, error)
}

// CheckupWriter keeps when to ask.
type CheckupWriter interface {
	// PutCheckup stores a credential's; ErrNotFound where there is no such
	// credential.
	PutCheckup(Checkup) error
}

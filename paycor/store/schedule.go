package store

import "time"

// ScheduledVerification is when the server asks Paycor about a credential by itself.
type ScheduledVerification struct {
	CredentialKey
	DueAt time.Time
}

// ScheduleReader finds the credentials to ask about.
type ScheduleReader interface {
	// NextScheduled returns the one that is due first among the credentials of
	// these environments, or ErrNotFound. It may lie in the future.
	NextScheduled(environments []string) (ScheduledVerification, error)

	// CountScheduled counts the credentials of all workspaces that have one.
	CountScheduled() (int, error)

	// Unscheduled lists credentials of all workspaces that have none.
	Unscheduled(limit int) ([]CredentialKey, error)

	// ScheduledAfter lists credentials of all workspaces that are due later than
	// a moment.
	ScheduledAfter(moment time.Time, limit int) ([]CredentialKey, error)
}

// ScheduleWriter keeps when to ask.
type ScheduleWriter interface {
	// PutScheduled stores a credential's; ErrNotFound where there is no such
	// credential.
	PutScheduled(ScheduledVerification) error
}

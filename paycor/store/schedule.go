package store

import (
	"time"

	"paycorcred/paycor"
)

// ScheduledVerification is the time of a credential's next scheduled
// verification.
type ScheduledVerification struct {
	paycor.CredentialKey
	DueAt time.Time
}

// ScheduledApplication identifies an application whose credentials are verified by
// schedule, in whatever workspace.
type ScheduledApplication struct{ Environment, ClientID string }

// ScheduleFilter restricts which credentials are looked for.
type ScheduleFilter struct {
	Environments []string               // only these; none if empty
	Except       []ScheduledApplication // not these
	From         time.Time              // due then or later; zero means any time
	Until        time.Time              // due before; zero means any time
}

// ScheduleReader finds scheduled verifications of all workspaces.
type ScheduleReader interface {
	// NextScheduled returns the earliest one among some credentials, or
	// ErrNotFound. Its time may be in the future.
	NextScheduled(ScheduleFilter) (ScheduledVerification, error)

	// CountScheduled counts them.
	CountScheduled() (int, error)

	// Unscheduled lists credentials without a scheduled verification.
	Unscheduled(limit int) ([]paycor.CredentialKey, error)

	// ScheduledAfter lists credentials whose verification is due after a time.
	ScheduledAfter(after time.Time, limit int) ([]paycor.CredentialKey, error)
}

// ScheduleWriter schedules verifications.
type ScheduleWriter interface {
	// PutScheduled replaces a credential's scheduled verification. It returns
	// ErrNotFound without a credential.
	PutScheduled(ScheduledVerification) error

	// MoveScheduled replaces the time of a scheduled verification. It returns ErrStale if
	// that is not the one that was read: another process has begun it.
	MoveScheduled(read ScheduledVerification, to time.Time) error
}

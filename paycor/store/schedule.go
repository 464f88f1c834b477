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

// ScheduleReader finds scheduled verifications of all workspaces.
type ScheduleReader interface {
	// NextScheduled returns the earliest one among credentials of these
	// environments, or ErrNotFound. Its time may be in the future.
	NextScheduled(environments []string) (ScheduledVerification, error)

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
}

package store

import "time"

// AuditStream says how far the audit trail was sent to a receiver.
type AuditStream struct {
	Receiver string    // its address
	Sequence int64     // of the last entry that it took; 0 before the first
	SentAt   time.Time // when it took that; zero before the first
}

// AuditStreamReader reads how far the audit trail was sent.
type AuditStreamReader interface {
	// AuditStream returns how far the trail was sent to a receiver, or ErrNotFound if it
	// never was.
	AuditStream(receiver string) (AuditStream, error)
}

// AuditStreamWriter stores how far the audit trail was sent.
type AuditStreamWriter interface {
	// ClaimAuditStream leaves sending to a receiver to a holder until a time, and returns
	// how far the trail was sent. It returns ErrStale if it is left to another holder.
	ClaimAuditStream(receiver, holder string, now, until time.Time) (AuditStream, error)

	// AdvanceAuditStream stores how far the trail was sent. It returns ErrStale if
	// another holder has claimed it since.
	AdvanceAuditStream(stream AuditStream, holder string) error
}

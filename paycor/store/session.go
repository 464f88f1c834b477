package store

import (
	"paycorcred/paycor"
	"time"
)

// Session is a signed-in browser. Only the hash of its handle is kept.
type Session struct {
	Hash            []byte // SHA-256 of the handle
	ID              string // may be shown
	Caller          paycor.Caller
	Issuer          string        // of the provider; empty for a one-time link
	ProviderSession string        // the provider's name for its own session
	IDTokenHint     paycor.Secret // the provider's ID token; sealed
	From            string
	Browser         string
	CreatedAt       time.Time
	LastSeenAt      time.Time
	ExpiresAt       time.Time
}

// SessionReader finds sessions.
type SessionReader interface {
	// Sessions lists a person's in a workspace, the newest first, or without a
	// person everybody's. Hints stay closed.
	Sessions(workspace, person string) ([]Session, error)

	// ProviderSessions lists what a provider knows: by its session where that is
	// named, else by its person. Hints stay closed.
	ProviderSessions(issuer, subject, session string) ([]Session, error)
}

// SessionWriter changes sessions.
type SessionWriter interface {
	// SetSessionLastSeen notes that something was done; ErrNotFound where there is no
	// such session.
	SetSessionLastSeen(hash []byte, at time.Time) error
}

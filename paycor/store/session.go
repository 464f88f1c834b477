package store

import (
	"time"

	"paycorcred/paycor"
)

// Session is a signed-in browser. The store keeps only the hash of its handle.
type Session struct {
	Hash            []byte // SHA-256 of the handle
	ID              string // not secret; InsertSession derives it from Hash if it is empty
	Caller          paycor.Caller
	Issuer          string        // URL of the identity provider; empty after a one-time link
	ProviderSession string        // the provider's own session ID (OIDC sid)
	IDTokenHint     paycor.Secret // the provider's ID token, for signing out there; encrypted at rest
	From            string        // address of the browser
	Browser         string
	CreatedAt       time.Time
	LastSeenAt      time.Time
	ExpiresAt       time.Time
}

// SessionReader reads sessions.
type SessionReader interface {
	// Session finds a session by the hash of its handle, with its IDTokenHint, or
	// returns an *AlteredError.
	Session(hash []byte) (Session, error)

	// Sessions lists the sessions of a workspace, or of one person in it, the
	// newest first and without IDTokenHint. A *DamagedError comes with what can be
	// read.
	Sessions(workspace, person string) ([]Session, error)

	// ProviderSessions lists the sessions of an identity provider by its session
	// ID, its subject or both, without IDTokenHint.
	ProviderSessions(issuer, subject, session string) ([]Session, error)
}

// SessionWriter stores sessions.
type SessionWriter interface {
	// InsertSession returns ErrExists if the hash is taken.
	InsertSession(Session) error

	// SetSessionLastSeen returns ErrNotFound without a session.
	SetSessionLastSeen(hash []byte, at time.Time) error

	// DeleteSession deletes a session if there is one.
	DeleteSession(hash []byte) error
}

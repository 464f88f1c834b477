package store

import (
	"paycorcred/paycor"
	"time"
)

// Activation is a browser that was sent to Paycor and has not come back. Only
// the hash of its state is kept.
type Activation struct {
	Hash        []byte // SHA-256 of the state
	Workspace   string
	Credential  string        // id
	StartedBy   string        // who began it, in which browser
	Verifier    paycor.Secret // PKCE
	RedirectURI string
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

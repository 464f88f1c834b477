package store

import (
	"time"

	"paycorcred/paycor"
)

// Activation is an OAuth authorization in progress: the browser went to Paycor
// and has not returned yet. The store keeps only the hash of its state
// parameter.
type Activation struct {
	Hash        []byte // SHA-256 of the state parameter, and before that of the handle of the start
	Workspace   string
	Credential  string        // id
	StartedBy   string        // caller and browser that started it
	Verifier    paycor.Secret // PKCE code verifier; encrypted at rest
	RedirectURI string
	Link        []byte // hash of the ActivationLink it uses up; nil without one
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// ActivationReader finds started activations.
type ActivationReader interface {
	// Activation finds an activation of any workspace by the hash of its state.
	Activation(hash []byte) (Activation, error)
}

// ActivationWriter stores started activations.
type ActivationWriter interface {
	// InsertActivation returns ErrExists if the hash is taken.
	InsertActivation(Activation) error

	// DeleteActivation returns ErrNotFound if there is none, so of two requests
	// with the same state only the first proceeds.
	DeleteActivation(hash []byte) error
}

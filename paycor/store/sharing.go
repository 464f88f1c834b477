package store

import "paycorcred/paycor"

// Shared is who owns a credential, and whom it is restricted to.
type Shared struct {
	Owner   string
	Sharing *paycor.Sharing // nil is everybody in the workspace
}

// SharingReader reads who may see a credential.
type SharingReader interface {
	// Shared returns it for one credential.
	Shared(workspace, id string) (Shared, error)
}

// SharingWriter writes who may see a credential.
type SharingWriter interface {
	// PutShared stores it, without a change of the credential's version.
	PutShared(workspace, id string, shared Shared) error
}

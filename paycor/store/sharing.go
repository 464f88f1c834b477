package store

import "paycorcred/paycor"

// CredentialSharing is who owns a credential, and whom it is restricted to.
type CredentialSharing struct {
	Owner   string
	Sharing *paycor.Sharing // nil is everybody in the workspace
}

// SharingReader reads who may see a credential.
type SharingReader interface {
	// CredentialSharing returns it for one credential.
	CredentialSharing(workspace, id string) (CredentialSharing, error)
}

// SharingWriter writes who may see a credential.
type SharingWriter interface {
	// PutCredentialSharing stores it, without a change of the credential's version.
	PutCredentialSharing(workspace, id string, shared CredentialSharing) error
}

package store

import "paycorcred/paycor"

// CredentialSharing is the owner of a credential and who else can see it.
type CredentialSharing struct {
	Owner   string
	Sharing *paycor.Sharing // nil means everyone in the workspace
}

// SharingReader reads who can see a credential.
type SharingReader interface {
	CredentialSharing(workspace, id string) (CredentialSharing, error)
}

// SharingWriter stores who can see a credential.
type SharingWriter interface {
	// PutCredentialSharing does not change the credential's version.
	PutCredentialSharing(workspace, id string, sharing CredentialSharing) error
}

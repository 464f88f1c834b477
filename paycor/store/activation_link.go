package store

import (
	"time"

	"paycorcred/paycor/activation"
)

// ActivationLink is a link by which somebody activates the application of one
// credential. The store keeps only the hash of its code.
type ActivationLink struct {
	activation.Link
	Hash       []byte // SHA-256 of the code
	Workspace  string
	Credential string // id
}

// ActivationLinkReader reads activation links. Their State is not stored.
type ActivationLinkReader interface {
	// ActivationLink finds a link of any workspace by the hash of its code, or returns
	// an *AlteredError.
	ActivationLink(hash []byte) (ActivationLink, error)

	// ActivationLinks lists the links of a credential, newest first. A *DamagedError comes
	// with those that can be read.
	ActivationLinks(workspace, credential string) ([]ActivationLink, error)
}

// ActivationLinkWriter stores activation links. They are deleted with their credential,
// and ActivationLinkRetention after they expire.
type ActivationLinkWriter interface {
	// InsertActivationLink returns ErrExists if the hash is taken.
	InsertActivationLink(ActivationLink) error

	// MarkActivationLinkUsed returns ErrStale if the link was used or revoked before.
	MarkActivationLinkUsed(hash []byte, at time.Time) error

	// RevokeActivationLink returns ErrNotFound if the credential has no such link. A
	// link that was used or revoked stays as it is.
	RevokeActivationLink(workspace, credential, id string, at time.Time, by string) error
}

// ActivationLinkRetention is how long a link is kept after it expires, so that a holder
// who opens it late learns why it does not work.
const ActivationLinkRetention = 30 * 24 * time.Hour

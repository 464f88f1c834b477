package store

import "time"

// SignInLink is a one-time sign-in link. The store keeps only the hash of its
// code.
type SignInLink struct {
	Hash      []byte // SHA-256 of the code
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero means unused
}

// SignInLinkReader reads sign-in links.
type SignInLinkReader interface {
	// SignInLink finds a link by the hash of its code, or returns an *AlteredError.
	SignInLink(hash []byte) (SignInLink, error)
}

// SignInLinkWriter stores sign-in links.
type SignInLinkWriter interface {
	// InsertSignInLink returns ErrExists if the hash is taken.
	InsertSignInLink(SignInLink) error

	// MarkSignInLinkUsed returns ErrStale if the link was used before.
	MarkSignInLinkUsed(hash []byte, at time.Time) error
}

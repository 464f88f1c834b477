package store

import "time"

// TokenReader reads API tokens.
type TokenReader interface {
	// Tokens lists a workspace's API tokens, newest first, the ended ones
	// included.
	Tokens(workspace string) ([]Token, error)

	// TokenByID returns one.
	TokenByID(workspace, id string) (Token, error)
}

// TokenWriter changes API tokens.
type TokenWriter interface {
	// RevokeToken ends an API token. One that was revoked before keeps its
	// first end.
	RevokeToken(workspace, id string, at time.Time, by string) error

	// TouchToken notes when a token was used last. An earlier time than the one
	// that is noted changes nothing, nor does an id that is not known.
	TouchToken(id string, at time.Time) error

	// SweepTokens removes tokens that ended before, by whatever means.
	SweepTokens(before time.Time) error
}

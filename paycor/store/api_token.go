package store

import "time"

// APITokenReader reads API tokens.
type APITokenReader interface {
	// APITokens lists a workspace's API tokens, newest first, the ended ones
	// included.
	APITokens(workspace string) ([]APIToken, error)

	// APITokenByID returns one.
	APITokenByID(workspace, id string) (APIToken, error)
}

// APITokenWriter changes API tokens.
type APITokenWriter interface {
	// RevokeAPIToken ends an API token. One that was revoked before keeps its
	// first end.
	RevokeAPIToken(workspace, id string, at time.Time, by string) error

	// SetAPITokenLastUsed notes when a token was used last. An earlier time than the one
	// that is noted changes nothing, nor does an id that is not known.
	SetAPITokenLastUsed(id string, at time.Time) error

	// DeleteEndedAPITokens removes tokens that ended before, by whatever means.
	DeleteEndedAPITokens(before time.Time) error
}

package store

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
)

// APIToken is an API token of a consumer. The store keeps only its hash.
type APIToken struct {
	ID          string
	Hash        []byte // SHA-256 of the token
	Name        string
	Workspace   string
	Rights      paycor.Rights
	Credentials []string // allow-list of ids; empty means all of the workspace
	CreatedAt   time.Time
	CreatedBy   string    // name of its creator
	ExpiresAt   time.Time // zero means never
	LastUsedAt  time.Time
	RevokedAt   time.Time // zero means not revoked
	RevokedBy   string    // name of the person who revoked it
	Altered     bool      // something other than this program wrote it; set by APITokens only
}

// Consumer returns the program that holds the token, as administrators see it.
// Its State is set for an altered token only; consumer.Consumer.At sets it for a
// moment.
func (t APIToken) Consumer() consumer.Consumer {
	state := consumer.State("")
	if t.Altered {
		state = consumer.Altered
	}
	return consumer.Consumer{
		State: state, ID: t.ID, Name: t.Name, Rights: t.Rights, Credentials: t.Credentials,
		CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy, ExpiresAt: t.ExpiresAt,
		LastUsedAt: t.LastUsedAt, RevokedAt: t.RevokedAt, RevokedBy: t.RevokedBy,
	}
}

// APITokenPosition is the place of a token in a list. The zero value is before all.
type APITokenPosition struct {
	CreatedAt time.Time
	ID        string
}

// Position returns the place of the token in a list.
func (t APIToken) Position() APITokenPosition { return APITokenPosition{t.CreatedAt, t.ID} }

// APITokenReader reads API tokens.
type APITokenReader interface {
	// APIToken finds a token of any workspace by its hash. It returns an
	// *AlteredError if something other than the store's writer wrote it.
	APIToken(hash []byte) (APIToken, error)

	// APITokenByID returns one token of a workspace.
	APITokenByID(workspace, id string) (APIToken, error)

	// APITokens lists the tokens of a workspace after a position, the newest
	// first, including expired and revoked ones. A *DamagedError comes with what can be
	// read, on the first page.
	APITokens(workspace string, after APITokenPosition, limit int) ([]APIToken, error)

	// CountAPITokens counts the tokens of a workspace, and those that are neither
	// expired at now nor revoked. A *DamagedError comes with the numbers of those that
	// can be read.
	CountAPITokens(workspace string, now time.Time) (total, live int, err error)
}

// APITokenWriter stores API tokens.
type APITokenWriter interface {
	// InsertAPIToken returns ErrExists if the id or hash is taken.
	InsertAPIToken(APIToken) error

	// RevokeAPIToken revokes a token. A token that is already revoked keeps its
	// first time and name.
	RevokeAPIToken(workspace, id string, at time.Time, by string) error

	// SetAPITokenLastUsed moves the time of last use forward. It ignores an
	// earlier time and an unknown id.
	SetAPITokenLastUsed(id string, at time.Time) error

	// DeleteEndedAPITokens deletes tokens that expired or were revoked before a
	// time.
	DeleteEndedAPITokens(before time.Time) error
}

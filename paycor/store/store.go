// Package store is the contract of the database: the records it keeps and one
// small interface for each kind of record. An engine implements all of them
// (package sqlite); the conformance suite in storetest holds every engine to
// the contract.
//
// A Store is transactional. What one Update writes becomes durable together or
// not at all, which is how a change and its audit entry stay together. Use
// cases narrow a Store with ScopeOf to the records they need.
//
// Secrets never reach the disk in clear: the engine encrypts each one
// separately (package seal), so a copy of the database reveals none of them.
//
// The package does no I/O and imports only the domain.
package store

import (
	"context"
	"errors"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"time"
)

// What a Store says when it cannot do what was asked. Any other error is the
// engine's own trouble.
var (
	ErrNotFound = errors.New("not found")
	ErrStale    = errors.New("changed meanwhile")
	ErrExists   = errors.New("exists already")
)

// Store is a durable, transactional place. It is safe for concurrent use.
type Store interface {
	// View runs read on one consistent state of the store.
	View(ctx context.Context, read func(Reader) error) error

	// Update runs write in one transaction. When write returns an error,
	// nothing of it is kept and Update returns that error. When Update returns
	// nil, the change has reached the disk. write may run more than once. It
	// must not call Update itself: updates wait for each other.
	Update(ctx context.Context, write func(Tx) error) error

	// Version tells one state of the store from another. It is another one after
	// every Update that changed something, of whatever process, at the latest
	// when that Update returns: what was read since a version was taken is still
	// true as long as the version is the same. It costs next to nothing.
	Version(ctx context.Context) (Version, error)

	// Fingerprint returns a keyed digest of data for one purpose: equal data
	// give equal digests, and nobody without the key learns anything of the
	// data from it.
	Fingerprint(purpose string, data []byte) []byte

	// Checkpoint brings what was written so far to where it stays, as far as that
	// holds nobody up. Nothing is less durable without it.
	Checkpoint(ctx context.Context) error

	// Ping reports whether the store can serve now.
	Ping(ctx context.Context) error

	// Close waits for what is under way and lets the engine go.
	Close() error
}

// Secrets are the secret fields of one credential by their names.
type Secrets map[fields.Field]paycor.Secret

// Reader reads. Everything that belongs to a workspace is found only by its
// workspace: another one's id is ErrNotFound.
type Reader interface {
	AuditReader
	EmbedReader

	// Credentials lists by name, without regard to case, then id. only
	// restricts it to these ids unless it is empty. A cursor that this list did
	// not give is a paycor.Error of KindMalformed.
	Credentials(workspace string, query paycor.Query, only []string) (paycor.CredentialPage, error)

	// Credential returns one, without opening its secrets.
	Credential(workspace, id string) (paycor.Credential, error)

	// Secrets opens the secrets of one credential.
	Secrets(workspace, id string) (Secrets, error)

	// IdempotencyRecord returns what a create with this key made.
	IdempotencyRecord(workspace, caller, key string) (IdempotencyRecord, error)

	// LastAuditEntry returns the newest entry of all workspaces, or ErrNotFound.
	LastAuditEntry() (audit.Entry, error)

	// AuditEntries lists entries of a workspace, newest first.
	AuditEntries(workspace string, query AuditQuery) ([]audit.Entry, error)

	// TokenState returns what a credential holds from Paycor: a zero one where it
	// never held anything, ErrNotFound where there is no such credential.
	TokenState(workspace, id string) (TokenState, error)

	// Activation finds a begun activation by the hash of its state, of whatever
	// workspace it is.
	Activation(hash []byte) (Activation, error)

	APITokenReader
	UsageReader
	RotationReader
	ScheduleReader
	EnvironmentReader
	DuplicateReader

	// APIToken, Session and SignInLink find by the hash of the secret.
	APIToken(hash []byte) (APIToken, error)
	SessionReader
	SharingReader
	Session(hash []byte) (Session, error)
	SignInLink(hash []byte) (SignInLink, error)
}

// Tx reads and writes within one Update.
type Tx interface {
	Reader
	EmbedWriter
	RotationWriter
	ScheduleWriter

	// InsertCredential stores a new credential and seals its secrets. It sets
	// nothing by itself: id, times and version are the caller's.
	InsertCredential(workspace string, credential paycor.Credential, secrets Secrets) error

	// UpdateCredential stores a changed credential whose version in the store
	// is still version, else ErrStale. Secrets that are absent are kept; an
	// empty one is an error. A secret's time of saving is stored with it: of a
	// secret that is kept, so is its time.
	UpdateCredential(workspace string, credential paycor.Credential, version int64, secrets Secrets) error

	// DeleteCredential removes a credential and its secrets, if its version is
	// still version, else ErrStale.
	DeleteCredential(workspace, id string, version int64) error

	// InsertIdempotencyRecord remembers a create; ErrExists if the key is known.
	InsertIdempotencyRecord(IdempotencyRecord) error

	// AppendAudit stores an entry whose Sequence is one more than the last,
	// else ErrStale.
	AppendAudit(audit.Entry) error

	// The inserts are ErrExists for what is known. DeleteSession is no error
	// where there is no such session.
	InsertAPIToken(APIToken) error
	InsertSession(Session) error
	DeleteSession(hash []byte) error
	SessionWriter
	SharingWriter
	InsertSignInLink(SignInLink) error

	// MarkSignInLinkUsed marks a link as used; ErrStale if it was used before.
	MarkSignInLinkUsed(hash []byte, at time.Time) error

	// PutTokenState stores what a credential holds, without a change of its
	// version. Tokens among the secrets are replaced; an empty one is removed,
	// an absent one kept. Any other secret is an error.
	PutTokenState(workspace, id string, holding TokenState, tokens Secrets) error

	// InsertActivation is ErrExists for what is known, DeleteActivation
	// ErrNotFound for what is not.
	InsertActivation(Activation) error
	DeleteActivation(hash []byte) error

	APITokenWriter
	UsageWriter

	// DeleteExpired removes sessions, links, activations and idempotency keys that
	// expired before.
	DeleteExpired(before time.Time) error
}

// AuditQuery narrows a list of audit entries.
type AuditQuery struct {
	Credential string // id; empty means all
	Before     int64  // sequence; 0 begins at the newest
	Limit      int    // 1…1000; 0 means 100
}

// IdempotencyRecord remembers a create by the key its caller gave it.
type IdempotencyRecord struct {
	Workspace  string
	Caller     string
	Key        string
	Request    []byte // fingerprint of the request's body
	Credential string // id of what was made
	ExpiresAt  time.Time
}

// APIToken is an API token of a consumer. Only its hash is kept.
type APIToken struct {
	ID          string
	Hash        []byte // SHA-256 of the token
	Name        string
	Workspace   string
	Rights      paycor.Rights
	Credentials []string // allow-list; empty means all of the workspace
	CreatedAt   time.Time
	CreatedBy   string    // name of whoever made it
	ExpiresAt   time.Time // zero means never
	LastUsedAt  time.Time
	RevokedAt   time.Time // zero while it was not
	RevokedBy   string    // name of whoever did
}

// SignInLink is a one-time link. Only the hash of its code is kept.
type SignInLink struct {
	Hash      []byte // SHA-256 of the code
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero while unused
}

// Version stands for one state of a store. Versions are only compared.
type Version [6]uint32

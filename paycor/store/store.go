package store

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
)

// These errors are part of the contract. Any other error is a failure of the
// engine.
var (
	ErrNotFound = errors.New("not found")
	ErrStale    = errors.New("changed meanwhile") // the record is no longer at the expected version
	ErrExists   = errors.New("exists already")
	ErrFull     = errors.New("the disk is full") // nothing was written; it is also a *paycor.Error of KindFull
)

// Store is a transactional database. It is safe for concurrent use.
type Store interface {
	// View runs read on one consistent snapshot.
	View(ctx context.Context, read func(Reader) error) error

	// List is View for what may read many rows: a list, a search, an export. Such
	// reads have readers of their own, so that View does not wait for them, and
	// callers share their time. If too many of a caller's or workspace's wait
	// already, the error is a paycor.Error of KindBusy.
	List(ctx context.Context, caller paycor.Caller, read func(Reader) error) error

	// Update runs write in one transaction. When write returns an error, the
	// transaction is rolled back and Update returns that error. When Update
	// returns nil, the change is on disk. write may run more than once. It must
	// not call Update itself, because updates run one after another.
	Update(ctx context.Context, write func(Tx) error) error

	// Version identifies the current state of what callers may keep in memory:
	// credentials with their secrets and sharing, API tokens, embedding sites. It
	// changes with every committed write of such a record, by any process, before
	// that Update returns, and may change with others. Data read after a version
	// was taken is current while the version is the same. The call is cheap enough
	// for every request.
	Version(ctx context.Context) (Version, error)

	// Fingerprint returns a keyed digest of data. Equal data have equal digests
	// under one purpose; without the key, a digest reveals nothing about the
	// data.
	Fingerprint(purpose string, data []byte) []byte

	// Checkpoint moves committed changes from the engine's log into the database
	// file, without blocking readers or writers. They are durable without it.
	Checkpoint(ctx context.Context) error

	// Ping reports whether the store can serve requests.
	Ping(ctx context.Context) error

	// Close waits for running transactions and releases the database.
	Close() error
}

// Version identifies one state of a database. Versions can only be compared
// for equality. See Store.Version.
type Version [6]uint32

// Reader reads every kind of record. Records of a workspace are found only
// under that workspace; an id of another workspace is ErrNotFound.
type Reader interface {
	CredentialReader
	ApplicationReader
	SecretReader
	SharingReader
	TokenStateReader
	ActivationReader
	ActivationLinkReader
	IdempotencyReader
	RotationReader
	ScheduleReader
	UsageReader
	AuditReader
	AuditStreamReader
	APITokenReader
	SessionReader
	SignInLinkReader
	EmbedReader
	NotificationReader
	EnvironmentReader
	InventoryReader
	KeyReader
}

// Tx reads and writes every kind of record within one Update.
type Tx interface {
	Reader
	CredentialWriter
	SecretWriter
	SharingWriter
	TokenStateWriter
	ActivationWriter
	ActivationLinkWriter
	IdempotencyWriter
	ScheduleWriter
	UsageWriter
	AuditWriter
	AuditStreamWriter
	APITokenWriter
	SessionWriter
	SignInLinkWriter
	EmbedWriter
	NotificationWriter
	EnvironmentWriter
	ExpiryWriter
	KeyWriter
}

// ExpiryWriter deletes records that have expired.
type ExpiryWriter interface {
	// DeleteExpired deletes sessions, sign-in links, activations, idempotency
	// records and used embed tokens that expired before a time, and activation links
	// that expired ActivationLinkRetention earlier.
	DeleteExpired(before time.Time) error
}

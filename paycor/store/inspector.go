package store

import (
	"context"
	"iter"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
)

// AuditTrail reads the audit trail of a database, whether or not a server uses it. It needs
// no key and changes nothing.
type AuditTrail interface {
	// Beginning returns the last archived entry, which the trail begins after; zero if
	// nothing was archived.
	Beginning(ctx context.Context) (audit.Head, error)

	// Check checks the trail from its beginning, and returns its head. heads were stored
	// elsewhere; see audit.Check. It cannot tell anything about heads before the beginning.
	Check(ctx context.Context, heads ...audit.Head) (audit.Head, error)

	// Lines reads a snapshot of the entries of all workspaces after a sequence, the oldest
	// first, one at a time. An entry with an unreadable column comes without it, so that its
	// hash does not match. Where entries are in a damaged part of the database it yields a
	// *DamagedError, and goes on with those that can be read.
	Lines(ctx context.Context, after int64) iter.Seq2[audit.Line, error]

	// ChangedWhileOpen reports whether what was read may be inconsistent, because a server
	// opened the database meanwhile: open it again.
	ChangedWhileOpen() bool

	Close() error
}

// Inspector examines a database for damage. Like an AuditTrail, it changes nothing, and
// works whether or not a server uses the database.
type Inspector interface {
	AuditTrail

	// Schema returns the schema versions of the database and of this program. Where they
	// differ, only Integrity is meaningful.
	Schema() (found, own int)

	// Integrity returns an error that says what is damaged in the structure of the database.
	Integrity(ctx context.Context) error

	// WrappedBy returns the ID of the key that OpenKey needs, as KeyReader.WrappedBy does.
	WrappedBy(ctx context.Context) (string, error)

	// OpenKey decrypts the keys of the database. AlteredRecords and UnopenedSecrets need it.
	OpenKey(ctx context.Context) error

	// AlteredRecords lists the records that something other than this program wrote. A
	// *DamagedError comes with those that can be read.
	AlteredRecords(ctx context.Context) ([]*AlteredError, error)

	// UnopenedSecrets tries to decrypt every sealed value, and returns the ones that cannot
	// be and how many there are in all.
	UnopenedSecrets(ctx context.Context) (unopened []UnopenedSecret, all int, err error)

	// Overdue counts the credentials whose scheduled verification was due before a time,
	// and returns when the first one was.
	Overdue(ctx context.Context, before time.Time) (count int, first time.Time, err error)

	// NewestEntry returns the latest time that an audit entry has; zero without entries.
	NewestEntry(ctx context.Context) (time.Time, error)

	// Environments returns how many credentials use each environment, and the addresses
	// that the server had at its last start.
	Environments(ctx context.Context) (used map[string]int, addresses map[string]EnvironmentAddress, err error)

	// DamagedCredentials lists the credentials of which a column cannot be read. What
	// cannot be read of them counts as empty.
	DamagedCredentials(ctx context.Context) ([]paycor.CredentialKey, error)

	// LostCredentials lists the credentials that cannot be read at all, as far as an index
	// still knows them.
	LostCredentials(ctx context.Context) ([]paycor.CredentialKey, error)
}

// IDTokenField is the field of the ID token of a session.
const IDTokenField fields.Field = "session_hint"

// UnopenedSecret names a sealed value that cannot be decrypted.
type UnopenedSecret struct {
	Workspace string
	Record    string       // ID of a credential that uses it; of the session if the field is IDTokenField
	Field     fields.Field // fields.CodeVerifier for a started activation
}

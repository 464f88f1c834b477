package records

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

// sealVersion is the schema version in the associated data of sealed values. It
// changes when the meaning of a sealed value changes.
const sealVersion = 1

// errEnded means that a Reader or Tx was used after its View or Update ended.
var errEnded = errors.New("the transaction has ended")

// Tx implements store.Tx, where its methods are documented. It composes one small type
// per kind of record; all of them work on the same transaction.
type Tx struct {
	*Transaction
	credentialTx
	applicationTx
	secretTx
	sharingTx
	tokenStateTx
	activationTx
	activationLinkTx
	idempotencyTx
	rotationTx
	scheduleTx
	usageTx
	auditTx
	auditStreamTx
	apiTokenTx
	sessionTx
	signInLinkTx
	embedTx
	notificationTx
	expiryTx
	environmentTx
	inventoryTx
	keyTx
}

var _ store.Tx = (*Tx)(nil)

// Config has what the transactions of a database share.
type Config struct {
	Dialect *Dialect
	Keys    *Keyring // may have no keys if nothing is sealed or opened
	MACs    *MACs    // nil if no record that gives authority is read or written
}

// NewTx returns the records in a running transaction that reads and writes.
func NewTx(ctx context.Context, conn Conn, config Config) *Tx {
	t := &Transaction{ctx: ctx, conn: conn, dialect: config.Dialect, keys: config.Keys, sealer: config.Keys.current.Load(), macs: config.MACs}
	return &Tx{
		t, credentialTx{t}, applicationTx{t}, secretTx{t}, sharingTx{t}, tokenStateTx{t}, activationTx{t}, activationLinkTx{t}, idempotencyTx{t}, rotationTx{t},
		scheduleTx{t}, usageTx{t}, auditTx{t}, auditStreamTx{t}, apiTokenTx{t}, sessionTx{t}, signInLinkTx{t}, embedTx{t}, notificationTx{t}, expiryTx{t}, environmentTx{t}, inventoryTx{t}, keyTx{t},
	}
}

// NewView returns the records in a running transaction that only reads. It goes on after
// damage.
func NewView(ctx context.Context, conn Conn, config Config) *Tx {
	t := NewTx(ctx, conn, config)
	t.view = true
	return t
}

// Transaction is one View or one Update on a connection.
type Transaction struct {
	ctx     context.Context
	conn    Conn
	dialect *Dialect
	keys    *Keyring
	sealer  *unwrappedKeys // of keys, when the transaction began or later
	macs    *MACs
	view    bool // it only reads
	ended   bool
	failure error // first failure of the engine

	changedKeys bool // it added or removed keys
}

// End makes every later use fail. The caller ends the transaction of the connection.
func (t *Transaction) End() { t.ended = true }

// Failure returns the first failure of the engine, after which the transaction is to be
// rolled back, even if its function ignored the error.
func (t *Transaction) Failure() error { return t.failure }

// ChangedKeys reports whether the transaction added or removed keys, so that the next one
// has to take them up.
func (t *Transaction) ChangedKeys() bool { return t.changedKeys }

// usable returns an error once nothing more may run. After some failures the engine
// has already rolled the transaction back; a later statement would commit alone.
func (t *Transaction) usable() error {
	if t.ended {
		return errEnded
	}
	return t.failure
}

// record remembers a failure of the engine. A view goes on after damage.
func (t *Transaction) record(err error) error {
	if err != nil && err != store.ErrNotFound && t.failure == nil && !(t.view && IsDamage(err)) {
		t.failure = err
	}
	return err
}

// Queue runs a statement, of which only its failure matters, before the next one that has
// a result. Its failure may be returned by that one, or by Flush. Where each statement
// takes a round trip to the database, many take one.
func (t *Transaction) Queue(query string, arguments ...any) error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.record(t.conn.Queue(t.ctx, query, arguments...))
}

// Flush runs what is queued.
func (t *Transaction) Flush() error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.record(t.conn.Flush(t.ctx))
}

// Exec runs a statement and returns the number of changed rows.
func (t *Transaction) Exec(query string, arguments ...any) (int64, error) {
	if err := t.usable(); err != nil {
		return 0, err
	}
	changed, err := t.conn.Exec(t.ctx, query, arguments...)
	return changed, t.record(err)
}

// Row reads one row; ErrNotFound if there is none.
func (t *Transaction) Row(query string, arguments []any, destinations ...any) error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.record(t.conn.Row(t.ctx, query, arguments, destinations...))
}

// soon is Row for a statement that reads little and runs often: it cannot be canceled,
// which costs a goroutine and takes longer than the statement.
func (t *Transaction) soon(query string, arguments []any, destinations ...any) error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.record(t.conn.Row(context.WithoutCancel(t.ctx), query, arguments, destinations...))
}

// Rows calls each for every row.
func (t *Transaction) Rows(query string, arguments []any, each func(Scan) error) error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.record(t.conn.Rows(t.ctx, query, arguments, each))
}

// insert runs an INSERT … ON CONFLICT DO NOTHING and returns ErrExists if it
// inserted nothing.
func (t *Transaction) insert(query string, arguments ...any) error {
	return t.change(store.ErrExists, query, arguments...)
}

// change runs a statement and returns otherwise if it changed no row.
func (t *Transaction) change(otherwise error, query string, arguments ...any) error {
	changed, err := t.Exec(query, arguments...)
	if err == nil && changed == 0 {
		return otherwise
	}
	return err
}

// requireCredential returns ErrNotFound if there is no such credential.
func (t *Transaction) requireCredential(workspace, id string) error {
	_, err := t.applicationOf(workspace, id)
	return err
}

// applicationOf returns the ID of a credential's application, or ErrNotFound.
func (t *Transaction) applicationOf(workspace, credential string) (id string, err error) {
	err = t.Row(`SELECT application FROM credentials WHERE workspace = ? AND id = ?`, []any{workspace, credential}, &id)
	return id, err
}

// AAD returns the associated data of one secret of an application, or of a credential.
func (t *Transaction) AAD(workspace, owner string, field fields.Field) seal.AAD {
	return seal.AAD{Workspace: workspace, Owner: owner, Field: field, Version: sealVersion}
}

// Seal encrypts a value.
func (t *Transaction) Seal(aad seal.AAD, secret paycor.Secret) ([]byte, error) {
	return t.sealer.Seal(aad, secret)
}

// One reads one row with scan.
func One[T any](t *Transaction, scan func(Scan) (T, error), query string, arguments ...any) (T, error) {
	found, err := scan(func(destinations ...any) error { return t.Row(query, arguments, destinations...) })
	if err != nil {
		var zero T
		return zero, err
	}
	return found, nil
}

// List reads all rows with scan. The result is not nil.
func List[T any](t *Transaction, scan func(Scan) (T, error), query string, arguments ...any) ([]T, error) {
	found := []T{}
	err := t.Rows(query, arguments, func(row Scan) error {
		value, err := scan(row)
		found = append(found, value)
		return err
	})
	return found, err
}

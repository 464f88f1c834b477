package sqlite

import (
	"context"
	"errors"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

// sealVersion is the schema version in the associated data of sealed values. It
// changes when the meaning of a sealed value changes.
const sealVersion = 1

// errEnded means that a Reader or Tx was used after its View or Update ended.
var errEnded = errors.New("the transaction has ended")

// tx implements store.Tx, where its methods are documented. It composes one small type
// per kind of record; all of them work on the same transaction.
type tx struct {
	*transaction
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
	apiTokenTx
	sessionTx
	signInLinkTx
	embedTx
	expiryTx
	environmentTx
	inventoryTx
	keyTx
}

var _ store.Tx = (*tx)(nil)

func newTx(ctx context.Context, conn *connection, keys *keyring, macs *recordMACs) *tx {
	t := &transaction{ctx: ctx, conn: conn, keys: keys, sealer: keys.current.Load(), macs: macs}
	return &tx{
		t, credentialTx{t}, applicationTx{t}, secretTx{t}, sharingTx{t}, tokenStateTx{t}, activationTx{t}, activationLinkTx{t}, idempotencyTx{t}, rotationTx{t},
		scheduleTx{t}, usageTx{t}, auditTx{t}, apiTokenTx{t}, sessionTx{t}, signInLinkTx{t}, embedTx{t}, expiryTx{t}, environmentTx{t}, inventoryTx{t}, keyTx{t},
	}
}

// transaction is one View or one Update on a connection.
type transaction struct {
	ctx     context.Context
	conn    *connection
	keys    *keyring
	sealer  *unwrappedKeys // of keys, when the transaction began or later
	macs    *recordMACs
	view    bool // it only reads
	ended   bool
	failure error // first failure of the engine
}

// usable returns an error once nothing more may run. After some failures SQLite
// has already rolled the transaction back; a later statement would commit alone.
func (t *transaction) usable() error {
	if t.ended {
		return errEnded
	}
	return t.failure
}

// record remembers a failure of the engine, so that the transaction is rolled
// back even if its function ignores the error. A view goes on after damage.
func (t *transaction) record(err error) error {
	if err != nil && err != store.ErrNotFound && t.failure == nil && !(t.view && isDamage(err)) {
		t.failure = err
	}
	return err
}

// exec runs a statement and returns the number of changed rows.
func (t *transaction) exec(query string, arguments ...any) (int64, error) {
	if err := t.usable(); err != nil {
		return 0, err
	}
	changed, err := t.conn.exec(t.ctx, query, arguments...)
	return changed, t.record(err)
}

// row reads one row; ErrNotFound if there is none.
func (t *transaction) row(query string, arguments []any, destinations ...any) error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.record(t.conn.row(t.ctx, query, arguments, destinations...))
}

// soon is row for a statement that reads little and runs often: it cannot be canceled,
// which costs a goroutine and takes longer than the statement.
func (t *transaction) soon(query string, arguments []any, destinations ...any) error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.record(t.conn.row(context.WithoutCancel(t.ctx), query, arguments, destinations...))
}

// rows calls each for every row.
func (t *transaction) rows(query string, arguments []any, each func(scanFunc) error) error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.record(t.conn.rows(t.ctx, query, arguments, each))
}

// insert runs an INSERT … ON CONFLICT DO NOTHING and returns ErrExists if it
// inserted nothing.
func (t *transaction) insert(query string, arguments ...any) error {
	return t.change(store.ErrExists, query, arguments...)
}

// change runs a statement and returns otherwise if it changed no row.
func (t *transaction) change(otherwise error, query string, arguments ...any) error {
	changed, err := t.exec(query, arguments...)
	if err == nil && changed == 0 {
		return otherwise
	}
	return err
}

// requireCredential returns ErrNotFound if there is no such credential.
func (t *transaction) requireCredential(workspace, id string) error {
	_, err := t.applicationOf(workspace, id)
	return err
}

// applicationOf returns the ID of a credential's application, or ErrNotFound.
func (t *transaction) applicationOf(workspace, credential string) (id string, err error) {
	err = t.row(`SELECT application FROM credentials WHERE workspace = ? AND id = ?`, []any{workspace, credential}, &id)
	return id, err
}

// aad returns the associated data of one secret of an application, or of a credential.
func (t *transaction) aad(workspace, owner string, field fields.Field) seal.AAD {
	return seal.AAD{Workspace: workspace, Owner: owner, Field: field, Version: sealVersion}
}

// scanFunc reads the columns of one row into destinations.
type scanFunc func(destinations ...any) error

// one reads one row with scan.
func one[T any](t *transaction, scan func(scanFunc) (T, error), query string, arguments ...any) (T, error) {
	found, err := scan(func(destinations ...any) error { return t.row(query, arguments, destinations...) })
	if err != nil {
		var zero T
		return zero, err
	}
	return found, nil
}

// list reads all rows with scan. The result is not nil.
func list[T any](t *transaction, scan func(scanFunc) (T, error), query string, arguments ...any) ([]T, error) {
	found := []T{}
	err := t.rows(query, arguments, func(row scanFunc) error {
		value, err := scan(row)
		found = append(found, value)
		return err
	})
	return found, err
}

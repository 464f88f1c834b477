package sqlite

import (
	"context"
	"errors"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

// schemaVersion is what seal.Place names: the meaning of a sealed value.
const schemaVersion = 1

// errEnded is what a Reader or a Tx says after its View or Update has ended.
var errEnded = errors.New("the view or update is over")

// tx is one View or one turn of an Update. A View hands it out as a Reader.
type tx struct {
	ctx     context.Context
	conn    *connection
	sealer  *seal.Sealer
	ended   bool
	failure error // the engine's first failure
}

// usable refuses what comes too late. After some failures SQLite has ended the
// transaction by itself: whatever came then would be kept on its own.
func (t *tx) usable() error {
	if t.ended {
		return errEnded
	}
	return t.failure
}

// record remembers the engine's failures, which writers may not ignore.
func (t *tx) record(err error) error {
	if err != nil && err != store.ErrNotFound && t.failure == nil {
		t.failure = err
	}
	return err
}

func (t *tx) exec(query string, arguments ...any) (int64, error) {
	if err := t.usable(); err != nil {
		return 0, err
	}
	changed, err := t.conn.exec(t.ctx, query, arguments...)
	return changed, t.record(err)
}

func (t *tx) row(query string, arguments []any, destinations ...any) error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.record(t.conn.row(t.ctx, query, arguments, destinations...))
}

func (t *tx) rows(query string, arguments []any, each func(scan func(...any) error) error) error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.record(t.conn.rows(t.ctx, query, arguments, each))
}

// insert runs an INSERT … ON CONFLICT DO NOTHING; ErrExists where it did
// nothing.
func (t *tx) insert(query string, arguments ...any) error {
	changed, err := t.exec(query, arguments...)
	if err == nil && changed == 0 {
		return store.ErrExists
	}
	return err
}

func (t *tx) aad(workspace, credential string, field fields.Field) seal.AAD {
	return seal.AAD{Workspace: workspace, Credential: credential, Field: field, Version: schemaVersion}
}

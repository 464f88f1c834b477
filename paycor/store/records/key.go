package records

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

// keyTx rotates the keys that encrypt values.
type keyTx struct{ *Transaction }

// sealedColumn is a column of encrypted values.
type sealedColumn struct {
	table, column string
	id            string              // column that identifies and orders the rows; empty for Dialect.SecretNumber
	numbered      bool                // id is a number and not a hash
	owner, field  string              // expressions for the associated data
	mac           *authenticatedTable // whose MAC, by id, covers the column; nil without
}

// sealedColumns are all columns of encrypted values, in the order of store.ValuePosition.
var sealedColumns = []sealedColumn{
	{"secrets", "sealed", "", true, "application", "field", nil},
	{"activations", "verifier", "hash", false, "credential", "'" + string(fields.CodeVerifier) + "'", nil},
	{"sessions", "hint", "hash", false, "id", "'" + string(store.IDTokenField) + "'", &sessionTable},
	{"notification_channels", "sealed", "number", true, "id", "'" + string(store.NotificationTargetField) + "'", nil},
}

// SealedTables returns the tables with encrypted values and with the keys that encrypt them.
func SealedTables() []string {
	tables := []string{"keysets"}
	for _, column := range sealedColumns {
		tables = append(tables, column.table)
	}
	return tables
}

// beforeFirst returns an ID before that of every row.
func (c sealedColumn) beforeFirst() any {
	if c.numbered {
		return int64(0)
	}
	return []byte{}
}

func (t keyTx) Keys() ([]store.Key, error) {
	current, err := t.keys.refresh(t.ctx, t.conn)
	if err != nil {
		return nil, err
	}
	values := map[seal.KeyID]int{}
	for _, c := range sealedColumns {
		query := `SELECT substr(` + c.column + `, 1, 5), count(*) FROM ` + c.table + ` GROUP BY 1`
		err := t.Rows(query, nil, func(scan Scan) error {
			var prefix []byte
			var count int
			err := scan(&prefix, &count)
			if id, ok := seal.KeyOf(prefix); ok {
				values[id] += count
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var keys []store.Key
	for _, key := range current.Keys() {
		keys = append(keys, store.Key{ID: key.ID.String(), Primary: key.Primary, Values: values[key.ID]})
	}
	slices.SortStableFunc(keys, func(a, b store.Key) int {
		switch {
		case a.Primary == b.Primary:
			return strings.Compare(a.ID, b.ID)
		case a.Primary:
			return -1
		}
		return 1
	})
	return keys, nil
}

func (t keyTx) WrappedBy() (string, error) { return wrappedBy(t.ctx, t.conn) }

func (t keyTx) KeyChange() (store.KeyChange, error) {
	wrapped, err := ReadKeysets(t.ctx, t.conn)
	if err != nil {
		return nil, err
	}
	return &keyChange{source: t.keys.source, from: wrapped, to: wrapped}, nil
}

// StoreKeys replaces both keysets in one statement, so that the database needs either the old
// or the new KEK, whenever a process is killed. The next transaction takes them up.
func (t keyTx) StoreKeys(changed store.KeyChange) error {
	change, ours := changed.(*keyChange)
	if !ours {
		return errors.ErrUnsupported
	}
	stored, err := ReadKeysets(t.ctx, t.conn)
	if err != nil {
		return err
	}
	if !stored.Equal(change.from) {
		return store.ErrStale
	}
	if len(change.removed) > 0 {
		keys, err := t.Keys()
		if err != nil {
			return err
		}
		for _, key := range keys {
			if key.Values > 0 && slices.Contains(change.removed, key.ID) {
				return store.ErrStale
			}
		}
	}
	t.changedKeys = true
	return t.change(store.ErrNotFound, `UPDATE keysets SET sealing = ?, fingerprints = ? WHERE id = 1`, change.to.Values, change.to.Fingerprints)
}

func (t keyTx) Reencrypt(after store.ValuePosition, limit int) (done store.Reencrypted, err error) {
	at, start, err := parsePosition(after)
	if err != nil {
		return done, err
	}
	for ; at < len(sealedColumns); at, start = at+1, nil {
		if start == nil {
			start = sealedColumns[at].beforeFirst()
		}
		examined, last, err := t.reencryptColumn(sealedColumns[at], start, limit, &done)
		if err != nil {
			return done, err
		}
		if limit -= examined; limit == 0 {
			done.Next = valuePosition(at, last)
			return done, nil
		}
	}
	return done, nil
}

// sealedValue is a row with an encrypted value.
type sealedValue struct {
	id                      any // int64 or []byte
	workspace, owner, field string
	sealed                  []byte
}

// reencryptColumn encrypts the values of up to limit rows after start. It returns how many
// rows it examined, and the last one's ID.
func (t keyTx) reencryptColumn(c sealedColumn, start any, limit int, done *store.Reencrypted) (examined int, last any, err error) {
	id := cmp.Or(c.id, t.dialect.SecretNumber)
	query := `SELECT ` + id + `, workspace, ` + c.owner + `, ` + c.field + `, ` + c.column + ` FROM ` + c.table +
		` WHERE ` + id + ` > ? ORDER BY ` + id + ` LIMIT ?`
	found, err := List(t.Transaction, func(scan Scan) (v sealedValue, err error) {
		return v, scan(&v.id, &v.workspace, &v.owner, &v.field, &v.sealed)
	}, query, start, limit)
	if err != nil {
		return 0, nil, err
	}
	for _, value := range found {
		last = value.id
		id, ok := seal.KeyOf(value.sealed)
		if ok && id == t.sealer.Primary() || len(value.sealed) == 0 {
			continue
		}
		opened, err := t.reencryptValue(c, value)
		if err != nil {
			return 0, nil, err
		}
		if opened {
			done.Values++
		} else {
			done.Unopened++
		}
	}
	return len(found), last, nil
}

// reencryptValue encrypts one value with the primary key. It reports false for one that
// cannot be decrypted, and for one in a record that something else has written: the new
// MAC would make that record ours.
func (t keyTx) reencryptValue(c sealedColumn, value sealedValue) (opened bool, err error) {
	aad := t.AAD(value.workspace, value.owner, fields.Field(value.field))
	secret, err := t.Open(aad, value.sealed)
	if err != nil {
		return false, nil
	}
	if c.mac != nil {
		if authentic, err := t.isAuthentic(*c.mac, value.id); err != nil || !authentic {
			return false, err
		}
	}
	sealed, err := t.Seal(aad, secret)
	if err != nil {
		return false, err
	}
	if err := t.Queue(`UPDATE `+c.table+` SET `+c.column+` = ? WHERE `+cmp.Or(c.id, t.dialect.SecretNumber)+` = ?`, sealed, value.id); err != nil {
		return false, err
	}
	if c.mac != nil {
		return true, t.authenticate(*c.mac, value.id)
	}
	return true, nil
}

// valuePosition returns the position after a row.
func valuePosition(column int, id any) store.ValuePosition {
	if hash, ok := id.([]byte); ok {
		return store.ValuePosition(fmt.Sprintf("%d:x%x", column, hash))
	}
	return store.ValuePosition(fmt.Sprintf("%d:%d", column, id))
}

// parsePosition returns the column of a position and the ID after which it is; nil at the
// column's begin.
func parsePosition(p store.ValuePosition) (column int, id any, err error) {
	if p == "" {
		return 0, nil, nil
	}
	number, rest, _ := strings.Cut(string(p), ":")
	column, err = strconv.Atoi(number)
	if err == nil {
		if digits, isHash := strings.CutPrefix(rest, "x"); isHash {
			id, err = hex.DecodeString(digits)
		} else {
			id, err = strconv.ParseInt(rest, 10, 64)
		}
	}
	if err != nil || column < 0 || column >= len(sealedColumns) {
		return 0, nil, fmt.Errorf("the position %q is none of encrypted values", p)
	}
	return column, id, nil
}

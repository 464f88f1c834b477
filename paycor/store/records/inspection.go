package records

import (
	"context"
	"errors"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

// Inspection examines the records of a database for damage. It is what the engines share of
// a store.Inspector.
type Inspection struct {
	conn    Conn
	dialect *Dialect
	keys    *Keyring
}

// NewInspection returns an inspection of the database of a connection.
func NewInspection(conn Conn, dialect *Dialect) *Inspection {
	return &Inspection{conn: conn, dialect: dialect, keys: new(Keyring)}
}

// OpenKeys decrypts the keys of the database, or returns store.ErrNotFound if it has none.
// AlteredRecords and UnopenedSecrets need them.
func (i *Inspection) OpenKeys(ctx context.Context, source *KeySource) error {
	wrapped, err := ReadKeysets(ctx, i.conn)
	if err == nil {
		i.keys, err = NewKeyring(source, wrapped)
	}
	return err
}

// WrappedBy implements store.Inspector.
func (i *Inspection) WrappedBy(ctx context.Context) (string, error) { return wrappedBy(ctx, i.conn) }

// view returns the records of the database.
func (i *Inspection) view(ctx context.Context) *Tx {
	return NewView(ctx, i.conn, Config{Dialect: i.dialect, Keys: i.keys})
}

// AlteredRecords implements store.Inspector.
func (i *Inspection) AlteredRecords(ctx context.Context) ([]*store.AlteredError, error) {
	macs, err := NewMACs(ctx, i.conn, i.dialect, i.keys.Sealer())
	if err != nil {
		return nil, err
	}
	return macs.AlteredRecords(ctx, i.conn)
}

// UnopenedSecrets implements store.Inspector.
func (i *Inspection) UnopenedSecrets(ctx context.Context) (unopened []store.UnopenedSecret, all int, err error) {
	const query = `SELECT s.workspace, coalesce((SELECT min(c.id) FROM credentials c WHERE c.workspace = s.workspace AND c.application = s.application), ''),
			s.field, s.application, s.sealed FROM secrets s
		UNION ALL SELECT workspace, credential, '` + string(fields.CodeVerifier) + `', credential, verifier FROM activations
		UNION ALL SELECT workspace, id, '` + string(store.IDTokenField) + `', id, hint FROM sessions WHERE length(hint) > 0
		UNION ALL SELECT workspace, id, '` + string(store.NotificationTargetField) + `', id, sealed FROM notification_channels
		ORDER BY 1, 2, 3`
	type value struct {
		store.UnopenedSecret
		aad    seal.AAD
		sealed []byte
	}
	t := i.view(ctx)
	var failed []value
	err = i.conn.Rows(ctx, query, nil, func(scan Scan) error {
		var v value
		var owner string
		if err := scan(&v.Workspace, &v.Record, &v.Field, &owner, &v.sealed); err != nil {
			return err
		}
		all++
		v.aad = t.AAD(v.Workspace, owner, v.Field)
		if _, err := i.keys.Sealer().Open(v.aad, v.sealed); err != nil {
			failed = append(failed, v)
		}
		return nil
	})
	for _, v := range failed {
		if _, err := t.Open(v.aad, v.sealed); err != nil { // it reads keys that were added meanwhile
			unopened = append(unopened, v.UnopenedSecret)
		}
	}
	return unopened, all, err
}

// Overdue implements store.Inspector.
func (i *Inspection) Overdue(ctx context.Context, before time.Time) (count int, first time.Time, err error) {
	const query = `SELECT count(*), coalesce(min(due_at), '') FROM checkups WHERE due_at < ?`
	var due Timestamp
	err = i.conn.Row(ctx, query, []any{Timestamp(before)}, &count, &due)
	return count, time.Time(due), err
}

// NewestEntry implements store.Inspector.
func (i *Inspection) NewestEntry(ctx context.Context) (time.Time, error) {
	var newest Timestamp
	err := i.conn.Row(ctx, `SELECT coalesce(max(at), '') FROM audit`, nil, &newest)
	return time.Time(newest), err
}

// Environments implements store.Inspector.
func (i *Inspection) Environments(ctx context.Context) (used map[string]int, addresses map[string]store.EnvironmentAddress, err error) {
	t := i.view(ctx)
	used, err = t.UsedEnvironments()
	if err == nil {
		addresses, err = t.EnvironmentAddresses()
	}
	return used, addresses, err
}

// OrphanedCredential selects a credential without its application, if there is one.
const OrphanedCredential = `SELECT 1 FROM credentials c WHERE NOT EXISTS (SELECT 1 FROM applications WHERE workspace = c.workspace AND id = c.application)`

// DamagedCredentials implements store.Inspector.
func (i *Inspection) DamagedCredentials(ctx context.Context) (damaged []paycor.CredentialKey, err error) {
	const query = `SELECT c.workspace, c.id, c.created_at, c.updated_at, c.last_used_at, a.activated_at, c.verdict, c.settled, a.rotation, c.shared
		FROM credentials c` + WithApplication + ` ORDER BY c.workspace, c.id`
	const times, objects = 4, 7 // so many of the columns, and up to this one
	var columns [8]columnCheck
	for n := range columns {
		columns[n].isTime, columns[n].isObject = n < times, n < objects
	}
	err = i.conn.Rows(ctx, query, nil, func(scan Scan) error {
		var key paycor.CredentialKey
		destinations := []any{&key.Workspace, &key.Credential}
		for n := range columns {
			destinations = append(destinations, &columns[n])
		}
		err := scan(destinations...)
		if slices.ContainsFunc(columns[:], func(column columnCheck) bool { return column.damaged }) {
			damaged = append(damaged, key)
		}
		return err
	})
	if IsDamage(err) {
		err = nil // see LostCredentials
	}
	return damaged, err
}

// columnCheck is a column that is checked and not kept.
type columnCheck struct {
	isTime   bool
	isObject bool // else a list
	damaged  bool // in the row that was scanned last
}

// Scan implements sql.Scanner.
func (c *columnCheck) Scan(column any) error {
	var err error
	switch {
	case c.isTime:
		err = new(Timestamp).Scan(column)
	case c.isObject:
		err = new(JSON[map[string]any]).Scan(column)
	default:
		err = new(JSON[[]any]).Scan(column)
	}
	c.damaged = err != nil
	return nil
}

// LostCredentials implements store.Inspector.
func (i *Inspection) LostCredentials(ctx context.Context) (all []paycor.CredentialKey, err error) {
	t := i.view(ctx)
	workspaces, err := List(t.Transaction, func(scan Scan) (name string, err error) { return name, scan(&name) }, i.dialect.Workspaces)
	for _, workspace := range workspaces {
		ids, listErr := t.SalvagedIDs(workspace)
		for batch := range slices.Chunk(ids, MaxPageSize) {
			_, lost, readErr := t.Readable(workspace, batch)
			for _, id := range lost {
				all = append(all, paycor.CredentialKey{Workspace: workspace, Credential: id})
			}
			err = errors.Join(err, readErr)
		}
		err = errors.Join(err, listErr)
	}
	return all, err
}

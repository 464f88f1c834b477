package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/records"
)

// Inspector examines a database file for damage. Like an AuditTrail, it changes and
// creates no file, and works whether or not a server uses the database.
type Inspector struct {
	*AuditTrail
	db    *DB // without connections: for its paths and errors
	conn  *connection
	found int // schema version of the database
	own   int // schema version of this program
	keys  *records.Keyring
}

// OpenInspector opens a database file. Its schema may be another version's.
func OpenInspector(ctx context.Context, config Config) (*Inspector, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	trail, err := openAuditTrail(ctx, config.Path, func(err error) error {
		if errors.As(err, new(*store.SchemaError)) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	i := &Inspector{AuditTrail: trail, db: &DB{config: config}, keys: new(records.Keyring)}
	i.own = len(migrationFiles(config.migrations))
	conn, err := trail.db.Conn(ctx)
	if err == nil {
		i.conn = &connection{conn: conn, statements: map[string]*sql.Stmt{}, explain: i.db.explain}
		err = i.conn.Row(ctx, "PRAGMA user_version", nil, &i.found)
	}
	if err != nil {
		return nil, errors.Join(err, trail.Close())
	}
	return i, nil
}

// Schema returns the schema versions of the database and of this program. Where they
// differ, only Integrity is meaningful.
func (i *Inspector) Schema() (found, own int) { return i.found, i.own }

// Integrity returns an error that says what is damaged in the structure of the file.
func (i *Inspector) Integrity(ctx context.Context) error {
	var first string
	if err := i.conn.Row(ctx, "PRAGMA integrity_check(1)", nil, &first); err != nil {
		return err
	}
	if first != "ok" {
		return fmt.Errorf("%s is damaged: stop the server and restore it from the backup: %s", i.db.config.Path, first)
	}
	const noApplication = `SELECT 1 FROM credentials c WHERE NOT EXISTS (SELECT 1 FROM applications WHERE workspace = c.workspace AND id = c.application)`
	queries := []string{"PRAGMA foreign_key_check"}
	if i.found == i.own {
		queries = append(queries, noApplication)
	}
	for _, query := range queries {
		err := i.conn.Rows(ctx, query, nil, func(records.Scan) error {
			return fmt.Errorf("%s is damaged: a row belongs to one that is missing", i.db.config.Path)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// OpenKey decrypts the keys of the database. AlteredRecords and UnopenedSecrets need it.
func (i *Inspector) OpenKey(ctx context.Context) error {
	wrapped, err := records.ReadKeysets(ctx, i.conn)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%s is damaged: it contains no keys; restore it from the backup", i.db.config.Path)
	}
	if err == nil {
		i.keys, err = records.NewKeyring(i.db.keySource(), wrapped)
	}
	return err
}

// AlteredRecords lists the records that something other than this program wrote. A
// *store.DamagedError comes with those that can be read.
func (i *Inspector) AlteredRecords(ctx context.Context) ([]*store.AlteredError, error) {
	macs, err := records.NewMACs(ctx, i.conn, dialect, i.keys.Sealer())
	if err != nil {
		return nil, err
	}
	return macs.AlteredRecords(ctx, i.conn)
}

// IDTokenField is the field of the ID token of a session.
const IDTokenField = records.IDTokenField

// UnopenedSecret names a sealed value that cannot be decrypted.
type UnopenedSecret struct {
	Workspace string
	Record    string       // ID of a credential that uses it; of the session if the field is IDTokenField
	Field     fields.Field // fields.CodeVerifier for a started activation
}

// UnopenedSecrets tries to decrypt every sealed value, and returns the ones that cannot be
// and how many there are in all.
func (i *Inspector) UnopenedSecrets(ctx context.Context) (unopened []UnopenedSecret, all int, err error) {
	const query = `SELECT s.workspace, coalesce((SELECT min(c.id) FROM credentials c WHERE c.workspace = s.workspace AND c.application = s.application), ''),
			s.field, s.application, s.sealed FROM secrets s
		UNION ALL SELECT workspace, credential, '` + string(fields.CodeVerifier) + `', credential, verifier FROM activations
		UNION ALL SELECT workspace, id, '` + string(IDTokenField) + `', id, hint FROM sessions WHERE hint <> x''
		ORDER BY 1, 2, 3`
	t := i.view(ctx)
	err = i.conn.Rows(ctx, query, nil, func(scan records.Scan) error {
		var secret UnopenedSecret
		var owner string
		var sealed []byte
		if err := scan(&secret.Workspace, &secret.Record, &secret.Field, &owner, &sealed); err != nil {
			return err
		}
		all++
		if _, err := t.Open(t.AAD(secret.Workspace, owner, secret.Field), sealed); err != nil {
			unopened = append(unopened, secret)
		}
		return nil
	})
	return unopened, all, err
}

// view returns the records of the database.
func (i *Inspector) view(ctx context.Context) *records.Tx {
	return records.NewView(ctx, i.conn, records.Config{Dialect: dialect, Keys: i.keys})
}

// Close closes the database.
func (i *Inspector) Close() error { return errors.Join(i.conn.close(), i.AuditTrail.Close()) }

// Overdue counts the credentials whose scheduled verification was due before a time, and
// returns when the first one was.
func (i *Inspector) Overdue(ctx context.Context, before time.Time) (count int, first time.Time, err error) {
	const query = `SELECT count(*), coalesce(min(due_at), '') FROM checkups WHERE due_at < ?`
	err = i.conn.Rows(ctx, query, []any{records.Timestamp(before)}, func(scan records.Scan) error {
		var due records.Timestamp
		err := scan(&count, &due)
		first = time.Time(due)
		return err
	})
	return count, first, err
}

// NewestEntry returns the latest time that an audit entry has; zero without entries.
func (i *Inspector) NewestEntry(ctx context.Context) (time.Time, error) {
	var newest records.Timestamp
	err := i.conn.Row(ctx, `SELECT coalesce(max(at), '') FROM audit`, nil, &newest)
	return time.Time(newest), err
}

// Environments returns how many credentials use each environment, and the addresses that
// the server had at its last start.
func (i *Inspector) Environments(ctx context.Context) (used map[string]int, addresses map[string]store.EnvironmentAddress, err error) {
	t := i.view(ctx)
	used, err = t.UsedEnvironments()
	if err == nil {
		addresses, err = t.EnvironmentAddresses()
	}
	return used, addresses, err
}

// DamagedCredentials lists the credentials of which a column cannot be read. What cannot
// be read of them counts as empty.
func (i *Inspector) DamagedCredentials(ctx context.Context) (damaged []paycor.CredentialKey, err error) {
	const (
		time  = `NOT (%[1]s = '' OR %[1]s GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9].*Z')`
		json  = `%[1]s IS NOT NULL AND NOT (json_valid(%[1]s) AND json_type(%[1]s) = '%[2]s')`
		query = `SELECT c.workspace, c.id FROM credentials c` + records.WithApplication + `WHERE `
	)
	var conditions []string
	for _, column := range []string{"c.created_at", "c.updated_at", "c.last_used_at", "a.activated_at"} {
		conditions = append(conditions, fmt.Sprintf(time, column))
	}
	for column, kind := range map[string]string{"c.verdict": "object", "c.settled": "object", "a.rotation": "object", "c.shared": "array"} {
		conditions = append(conditions, fmt.Sprintf(json, column, kind))
	}
	err = i.conn.Rows(ctx, query+strings.Join(conditions, " OR ")+" ORDER BY c.workspace, c.id", nil, func(scan records.Scan) error {
		var key paycor.CredentialKey
		err := scan(&key.Workspace, &key.Credential)
		damaged = append(damaged, key)
		return err
	})
	if records.IsDamage(err) {
		err = nil // see LostCredentials
	}
	return damaged, err
}

// LostCredentials lists the credentials that cannot be read at all, as far as an index
// still knows them.
func (i *Inspector) LostCredentials(ctx context.Context) (all []paycor.CredentialKey, err error) {
	t := i.view(ctx)
	workspaces, err := records.List(t.Transaction, func(scan records.Scan) (name string, err error) { return name, scan(&name) }, `SELECT workspace FROM search_workspaces ORDER BY workspace`)
	for _, workspace := range workspaces {
		ids, listErr := t.SalvagedIDs(workspace)
		for batch := range slices.Chunk(ids, records.MaxPageSize) {
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

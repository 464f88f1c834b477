package sqlite

import (
	"context"
	"errors"
	"fmt"

	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/records"
)

// Inspector examines a database file for damage. Like an AuditTrail, it changes and
// creates no file, and works whether or not a server uses the database.
type Inspector struct {
	*AuditTrail
	*records.Inspection
	db    *DB // without connections: for its paths and errors
	found int // schema version of the database
	own   int // schema version of this program
}

var (
	_ store.Inspector = (*Inspector)(nil)
	_ records.Source  = (*Inspector)(nil)
)

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
	i := &Inspector{AuditTrail: trail, Inspection: records.NewInspection(trail.conn, dialect), db: &DB{config: config}}
	i.own = len(migrationFiles(config.migrations))
	if err := i.conn.Row(ctx, "PRAGMA user_version", nil, &i.found); err != nil {
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
	queries := []string{"PRAGMA foreign_key_check"}
	if i.found == i.own {
		queries = append(queries, records.OrphanedCredential)
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
	err := i.OpenKeys(ctx, i.db.keySource())
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%s is damaged: it contains no keys; restore it from the backup", i.db.config.Path)
	}
	return err
}

// CopyTo implements records.Source. It copies one snapshot.
func (i *Inspector) CopyTo(ctx context.Context, to records.Side) error {
	if i.found != i.own {
		return &store.SchemaError{Database: i.db.config.Path, Found: i.found, Own: i.own}
	}
	var before, after int
	if err := i.conn.Row(ctx, "PRAGMA data_version", nil, &before); err != nil {
		return err
	}
	if _, err := i.conn.Exec(ctx, "BEGIN"); err != nil {
		return err
	}
	err := records.Copy(ctx, records.Side{Conn: i.conn, Dialect: dialect, Keys: i.db.keySource()}, to, i.db.config.Logger)
	if _, endErr := i.conn.Exec(context.WithoutCancel(ctx), "ROLLBACK"); err == nil {
		err = endErr
	}
	if err == nil {
		err = i.conn.Row(ctx, "PRAGMA data_version", nil, &after)
	}
	if i.ChangedWhileOpen() || err == nil && before != after {
		return message.Errorf("store.copy-changed", i.db.config.Path)
	}
	return err
}

package postgres

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"

	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/records"
)

// Inspector examines a database for damage, in one transaction that only reads.
type Inspector struct {
	*records.Trail
	*records.Inspection
	db    *DB // without pools: for its name and errors
	conn  *pgx.Conn
	found int // schema version of the database
	own   int // schema version of this program
}

var (
	_ store.Inspector = (*Inspector)(nil)
	_ records.Source  = (*Inspector)(nil)
)

// OpenInspector connects to a database. Its schema may be another version's.
func OpenInspector(ctx context.Context, config Config) (*Inspector, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	i := &Inspector{db: &DB{config: config}}
	if i.conn, err = i.db.connect(ctx); err != nil {
		return nil, err
	}
	if err := i.begin(ctx); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// begin begins the transaction and reads the version of the schema.
func (i *Inspector) begin(ctx context.Context) (err error) {
	conn := connection{i.conn, i.db}
	if err := conn.control(ctx, beginView); err != nil {
		return err
	}
	found, err := i.db.schema(ctx, conn)
	if err != nil {
		return err
	}
	i.found = found.version
	if i.found == 0 {
		return message.Errorf("store.postgres-empty", i.db.name)
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	i.own = len(files)
	i.Trail, i.Inspection = records.NewTrail(conn, dialect), records.NewInspection(conn, dialect)
	return err
}

// Schema returns the schema versions of the database and of this program. Where they
// differ, only Integrity is meaningful.
func (i *Inspector) Schema() (found, own int) { return i.found, i.own }

// Integrity returns an error if a row belongs to one that is missing. PostgreSQL checks its
// files by itself, and statements that read damaged ones fail.
func (i *Inspector) Integrity(ctx context.Context) error {
	if i.found != i.own {
		return nil
	}
	return connection{i.conn, i.db}.Rows(ctx, records.OrphanedCredential, nil, func(records.Scan) error {
		return message.Errorf("store.postgres-damaged", i.db.name)
	})
}

// OpenKey decrypts the keys of the database. AlteredRecords and UnopenedSecrets need it.
func (i *Inspector) OpenKey(ctx context.Context) error {
	err := i.OpenKeys(ctx, i.db.keySource())
	if errors.Is(err, store.ErrNotFound) {
		return message.Errorf("store.postgres-damaged", i.db.name)
	}
	return err
}

// ChangedWhileOpen returns false: the transaction is one snapshot.
func (i *Inspector) ChangedWhileOpen() bool { return false }

// Close ends the transaction and the connection.
func (i *Inspector) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return i.conn.Close(ctx)
}

// CopyTo implements records.Source. It copies the snapshot of the transaction.
func (i *Inspector) CopyTo(ctx context.Context, to records.Side) error {
	if i.found != i.own {
		return &store.SchemaError{Database: i.db.name, Found: i.found, Own: i.own}
	}
	conn := connection{i.conn, i.db}
	var before, after int64
	if err := conn.Row(ctx, selectChange, nil, &before); err != nil {
		return err
	}
	if err := records.Copy(ctx, records.Side{Conn: conn, Dialect: dialect, Keys: i.db.keySource()}, to, i.db.config.Logger); err != nil {
		return err
	}
	if err := conn.control(ctx, `ROLLBACK; `+beginView); err != nil {
		return err
	}
	if err := conn.Row(ctx, selectChange, nil, &after); err != nil {
		return err
	}
	if before != after {
		return message.Errorf("store.copy-changed", i.db.name)
	}
	return nil
}

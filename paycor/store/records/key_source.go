package records

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"paycorcred/paycor/message"
	"paycorcred/paycor/newfile"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

const selectKeysets = `SELECT sealing, fingerprints FROM keysets WHERE id = 1`

// KeySource is where the key comes from under which the keys of a database are stored.
type KeySource struct {
	KEK         seal.KEK     // key stored elsewhere, such as in a KMS; replaces File
	File        string       // key file
	Database    string       // what errors call the database
	WithoutData func() error // returns the error about a key file whose database is empty
	Clock       func() time.Time
	Logger      *slog.Logger
}

// Load decrypts the keys in the database, or creates the first ones. It never creates a
// key for a database that has keys, because it could not decrypt anything there. The
// caller's write transaction keeps other processes from doing the same.
func (s *KeySource) Load(ctx context.Context, conn Conn) (*Keyring, error) {
	wrapped, err := ReadKeysets(ctx, conn)
	if errors.Is(err, store.ErrNotFound) {
		wrapped, err = s.create(ctx, conn)
	}
	if err != nil {
		return nil, err
	}
	return NewKeyring(s, wrapped)
}

// wrappedBy returns the ID of the key that encrypts the keys of a database.
func wrappedBy(ctx context.Context, conn Conn) (string, error) {
	wrapped, err := ReadKeysets(ctx, conn)
	return wrapped.Wrapping().String(), err
}

// ReadKeysets reads the keys of a database as they are stored.
func ReadKeysets(ctx context.Context, conn Conn) (wrapped seal.Wrapped, err error) {
	err = conn.Row(ctx, selectKeysets, nil, &wrapped.Values, &wrapped.Fingerprints)
	return wrapped, err
}

// kek returns the key under which the keys of an existing database are stored.
func (s *KeySource) kek() (seal.KEK, error) {
	if s.KEK != nil {
		return s.KEK, nil
	}
	return s.openFile()
}

// unwrap decrypts the keys of a database.
func (s *KeySource) unwrap(wrapped seal.Wrapped) (*seal.Sealer, error) {
	by := wrapped.Wrapping()
	kek, err := s.kek()
	switch {
	case errors.Is(err, fs.ErrNotExist) && by.KMS != "":
		return nil, message.Wrapf(seal.ErrWrongKey, "store.key-in-kms", s.Database, by.KMS, by.KMS)
	case errors.Is(err, fs.ErrNotExist):
		return nil, message.Wrapf(err, "store.key-missing", s.Database, s.File, keyNumber(by))
	case err != nil:
		return nil, err
	}
	sealer, err := seal.Load(kek, wrapped)
	if errors.Is(err, seal.ErrWrongKey) {
		return nil, s.wrongKey(err, kek, by)
	}
	return sealer, err
}

// wrongKey returns an error that says which key a database needs instead of the given one.
func (s *KeySource) wrongKey(cause error, kek seal.KEK, by seal.Wrapping) error {
	switch {
	case by.KMS != "" && s.KEK == nil:
		return message.Wrapf(cause, "store.key-in-kms", s.Database, by.KMS, by.KMS)
	case by.KMS == "" && s.KEK != nil:
		return message.Wrapf(cause, "store.key-in-file", s.Database, keyNumber(by), kek.Name())
	case by.KMS != "" && by.KMS != kek.Name():
		return message.Wrapf(cause, "store.key-elsewhere", s.Database, by.KMS, kek.Name())
	case by.KMS != "":
		return message.Wrapf(cause, "store.key-replaced", kek.Name(), s.Database)
	}
	return message.Wrapf(cause, "store.key-wrong", kek.Name(), s.Database, keyNumber(by))
}

// keyNumber returns the primaryKeyId by which people recognize a key file.
func keyNumber(by seal.Wrapping) string { return strconv.FormatUint(uint64(by.KeyFile), 10) }

// openFile reads the key of a database that has one. If its first start was killed or
// still runs in another process, the file is PendingFile.
func (s *KeySource) openFile() (seal.KEK, error) {
	kek, err := seal.OpenKeyFile(s.File)
	if !errors.Is(err, fs.ErrNotExist) {
		return kek, err
	}
	kek, err = seal.OpenKeyFile(s.PendingFile())
	if !errors.Is(err, fs.ErrNotExist) {
		return kek, err
	}
	return seal.OpenKeyFile(s.File) // the other process may have renamed it in between
}

// create creates the keys of a new database. The key file is on disk before the keys that
// it encrypts are stored. One from a killed first start is reused.
func (s *KeySource) create(ctx context.Context, conn Conn) (wrapped seal.Wrapped, err error) {
	var sealed int
	if err = conn.Row(ctx, `SELECT count(*) FROM secrets`, nil, &sealed); err != nil {
		return wrapped, err
	}
	if sealed > 0 {
		return wrapped, message.Errorf("store.keys-lost", s.Database)
	}
	kek := s.KEK
	if kek == nil {
		if kek, err = s.createFile(); err != nil {
			return wrapped, err
		}
	}
	_, wrapped, err = seal.New(kek)
	if err != nil {
		return wrapped, err
	}
	const query = `INSERT INTO keysets (id, sealing, fingerprints, made_at) VALUES (1, ?, ?, ?)`
	_, err = conn.Exec(ctx, query, wrapped.Values, wrapped.Fingerprints, Timestamp(s.Clock()))
	return wrapped, err
}

// createFile creates the pending key file.
func (s *KeySource) createFile() (seal.KEK, error) {
	if _, err := os.Lstat(s.File); err == nil {
		return nil, s.WithoutData()
	}
	kek, err := seal.OpenKeyFile(s.PendingFile())
	if errors.Is(err, fs.ErrNotExist) {
		kek, err = seal.CreateKeyFile(s.PendingFile())
	}
	if err != nil {
		return nil, err
	}
	return kek, seal.RemoveTemporary(s.PendingFile())
}

// PendingFile is the path of the key file until the transaction that creates the schema
// is on disk; then Publish renames it. So wherever a first start is killed, the next one
// can tell what it finds: neither key nor schema, a pending key with or without the
// schema, or both complete. A key file beside an empty database is none of these: that
// database was lost, or copied without its log.
func (s *KeySource) PendingFile() string { return s.File + ".begun" }

// Publish gives a new database's key file its name. A file that already has that name is
// the one in use, and stays.
func (s *KeySource) Publish(ctx context.Context) error {
	if s.KEK != nil {
		return nil
	}
	if _, err := os.Lstat(s.File); err == nil {
		return nil
	}
	err := os.Rename(s.PendingFile(), s.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another process was faster
	}
	if err == nil {
		err = newfile.SyncDir(filepath.Dir(s.File))
	}
	if err != nil {
		return message.Wrapf(err, "key.unusable", s.File, err)
	}
	s.Logger.InfoContext(ctx, "key file created: back it up separately from the database", "path", s.File)
	return nil
}

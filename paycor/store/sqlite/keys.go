package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"paycorcred/paycor/message"
	"paycorcred/paycor/newfile"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store"
)

const selectKeysets = `SELECT sealing, fingerprints FROM keysets WHERE id = 1`

// loadKeys decrypts the keys in the database, or creates the first ones. It
// never creates a key for a database that has keys, because it could not decrypt
// anything there.
func (s *DB) loadKeys(ctx context.Context, conn *connection) (*keyring, error) {
	var wrapped seal.Wrapped
	err := conn.row(ctx, selectKeysets, nil, &wrapped.Values, &wrapped.Fingerprints)
	if errors.Is(err, store.ErrNotFound) {
		wrapped, err = s.createKeys(ctx, conn)
	}
	if err != nil {
		return nil, err
	}
	return newKeyring(s, wrapped)
}

// kek returns the key under which the keys of an existing database are stored.
func (s *DB) kek() (seal.KEK, error) {
	if s.config.KEK != nil {
		return s.config.KEK, nil
	}
	kek, err := s.openKeyFile()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, message.Wrapf(err, "store.key-missing", s.config.Path, s.config.KeyFile)
	}
	return kek, err
}

// unwrapKeys decrypts the keys of a database.
func (s *DB) unwrapKeys(wrapped seal.Wrapped) (*seal.Sealer, error) {
	kek, err := s.kek()
	if err != nil {
		return nil, err
	}
	sealer, err := seal.Load(kek, wrapped)
	if errors.Is(err, seal.ErrWrongKey) {
		return nil, message.Wrapf(err, "store.key-wrong", kek.Name(), s.config.Path)
	}
	return sealer, err
}

// openKeyFile reads the key of a database that has one. If its first start was
// killed or still runs in another process, the file is pendingKeyFile.
func (s *DB) openKeyFile() (seal.KEK, error) {
	kek, err := seal.OpenKeyFile(s.config.KeyFile)
	if !errors.Is(err, fs.ErrNotExist) {
		return kek, err
	}
	kek, err = seal.OpenKeyFile(s.pendingKeyFile())
	if !errors.Is(err, fs.ErrNotExist) {
		return kek, err
	}
	return seal.OpenKeyFile(s.config.KeyFile) // the other process may have renamed it in between
}

// createKeys creates the keys of a new database. The key file is on disk before
// the keys that it encrypts are stored. One from a killed first start is reused.
func (s *DB) createKeys(ctx context.Context, conn *connection) (wrapped seal.Wrapped, err error) {
	var sealed int
	if err = conn.row(ctx, `SELECT count(*) FROM secrets`, nil, &sealed); err != nil {
		return wrapped, err
	}
	if sealed > 0 {
		return wrapped, message.Errorf("store.keys-lost", s.config.Path)
	}
	kek := s.config.KEK
	if kek == nil {
		if kek, err = s.createKeyFile(); err != nil {
			return wrapped, err
		}
	}
	_, wrapped, err = seal.New(kek)
	if err != nil {
		return wrapped, err
	}
	const query = `INSERT INTO keysets (id, sealing, fingerprints, made_at) VALUES (1, ?, ?, ?)`
	_, err = conn.exec(ctx, query, wrapped.Values, wrapped.Fingerprints, timestamp(s.config.Clock()))
	return wrapped, err
}

// createKeyFile creates the pending key file. The caller's write transaction keeps
// other processes from doing the same.
func (s *DB) createKeyFile() (seal.KEK, error) {
	if fileExists(s.config.KeyFile) {
		return nil, errKeyWithoutData(s.config)
	}
	kek, err := seal.OpenKeyFile(s.pendingKeyFile())
	if errors.Is(err, fs.ErrNotExist) {
		kek, err = seal.CreateKeyFile(s.pendingKeyFile())
	}
	if err != nil {
		return nil, err
	}
	return kek, seal.RemoveTemporary(s.pendingKeyFile())
}

// pendingKeyFile is the path of the key file until the transaction that creates the
// schema is on disk; then publishKeyFile renames it. So wherever a first start is
// killed, the next one can tell what it finds: neither key nor schema, a pending key
// with or without the schema, or both files complete. A key file beside an empty
// database is none of these: that database was lost, or copied without its log.
func (s *DB) pendingKeyFile() string { return s.config.KeyFile + ".begun" }

// publishKeyFile gives a new database's key file its name. A file that already has
// that name is the one in use, and stays.
func (s *DB) publishKeyFile(ctx context.Context) error {
	if fileExists(s.config.KeyFile) {
		return nil
	}
	err := os.Rename(s.pendingKeyFile(), s.config.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another process was faster
	}
	if err == nil {
		err = newfile.SyncDir(filepath.Dir(s.config.KeyFile))
	}
	if err != nil {
		return message.Wrapf(err, "key.unusable", s.config.KeyFile, err)
	}
	s.config.Logger.InfoContext(ctx, "key file created: back it up separately from the database", "path", s.config.KeyFile)
	return nil
}

// errEmptyDatabase reports a database without data where some is expected.
func errEmptyDatabase(path string) error {
	return message.Errorf("store.empty", path, filepath.Base(path)+"-wal")
}

func errKeyWithoutData(config Config) error {
	return message.Wrapf(errEmptyDatabase(config.Path), "store.empty-with-key", config.Path, filepath.Base(config.Path)+"-wal", config.KeyFile)
}

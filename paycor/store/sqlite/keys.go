package sqlite

import (
	"path/filepath"

	"paycorcred/paycor/message"
	"paycorcred/paycor/seal"
	"paycorcred/paycor/store/records"
)

// keySource returns where the key comes from under which the keys are stored.
func (s *DB) keySource() *records.KeySource {
	return &records.KeySource{
		KEK: s.config.KEK, File: s.config.KeyFile, Database: s.config.Path,
		WithoutData: func() error { return errKeyWithoutData(s.config) },
		Clock:       s.config.Clock, Logger: s.config.Logger,
	}
}

// KeyID returns the ID of the key that encrypts the keys of the database, according to the
// configuration. The database may need another one by now.
func (c Config) KeyID() (string, error) {
	kek := c.KEK
	if kek == nil {
		var err error
		if kek, err = seal.OpenKeyFile(c.KeyFile); err != nil {
			return "", err
		}
	}
	return kek.ID(), nil
}

// errEmptyDatabase reports a database without data where some is expected.
func errEmptyDatabase(path string) error {
	return message.Errorf("store.empty", path, filepath.Base(path)+"-wal")
}

func errKeyWithoutData(config Config) error {
	return message.Wrapf(errEmptyDatabase(config.Path), "store.empty-with-key", config.Path, filepath.Base(config.Path)+"-wal", config.KeyFile)
}

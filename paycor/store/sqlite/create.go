package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"paycorcred/paycor/newfile"
)

// Create creates the database of a config with a Source. It has another name until it is
// complete, so that one that was interrupted is not mistaken for it.
func Create(ctx context.Context, config Config) (err error) {
	path := config.Path
	config.Path = path + ".copying"
	if err := removeDatabase(config.Path); err != nil { // of one that was killed
		return err
	}
	defer func() { err = errors.Join(err, removeDatabase(config.Path)) }()
	opened, err := Open(ctx, config)
	if err != nil {
		return err
	}
	if err := opened.Close(); err != nil { // which empties the log
		return err
	}
	return newfile.Name(config.Path, path)
}

// removeDatabase removes the files of a database, of which there may be none.
func removeDatabase(path string) error {
	for _, name := range []string{path, siblingPath(path, "-wal"), siblingPath(path, "-shm")} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

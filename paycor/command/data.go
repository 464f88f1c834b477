package command

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"paycorcred/paycor/store/sqlite"
)

// The files of the data directory.
const (
	databaseName = "paycorcred.db"
	keyName      = "paycorcred.key"
)

// data is the flag that names the data directory.
type data struct {
	Data string `help:"${help_data}" default:"paycorcred-data" placeholder:"DIR"`
}

// problems returns what is wrong with the directory.
func (d data) problems() []string {
	if info, err := os.Stat(d.Data); err == nil && !info.IsDir() {
		return []string{say("cli.data-file", d.Data)}
	}
	return nil
}

func (d data) database() string { return filepath.Join(d.Data, databaseName) }

// absolute returns the directory's absolute path.
func (d data) absolute() string {
	if path, err := filepath.Abs(d.Data); err == nil {
		return path
	}
	return d.Data
}

// withExisting runs a command on the data of a server that has run before.
func (d data) withExisting(ctx context.Context, terminal terminal, do func(application) error) error {
	if wrong := d.problems(); wrong != nil {
		return configurationError(wrong)
	}
	if _, err := os.Stat(d.database()); errors.Is(err, os.ErrNotExist) {
		return configurationError{say("cli.no-data", d.Data)}
	}
	a, err := d.open(ctx, opening{}, terminal)
	if err != nil {
		return err
	}
	defer a.store.Close()
	return do(a)
}

// inspect opens the database for reading only.
func (d data) inspect(ctx context.Context) (*sqlite.Inspector, error) {
	return sqlite.OpenInspector(ctx, sqlite.Config{Path: d.database(), KeyFile: filepath.Join(d.Data, keyName)})
}

package command

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// The files of the data directory.
const (
	databaseName = "paycorcred.db"
	keyName      = "paycorcred.key"
)

// data are the flags that name the data directory and the database.
type data struct {
	Data    string `help:"cli.help.data" default:"paycorcred-data" placeholder:"DIR"`
	KeyFile string `help:"cli.help.key-file" placeholder:"FILE"`
	kekOptions
	databaseOptions
}

// problems returns what is wrong with the flags.
func (d data) problems() []string {
	_, wrong := d.engine()
	if d.KEK != "" && d.KeyFile != "" {
		wrong = append(wrong, say("cli.kek-twice"))
	}
	if strings.HasPrefix(d.Data, "~") || strings.HasPrefix(d.Data, "$") { // otherwise the server would create a directory of this name
		wrong = append(wrong, say("cli.data-unexpanded", d.Data))
	}
	if info, err := os.Stat(d.Data); err == nil && !info.IsDir() {
		wrong = append(wrong, say("cli.data-file", d.Data))
	}
	return wrong
}

// key returns the path of the key.
func (d data) key() string {
	if d.KeyFile != "" {
		return d.KeyFile
	}
	return filepath.Join(d.Data, keyName)
}

// keyName says where the key is.
func (d data) keyName() string {
	if d.KEK != "" {
		return d.KEK
	}
	return d.key()
}

// absolute returns the directory's absolute path.
func (d data) absolute() string {
	if path, err := filepath.Abs(d.Data); err == nil {
		return path
	}
	return d.Data
}

// withExisting runs a command on the data of a server that has run before.
func (d data) withExisting(ctx context.Context, terminal terminal, do func(application) error) error {
	if _, err := d.existing(); err != nil {
		return err
	}
	a, err := d.open(ctx, opening{}, terminal)
	if err != nil {
		return err
	}
	defer a.store.Close()
	return do(a)
}

package command

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// addressName is the file in the data directory in which a server saves the address
// people open it at, for other commands. It stays when the server stops, because the
// next one most likely has the same address.
const addressName = "paycorcred.address"

// saveLine saves what a server tells other commands in a file of the data directory. With
// two servers on the same data, the one started last wins.
func (d data) saveLine(name, line string) (err error) {
	file, err := os.CreateTemp(d.Data, name+".new-*") // so that readers never see a partial file
	if err != nil {
		return fmt.Errorf("saving %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("saving %s: %w", name, errors.Join(err, os.Remove(file.Name())))
		}
	}()
	_, err = file.WriteString(line + "\n")
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), filepath.Join(d.Data, name))
}

// savedAddress returns the address a server saved, or "".
func (d data) savedAddress() string {
	text, err := os.ReadFile(filepath.Join(d.Data, addressName))
	if err != nil {
		return ""
	}
	address := strings.TrimSpace(string(text))
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return ""
	}
	return address
}

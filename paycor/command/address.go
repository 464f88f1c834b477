package command

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// addressName is the file in the data directory in which a server notes under
// which address people open it, for the commands beside it. It stays when the
// server stops: the next one is most likely opened there too.
const addressName = "paycorcred.address"

// noteAddress notes the server's address. Of two servers on the same data the
// one that was started last counts.
func (d data) noteAddress(address string) (err error) {
	file, err := os.CreateTemp(d.Data, addressName+".new-*") // whoever reads it meanwhile finds a whole one
	if err != nil {
		return fmt.Errorf("noting the address: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("noting the address: %w", errors.Join(err, os.Remove(file.Name())))
		}
	}()
	_, err = file.WriteString(address + "\n")
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), filepath.Join(d.Data, addressName))
}

// notedAddress returns what a server noted, or nothing.
func (d data) notedAddress() string {
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

package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// maxKeyFile is far above the size of any keyset; it keeps a wrong path from
// being read into memory.
const maxKeyFile = 1 << 20

// keyFile is a KEK that lives in a file.
type keyFile struct {
	tink.AEAD
	path string
}

func (k *keyFile) Name() string { return keyFileName(k.path) }

func keyFileName(path string) string { return "the key file " + path }

// OpenKeyFile reads the KEK from a file: a clear-text Tink keyset in JSON, as
// CreateKeyFile or tinkey writes it. The error is fs.ErrNotExist when there is
// no such file. A file that anyone but its owner may read is refused.
func OpenKeyFile(path string) (KEK, error) {
	// Without O_NONBLOCK, a FIFO in the file's place would hold the start up.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there: %w", keyFileName(path), fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", keyFileName(path), err)
	}
	defer file.Close()

	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("looking at %s: %w", keyFileName(path), err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxKeyFile {
		return nil, fmt.Errorf("%s is no key file: give the path of the file that holds the key", path)
	}
	if open := info.Mode().Perm() & 0o077; open != 0 {
		return nil, fmt.Errorf("%s may be read or changed by others than its owner (mode %04o): run: chmod 600 %q",
			keyFileName(path), info.Mode().Perm(), path)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(file))
	if err != nil {
		// What the parser says may quote the file, and the file is a key.
		return nil, fmt.Errorf("%s is damaged or holds no key: restore it from the backup", keyFileName(path))
	}
	return newKeyFile(path, handle)
}

// CreateKeyFile makes a new KEK and writes it to a new file that only its
// owner may read. Once it returns, the file has reached the disk whole. The
// error is fs.ErrExist when the file is there already; it is then unchanged.
func CreateKeyFile(path string) (KEK, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return nil, fmt.Errorf("encoding a key: %w", err)
	}
	if err := writeNew(path, text.Bytes()); err != nil {
		return nil, fmt.Errorf("writing %s: %w", keyFileName(path), err)
	}
	return newKeyFile(path, handle)
}

// RemoveUnfinished removes what CreateKeyFile left beside a path where it was
// killed: it may be a copy of the key. Nobody may be making that file meanwhile.
func RemoveUnfinished(path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("looking for what is left of %s: %w", keyFileName(path), err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), filepath.Base(path)+unfinished) {
			if err := os.Remove(filepath.Join(filepath.Dir(path), entry.Name())); err != nil {
				return fmt.Errorf("removing what is left of %s: %w", keyFileName(path), err)
			}
		}
	}
	return nil
}

// unfinished stands behind a key file's name until all of it is there.
const unfinished = ".new-"

func newKeyFile(path string, handle *keyset.Handle) (KEK, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("%s holds a key of another kind: restore it from the backup", keyFileName(path))
	}
	return &keyFile{primitive, path}, nil
}

// writeNew writes a file that appears whole or not at all, and never in place
// of another: half a key would be worse than none, and so would a second one.
func writeNew(path string, content []byte) (err error) {
	dir := filepath.Dir(path)
	// CreateTemp opens with O_EXCL and mode 0600.
	file, err := os.CreateTemp(dir, filepath.Base(path)+unfinished+"*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	// Unlike a rename, a link fails where the name is taken.
	if err := os.Link(file.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a new name in a directory survive a power cut.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

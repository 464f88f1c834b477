package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"paycorcred/paycor/filemode"
	"paycorcred/paycor/message"
	"paycorcred/paycor/newfile"
	"paycorcred/paycor/textfile"
	"strings"
	"syscall"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// maxKeyFile is the largest accepted size in bytes, far above any keyset. It keeps a
// wrong file from being read into memory.
const maxKeyFile = 1 << 20

// keyFile is a KEK in a file.
type keyFile struct {
	tink.AEAD
	path string
	id   KeyID // of the key that encrypts
}

func (k *keyFile) Name() string { return k.path }

func (k *keyFile) ID() string { return Wrapping{KeyFile: k.id}.String() }

// OpenKeyFile reads the KEK from a file: a cleartext Tink keyset in JSON, as written
// by CreateKeyFile or tinkey. It returns fs.ErrNotExist if there is no such file, and
// rejects a file that other users can access.
func OpenKeyFile(path string) (KEK, error) {
	// Without O_NONBLOCK, opening a FIFO would block.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, message.Wrapf(fs.ErrNotExist, "key.missing", path)
	}
	if err != nil {
		return nil, message.Wrapf(err, "key.unusable", path, err)
	}
	defer file.Close()

	info, err := file.Stat()
	if err != nil {
		return nil, message.Wrapf(err, "key.unusable", path, err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxKeyFile {
		return nil, message.Errorf("key.not-file", path)
	}
	if filemode.OthersOfSecret(info, 0o077) != 0 {
		return nil, message.Errorf("key.open-to-others", path, fmt.Sprintf("%04o", info.Mode().Perm()), path)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	if err != nil {
		return nil, message.Wrapf(err, "key.unusable", path, err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(textfile.Decode(text))))
	if err != nil {
		// The parser's message may quote the file, which contains a key.
		return nil, message.Errorf("key.damaged", path)
	}
	return newKeyFile(path, handle)
}

// CreateKeyFile creates a KEK and writes it to a new file that only its owner can
// read. When it returns, the complete file is on disk. It returns fs.ErrExist, and
// changes nothing, if the file exists.
func CreateKeyFile(path string) (KEK, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("creating a key: %w", err)
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return nil, fmt.Errorf("encoding a key: %w", err)
	}
	if err := createFile(path, text.Bytes()); err != nil {
		return nil, message.Wrapf(err, "key.unusable", path, err)
	}
	return newKeyFile(path, handle)
}

// RemoveTemporary removes files that a killed CreateKeyFile left beside path, because
// they may contain the key. No CreateKeyFile may run for the same path.
func RemoveTemporary(path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return message.Wrapf(err, "key.unusable", path, err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), filepath.Base(path)+temporarySuffix) {
			if err := os.Remove(filepath.Join(filepath.Dir(path), entry.Name())); err != nil {
				return message.Wrapf(err, "key.unusable", path, err)
			}
		}
	}
	return nil
}

// temporarySuffix follows the name of a key file that is being written.
const temporarySuffix = ".new-"

func newKeyFile(path string, handle *keyset.Handle) (KEK, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, message.Errorf("key.other-kind", path)
	}
	return &keyFile{primitive, path, KeyID(handle.KeysetInfo().GetPrimaryKeyId())}, nil
}

// createFile creates a file atomically and never replaces one: part of a key would be
// worse than none, and so would a second key.
func createFile(path string, content []byte) (err error) {
	// CreateTemp opens with O_EXCL and mode 0600.
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+temporarySuffix+"*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, newfile.Discard(file.Name())) }()
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return newfile.Name(file.Name(), path)
}

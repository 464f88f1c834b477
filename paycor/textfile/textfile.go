// Package textfile reads text files that people write, in the encodings in which editors
// and shells save them.
package textfile

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxBytes is the size of the largest file that is read. Such files have a few pages: a
// larger one is another file, or a device without an end.
const maxBytes = 16 << 20

// pipeTimeout is how long what writes to a pipe may take, such as a command that asks a
// vault for a secret.
const pipeTimeout = time.Minute

// Read returns the text of a file as UTF-8; see Decode. The file may be a pipe, such as one
// of a shell's process substitution. Its errors are *os.PathError.
func Read(path string) ([]byte, error) {
	// Without O_NONBLOCK, opening a pipe that nothing writes to would block.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	_ = file.SetReadDeadline(time.Now().Add(pipeTimeout)) // a file on a disk has none
	content, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(content) > maxBytes:
		return nil, &os.PathError{Op: "read", Path: path, Err: errors.New("larger than 16 MB")}
	case len(content) == 0 && isPipe(file): // which is no empty file: it was read before, or nothing writes to it
		return nil, &os.PathError{Op: "read", Path: path, Err: errors.New("it is a pipe that nothing writes to")}
	}
	return Decode(content), nil
}

// Cause returns the cause of an error about a file, for a sentence that names the file.
func Cause(err error) error {
	if about, ok := errors.AsType[*os.PathError](err); ok {
		return about.Err
	}
	return err
}

func isPipe(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// Decode returns a text as UTF-8, without a byte order mark. PowerShell and Windows
// editors write one, and UTF-16 behind it. A text without the mark is returned unchanged.
func Decode(content []byte) []byte {
	text, _, err := transform.Bytes(unicode.BOMOverride(encoding.Nop.NewDecoder()), content)
	if err != nil { // such as half a character: what parses the text says what is wrong
		return content
	}
	return text
}

// Package textfile reads text files that people write, in the encodings in which editors
// and shells save them.
package textfile

import (
	"errors"
	"io"
	"os"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxBytes is the size of the largest file that is read. Such files have a few pages: a
// larger one is another file, or a device without an end.
const maxBytes = 16 << 20

// Read returns the text of a file as UTF-8; see Decode. Its errors are *os.PathError.
func Read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err == nil && len(content) > maxBytes {
		err = &os.PathError{Op: "read", Path: path, Err: errors.New("larger than 16 MB")}
	}
	if err != nil {
		return nil, err
	}
	return Decode(content), nil
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

// Package textfile reads text files that people write, in the encodings in which editors
// and shells save them.
package textfile

import (
	"os"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Read returns the text of a file as UTF-8; see Decode. Its errors are those of
// os.ReadFile.
func Read(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	return Decode(content), err
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

package textfile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/textfile"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"UTF-8":              "hämlich\r\n",
		"UTF-8 with a mark":  "\xef\xbb\xbfhämlich\r\n",
		"UTF-16, low first":  "\xff\xfeh\x00\xe4\x00m\x00l\x00i\x00c\x00h\x00\r\x00\n\x00",
		"UTF-16, high first": "\xfe\xff\x00h\x00\xe4\x00m\x00l\x00i\x00c\x00h\x00\r\x00\n",
	} {
		assert.Equal(t, "hämlich\r\n", string(textfile.Decode([]byte(content))), name)
	}
	assert.Equal(t, "a\ufeffb", string(textfile.Decode([]byte("a\ufeffb"))), "only a mark at the beginning is one")
	assert.Equal(t, "\xffnot text", string(textfile.Decode([]byte("\xffnot text"))))
	assert.Empty(t, textfile.Decode([]byte("\xef\xbb\xbf")))
}

func TestRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	_, err := textfile.Read(path)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte("\xef\xbb\xbfinvented"), 0o600))
	text, err := textfile.Read(path)
	require.NoError(t, err)
	assert.Equal(t, "invented", string(text))
	_, err = textfile.Read(filepath.Dir(path))
	assert.Error(t, err)
	_, err = textfile.Read("/dev/zero")
	assert.ErrorContains(t, err, "larger than")
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\xff\xfea\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		text := textfile.Decode(content)
		for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
			if bytes.HasPrefix(content, []byte(mark)) {
				return
			}
		}
		assert.Equal(t, content, text, "nothing else changes")
	})
}

//go:build unix

package textfile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/textfile"
)

func TestReadPipes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	_, err := textfile.Read(path)
	require.ErrorContains(t, err, "pipe", "it must not wait for something that writes")

	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer read.Close()
	written := make(chan error, 1)
	go func() {
		_, err := write.WriteString("\xef\xbb\xbfinven")
		written <- err
		_, err = write.WriteString("ted\n")
		written <- errors.Join(err, write.Close())
	}()
	text, err := textfile.Read(fmt.Sprint("/dev/fd/", read.Fd()))
	require.NoError(t, err)
	require.NoError(t, <-written)
	require.NoError(t, <-written)
	assert.Equal(t, "invented\n", string(text))
	_, err = textfile.Read(fmt.Sprint("/dev/fd/", read.Fd()))
	require.ErrorContains(t, err, "pipe", "it can be read once")
}

package command_test

import (
	"bufio"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var serverAt = regexp.MustCompile(`The server is at (http://\S+)\.`)

// What reads the log, such as "tee" or a log shipper, may end before the server.
func TestServerOutlivesTheReaderOfItsLog(t *testing.T) {
	read, write, err := os.Pipe()
	require.NoError(t, err)
	server := process(t, "serve", "--listen", "localhost:0", "--data", filepath.Join(t.TempDir(), "data"))
	server.Stdout, server.Stderr = write, write
	require.NoError(t, server.Start())
	require.NoError(t, write.Close())
	var address string
	for lines := bufio.NewScanner(read); address == "" && lines.Scan(); {
		if found := serverAt.FindStringSubmatch(lines.Text()); found != nil {
			address = found[1]
		}
	}
	require.NoError(t, read.Close())
	require.NotEmpty(t, address)
	for range 3 { // each is logged
		answer, err := http.Get(address + "/nothing")
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
	}
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	assert.NoError(t, server.Wait(), "it stopped in order")
}

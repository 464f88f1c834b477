package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// echo answers with what came.
func echo(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(w, r.Body)
}

// flood answers without end.
func flood(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.Copy(w, &noise{left: 1 << 40})
}

func holdUntil(release <-chan struct{}) http.HandlerFunc {
	return func(http.ResponseWriter, *http.Request) { <-release }
}

// crowdOf has another process hold idle connections, because one process may
// not have both ends of so many.
func crowdOf(t *testing.T, address string, n int) (end func()) {
	t.Helper()
	crowd := exec.Command(os.Args[0], "-test.run", "^TestIdleConnections$")
	crowd.Env = append(os.Environ(), "PROXY_IDLE="+address+" "+strconv.Itoa(n))
	in, err := crowd.StdinPipe()
	require.NoError(t, err)
	out, err := crowd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, crowd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "standing\n", line)
	return func() {
		_ = in.Close()
		_ = crowd.Wait()
	}
}

// holdIdle opens connections, half of them with half a head, and holds them
// until its input ends.
func holdIdle(t *testing.T) {
	t.Helper()
	address, number, _ := strings.Cut(os.Getenv("PROXY_IDLE"), " ")
	n, _ := strconv.Atoi(number)
	held := make([]net.Conn, 0, n)
	for i := range n {
		conn, err := net.Dial("tcp", address)
		require.NoError(t, err)
		if i%2 == 0 {
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: local")
		}
		held = append(held, conn)
	}
	fmt.Println("standing")
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, conn := range held {
		_ = conn.Close()
	}
}

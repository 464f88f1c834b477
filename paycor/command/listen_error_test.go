package command_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/command"
	"paycorcred/paycor/message"
)

// What to do depends on why an address cannot be listened on.
func TestAddressesThatCannotBeListenedOn(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	data := filepath.Join(t.TempDir(), "data")
	for flag, others := range map[string][]string{"--listen": nil, "--debug-listen": {"--listen", "localhost:0"}} {
		serve := func(address string) (out string, code int) {
			return run(t, append([]string{"serve", "--data", data, flag, address}, others...)...)
		}
		out, code := serve(taken.Addr().String())
		assert.Equal(t, 1, code)
		assert.Contains(t, out, locale.English.Text("cli.port-in-use", flag, taken.Addr().String()))
		for _, address := range []string{"127.0.0.1:99999", "127.0.0.1:nowhere", "127.0.0.1"} {
			out, code = serve(address)
			assert.Equal(t, 2, code)
			assert.Contains(t, out, locale.English.Text("cli."+strings.TrimPrefix(flag, "--")+"-malformed", address))
		}
	}
}

func TestAddressesThatThisMachineOrUserMayNotUse(t *testing.T) {
	t.Parallel()
	for err, key := range map[error]string{syscall.EADDRNOTAVAIL: "cli.address-missing", syscall.EACCES: "cli.port-denied"} {
		err = command.ListenError("--listen", "a:1", &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", err)})
		assert.Equal(t, locale.English.Text(key, "--listen", "a:1"), message.Of(err).In(locale.English))
	}
	taken := message.Of(command.ListenError("--listen", "unix:/run/a.sock", syscall.EADDRINUSE)).In(locale.English)
	assert.Equal(t, locale.English.Text("cli.socket-in-use", "--listen", "/run/a.sock"), taken)
	assert.Contains(t, message.Of(command.ListenError("--listen", "a:1", errors.New("no sockets left"))).In(locale.English), "no sockets left")
}

package web

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"paycorcred/paycor/message"
)

// socketMode lets the owner and the group of a Unix socket connect, such as a proxy that
// runs as another user of the same group.
const socketMode = 0o660

// SocketPath returns the path in an address such as "unix:/run/paycorcred.sock".
func SocketPath(address string) (path string, is bool) { return strings.CutPrefix(address, "unix:") }

// listenUnix listens on a Unix socket. It replaces a socket that a killed server left
// behind, and nothing else.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil {
		if info.Mode().Type() != fs.ModeSocket {
			return nil, message.Errorf("cli.listen-socket-taken", path)
		}
		conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if err == nil {
			return nil, errors.Join(syscall.EADDRINUSE, conn.Close())
		}
		if !errors.Is(err, syscall.ECONNREFUSED) {
			return nil, err
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, socketMode); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return LocalPeers(listener), nil
}

// LocalPeers returns a listener whose connections come from 127.0.0.1 if it is a Unix
// socket, whose own have no address: what connects there is on this machine, and a proxy
// is then declared like any other one on it. Other listeners are returned as they are.
func LocalPeers(listener net.Listener) net.Listener {
	if listener.Addr().Network() != "unix" {
		return listener
	}
	return localPeers{listener}
}

type localPeers struct{ net.Listener }

// Accept implements net.Listener.
func (l localPeers) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return localPeer{conn}, nil
}

type localPeer struct{ net.Conn }

// RemoteAddr implements net.Conn.
func (localPeer) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

//go:build unix

package h1

import (
	"net"
	"syscall"
)

// probe checks whether a socket is idle. It neither blocks nor consumes bytes.
type probe struct {
	raw   syscall.RawConn // nil if the connection is not a socket
	peek  func(fd uintptr) bool
	stale bool // the result of the last peek
}

func (p *probe) init(conn net.Conn) {
	if socket, ok := conn.(syscall.Conn); ok {
		p.raw, _ = socket.SyscallConn()
	}
	p.peek = func(fd uintptr) bool {
		var buffer [1]byte
		_, _, err := syscall.Recvfrom(int(fd), buffer[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		p.stale = err != syscall.EAGAIN && err != syscall.EWOULDBLOCK
		return true
	}
}

// idle reports whether the socket is open and has no bytes to read.
func (p *probe) idle() bool {
	if p.raw == nil {
		return true
	}
	return p.raw.Read(p.peek) == nil && !p.stale
}

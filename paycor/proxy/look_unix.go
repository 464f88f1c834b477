//go:build unix

package proxy

import (
	"net"
	"syscall"
)

// look looks at a connection without waiting and without taking anything.
type look struct {
	raw  syscall.RawConn // nil where there is none to look at
	peek func(uintptr) bool
	gone bool
}

func (l *look) at(conn net.Conn) {
	if has, ok := conn.(syscall.Conn); ok {
		l.raw, _ = has.SyscallConn()
	}
	l.peek = func(fd uintptr) bool {
		var one [1]byte
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		l.gone = err != syscall.EAGAIN && err != syscall.EWOULDBLOCK
		return true
	}
}

// quiet reports whether the connection is open and nothing has arrived.
func (l *look) quiet() bool {
	if l.raw == nil {
		return true
	}
	return l.raw.Read(l.peek) == nil && !l.gone
}

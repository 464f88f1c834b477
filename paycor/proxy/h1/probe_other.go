//go:build !unix

package h1

import "net"

// probe cannot check a socket on this platform.
type probe struct{}

func (p *probe) init(net.Conn) {}

// idle assumes that the socket is open and has no bytes to read.
func (p *probe) idle() bool { return true }

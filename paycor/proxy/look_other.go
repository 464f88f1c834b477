//go:build !unix

package proxy

import "net"

// look cannot look here.
type look struct{}

func (l *look) at(net.Conn) {}

// quiet believes the best.
func (l *look) quiet() bool { return true }

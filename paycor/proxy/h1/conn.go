package h1

import (
	"bufio"
	"container/list"
	"errors"
	"net"
	"os"
	"time"
)

const (
	maxHeaderSize = 64 << 10 // bytes of response headers
	bufferSize    = 4 << 10  // of a connection's reader and writer
)

// Conn is a connection to an upstream. One exchange at a time uses it.
type Conn struct {
	net.Conn
	pool *Pool
	raw  net.Conn // the socket below TLS; the same as Conn without TLS
	r    *bufio.Reader
	w    *bufio.Writer

	headerLimit   int64 // bytes of headers that may still be read; negative while a body is read
	readDeadline  time.Time
	writeDeadline time.Time
	idleSince     time.Time
	listed        *list.Element // among the idle connections; nil in use
	probe         probe

	// Of the current exchange.
	request *Request
	upload  *upload // nil until the request's body is being sent
}

func newConn(pool *Pool, conn, raw net.Conn) *Conn {
	c := &Conn{Conn: conn, pool: pool, raw: raw, headerLimit: -1}
	c.r = bufio.NewReaderSize(c, bufferSize)
	c.w = bufio.NewWriterSize(c, bufferSize)
	c.probe.init(raw)
	return c
}

// Read reads from the connection, but no more header bytes than allowed.
func (c *Conn) Read(b []byte) (int, error) {
	if c.headerLimit < 0 {
		return c.Conn.Read(b)
	}
	if c.headerLimit == 0 {
		return 0, ErrHeaderTooLarge
	}
	n, err := c.Conn.Read(b[:min(int64(len(b)), c.headerLimit)])
	c.headerLimit -= int64(n)
	return n, err
}

// Abort closes the socket at once, which ends an exchange with an error. It may
// be called at any time, unlike Discard, which sends TLS's closing alert first
// and may have to wait for that.
func (c *Conn) Abort() { _ = c.raw.Close() }

// Discard closes the connection for good. Afterwards nothing reads the body of
// the current request.
func (c *Conn) Discard() {
	_ = c.Conn.Close()
	c.pool.open.Add(-1)
	if c.upload != nil {
		c.upload.join(c.request.Body)
	}
}

// extendReadDeadline allows at least d for the next reads. To keep most calls from
// paying for it, the deadline is moved only if it would come too early, and then
// by half as much again.
func (c *Conn) extendReadDeadline(now time.Time, d time.Duration) {
	if c.readDeadline.Sub(now) < d {
		c.readDeadline = now.Add(d + d/2)
		_ = c.SetReadDeadline(c.readDeadline)
	}
}

// extendWriteDeadline allows at least d for the next writes.
func (c *Conn) extendWriteDeadline(now time.Time, d time.Duration) {
	if c.writeDeadline.Sub(now) < d {
		c.writeDeadline = now.Add(d + d/2)
		_ = c.SetWriteDeadline(c.writeDeadline)
	}
}

// idle reports whether the connection is open and nothing has arrived since the
// last response: neither its end nor bytes that no request asked for. With TLS,
// such bytes may be decrypted already and invisible on the socket.
func (c *Conn) idle() bool {
	if c.r.Buffered() > 0 || !c.probe.idle() {
		return false
	}
	if c.Conn == c.raw {
		return true
	}
	c.readDeadline = time.Time{}
	_ = c.SetReadDeadline(time.Unix(1, 0))
	_, err := c.r.Peek(1)
	return errors.Is(err, os.ErrDeadlineExceeded)
}

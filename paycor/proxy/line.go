package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

// Bounds of a connection to Paycor.
const (
	idleTime       = 60 * time.Second // how long one is kept for the next call; Azure's own bound is four minutes
	mostIdle       = 128              // of one environment
	mostHeaderSize = 64 << 10         // bytes of an answer's headers
	lineBuffer     = 4 << 10
)

// line is a connection to Paycor. One call at a time uses it.
type line struct {
	net.Conn
	r *bufio.Reader
	w *bufio.Writer

	room    int64 // bytes of headers that may still come; negative while a body is read
	readBy  time.Time
	writeBy time.Time
	raw     net.Conn // below TLS; the same where there is none
	idle    time.Time
	look    look
}

func newLine(conn, raw net.Conn) *line {
	l := &line{Conn: conn, room: -1, raw: raw}
	l.r = bufio.NewReaderSize(l, lineBuffer)
	l.w = bufio.NewWriterSize(l, lineBuffer)
	l.look.at(raw)
	return l
}

var errHeaderSize = errors.New("the answer's headers are too long")

// Read reads from the connection, and no more headers than there is room for.
func (l *line) Read(b []byte) (int, error) {
	if l.room < 0 {
		return l.Conn.Read(b)
	}
	if l.room == 0 {
		return 0, errHeaderSize
	}
	n, err := l.Conn.Read(b[:min(int64(len(b)), l.room)])
	l.room -= int64(n)
	return n, err
}

// patience bounds what is read from now on. The deadline is moved only where
// it would come too early, so that most calls need not touch it; it is half as
// late again as asked then.
func (l *line) patience(now time.Time, d time.Duration) {
	if l.readBy.Sub(now) < d {
		l.readBy = now.Add(d + d/2)
		_ = l.SetReadDeadline(l.readBy)
	}
}

// drive is patience for writing.
func (l *line) drive(now time.Time, d time.Duration) {
	if l.writeBy.Sub(now) < d {
		l.writeBy = now.Add(d + d/2)
		_ = l.SetWriteDeadline(l.writeBy)
	}
}

// sound reports whether nothing has come in on an idle connection: no end, and
// no answer to what nobody asked. Below TLS something can have come in that is
// decrypted already and seen nowhere else.
func (l *line) sound() bool {
	if l.r.Buffered() > 0 || !l.look.quiet() {
		return false
	}
	if l.Conn == l.raw {
		return true
	}
	l.readBy = time.Time{}
	_ = l.SetReadDeadline(time.Unix(1, 0))
	_, err := l.r.Peek(1)
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// lines keeps the connections to one address.
type lines struct {
	address string      // host and port
	tls     *tls.Config // nil for plain HTTP, which only loopback has
	through *url.URL    // the proxy of this network; nil where there is none
	dial    func(ctx context.Context, network, address string) (net.Conn, error)

	mu     sync.Mutex
	free   []*line // the last was used last
	open   int     // all there are
	timer  *time.Timer
	closed bool
}

// get returns a connection: one that is there, after a look at it, or else a
// new one.
func (p *lines) get(ctx context.Context, now time.Time, anew bool) (*line, error) {
	for !anew {
		p.mu.Lock()
		last := len(p.free) - 1
		if last < 0 {
			p.mu.Unlock()
			break
		}
		l := p.free[last]
		p.free[last] = nil
		p.free = p.free[:last]
		p.mu.Unlock()
		if now.Sub(l.idle) < idleTime && l.sound() {
			return l, nil
		}
		p.drop(l)
	}
	conn, raw, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.open++
	p.mu.Unlock()
	return newLine(conn, raw), nil
}

// drop closes a connection.
func (p *lines) drop(l *line) {
	_ = l.Close()
	p.mu.Lock()
	p.open--
	p.mu.Unlock()
}

// put keeps a connection for the next call.
func (p *lines) put(l *line, now time.Time) {
	l.idle = now
	p.mu.Lock()
	if p.closed || len(p.free) >= mostIdle {
		p.mu.Unlock()
		p.drop(l)
		return
	}
	p.free = append(p.free, l)
	if p.timer == nil {
		p.timer = time.AfterFunc(idleTime, p.sweep)
	}
	p.mu.Unlock()
}

// sweep closes what has been idle too long, and comes back while there is
// something to come back for.
func (p *lines) sweep() {
	p.mu.Lock()
	now, old := time.Now(), 0
	for old < len(p.free) && now.Sub(p.free[old].idle) >= idleTime {
		old++
	}
	ended := append([]*line(nil), p.free[:old]...)
	p.free = append(p.free[:0:0], p.free[old:]...)
	p.timer = nil
	if len(p.free) > 0 && !p.closed {
		p.timer = time.AfterFunc(max(idleTime-now.Sub(p.free[0].idle), time.Second), p.sweep)
	}
	p.mu.Unlock()
	for _, l := range ended {
		p.drop(l)
	}
}

// close closes what is idle; what is in use is closed after its call.
func (p *lines) close() {
	p.mu.Lock()
	ended := p.free
	p.free, p.closed = nil, true
	if p.timer != nil {
		p.timer.Stop()
	}
	p.mu.Unlock()
	for _, l := range ended {
		p.drop(l)
	}
}

// connect opens a connection, through the network's proxy where there is one.
// raw is the connection below TLS.
func (p *lines) connect(ctx context.Context) (conn, raw net.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if p.through != nil {
		conn, raw, err = p.tunnel(ctx)
	} else {
		raw, err = p.dial(ctx, "tcp", p.address)
		conn = raw
	}
	if err != nil || p.tls == nil {
		return conn, raw, err
	}
	secure := tls.Client(conn, p.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, nil, err
	}
	return secure, raw, nil
}

// tunnel asks the network's proxy for a way through. raw is the connection
// below TLS with that proxy.
func (p *lines) tunnel(ctx context.Context) (conn, raw net.Conn, err error) {
	port := p.through.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[p.through.Scheme]
	}
	raw, err = p.dial(ctx, "tcp", net.JoinHostPort(p.through.Hostname(), port))
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	conn = raw
	if p.through.Scheme == "https" {
		conn = tls.Client(raw, &tls.Config{ServerName: p.through.Hostname(), MinVersion: tls.VersionTLS12})
	}
	ask := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: p.address}, Host: p.address, Header: http.Header{}}
	if user := p.through.User; user != nil {
		password, _ := user.Password()
		basic := &http.Request{Header: http.Header{}}
		basic.SetBasicAuth(user.Username(), password)
		ask.Header["Proxy-Authorization"] = basic.Header["Authorization"]
	}
	if err = ask.Write(conn); err == nil {
		var answer *http.Response
		if answer, err = http.ReadResponse(bufio.NewReaderSize(io.LimitReader(conn, mostHeaderSize), 16), ask); err == nil && answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("the network's proxy answered %d", answer.StatusCode)
		}
	}
	if err != nil {
		_ = raw.Close()
		return nil, nil, err
	}
	return conn, raw, nil
}

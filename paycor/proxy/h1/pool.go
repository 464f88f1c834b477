package h1

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// BufferSize is the size of the buffers that bodies are copied with.
const BufferSize = 32 << 10

// Config configures a Pool.
type Config struct {
	Address string      // host and port to connect to
	TLS     *tls.Config // nil for plain HTTP
	Proxy   *url.URL    // to connect through: http, https, socks5 or socks5h; nil for a direct connection
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)

	ConnectTimeout  time.Duration // for a connection, including TLS; 0 means 10 s
	ResponseTimeout time.Duration // from the end of the request to the response's headers; 0 means 60 s
	StallTimeout    time.Duration // for a write to make progress; 0 means 30 s

	Buffers *sync.Pool // of *[BufferSize]byte; nil means a new pool
	Idle    *Idle      // bounds the idle connections of several pools; nil means a bound of the pool's own
}

// Pool keeps the idle connections to one address. It is safe for concurrent use.
type Pool struct {
	config Config
	open   atomic.Int32 // connections that exist, idle or in use

	// Config.Idle guards these.
	idle   []*Conn // most recently used last
	closed bool
}

// NewPool returns an empty pool.
func NewPool(config Config) *Pool {
	config.ConnectTimeout = cmp.Or(config.ConnectTimeout, 10*time.Second)
	config.ResponseTimeout = cmp.Or(config.ResponseTimeout, 60*time.Second)
	config.StallTimeout = cmp.Or(config.StallTimeout, 30*time.Second)
	if config.Dial == nil {
		config.Dial = (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext
	}
	if config.Buffers == nil {
		config.Buffers = NewBuffers()
	}
	if config.Idle == nil {
		config.Idle = NewIdle(0)
	}
	return &Pool{config: config}
}

// NewBuffers returns a pool of buffers for Config.
func NewBuffers() *sync.Pool {
	return &sync.Pool{New: func() any { return new([BufferSize]byte) }}
}

// Get returns an idle connection that passes its check, or else a new one. With
// fresh it is always a new one. ctx bounds only the connecting.
func (p *Pool) Get(ctx context.Context, now time.Time, fresh bool) (*Conn, error) {
	for !fresh {
		c := p.config.Idle.take(p)
		if c == nil {
			break
		}
		if now.Sub(c.idleSince) < maxIdleTime && c.idle() {
			return c, nil
		}
		c.Discard()
	}
	conn, raw, err := p.connect(ctx)
	if isOutOfFiles(err) && p.config.Idle.closeOldest() {
		conn, raw, err = p.connect(ctx)
	}
	if err != nil {
		return nil, err
	}
	p.open.Add(1)
	return newConn(p, conn, raw), nil
}

// isOutOfFiles reports whether this process or the system has too many files open.
func isOutOfFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// put keeps a connection for the next request.
func (p *Pool) put(c *Conn, now time.Time) {
	c.idleSince = now
	for _, surplus := range p.config.Idle.put(p, c) {
		surplus.Discard()
	}
}

// CloseIdle closes the idle connections.
func (p *Pool) CloseIdle() {
	for c := p.config.Idle.take(p); c != nil; c = p.config.Idle.take(p) {
		c.Discard()
	}
}

// Close closes the idle connections now, and the others after their exchange.
func (p *Pool) Close() {
	p.config.Idle.close(p)
	p.CloseIdle()
}

// Open returns how many connections exist, idle or in use.
func (p *Pool) Open() int { return int(p.open.Load()) }

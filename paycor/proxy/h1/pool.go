package h1

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"sync"
	"time"
)

const (
	maxIdleTime  = 60 * time.Second // Azure closes idle connections after four minutes
	maxIdleConns = 128              // of one pool
)

// BufferSize is the size of the buffers that bodies are copied with.
const BufferSize = 32 << 10

// Config configures a Pool.
type Config struct {
	Address string      // host and port to connect to
	TLS     *tls.Config // nil for plain HTTP
	Proxy   *url.URL    // the HTTP proxy to connect through; nil for a direct connection
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)

	ConnectTimeout  time.Duration // for a connection, including TLS; 0 means 10 s
	ResponseTimeout time.Duration // from the end of the request to the response's headers; 0 means 60 s
	StallTimeout    time.Duration // for a write to make progress; 0 means 30 s

	Buffers *sync.Pool // of *[BufferSize]byte; nil means a new pool
}

// Pool keeps the idle connections to one address. It is safe for concurrent use.
type Pool struct {
	config Config

	mu     sync.Mutex
	idle   []*Conn // most recently used last
	open   int     // connections that exist, idle or in use
	timer  *time.Timer
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
		p.mu.Lock()
		last := len(p.idle) - 1
		if last < 0 {
			p.mu.Unlock()
			break
		}
		c := p.idle[last]
		p.idle[last] = nil
		p.idle = p.idle[:last]
		p.mu.Unlock()
		if now.Sub(c.idleSince) < maxIdleTime && c.idle() {
			return c, nil
		}
		c.Discard()
	}
	conn, raw, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.open++
	p.mu.Unlock()
	return newConn(p, conn, raw), nil
}

// put keeps a connection for the next request.
func (p *Pool) put(c *Conn, now time.Time) {
	c.idleSince = now
	p.mu.Lock()
	if p.closed || len(p.idle) >= maxIdleConns {
		p.mu.Unlock()
		c.Discard()
		return
	}
	p.idle = append(p.idle, c)
	if p.timer == nil {
		p.timer = time.AfterFunc(maxIdleTime, p.closeExpired)
	}
	p.mu.Unlock()
}

// closeExpired closes connections that have been idle for too long, and runs
// again while others remain.
func (p *Pool) closeExpired() {
	p.mu.Lock()
	now, n := time.Now(), 0
	for n < len(p.idle) && now.Sub(p.idle[n].idleSince) >= maxIdleTime {
		n++
	}
	expired := append([]*Conn(nil), p.idle[:n]...)
	p.idle = append(p.idle[:0:0], p.idle[n:]...)
	p.timer = nil
	if len(p.idle) > 0 && !p.closed {
		p.timer = time.AfterFunc(max(maxIdleTime-now.Sub(p.idle[0].idleSince), time.Second), p.closeExpired)
	}
	p.mu.Unlock()
	for _, c := range expired {
		c.Discard()
	}
}

// CloseIdle closes the idle connections.
func (p *Pool) CloseIdle() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range idle {
		c.Discard()
	}
}

// Close closes the idle connections now, and the others after their exchange.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	if p.timer != nil {
		p.timer.Stop()
	}
	p.mu.Unlock()
	p.CloseIdle()
}

// Open returns how many connections exist, idle or in use.
func (p *Pool) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

package h1

import (
	"container/list"
	"slices"
	"sync"
	"time"
)

const (
	maxIdleTime     = 60 * time.Second // Azure closes idle connections after four minutes
	maxIdleOfPool   = 128
	defaultMaxIdle  = 1024
	outOfFilesShare = 4 // without descriptors, a quarter of the idle connections is closed
)

// Idle bounds the idle connections of several pools: when there are too many, or no
// descriptors are left, those that have been idle longest are closed, whosever they are.
// It is safe for concurrent use.
type Idle struct {
	max int

	mu    sync.Mutex
	conns list.List // of *Conn, idle longest first
	timer *time.Timer
}

// NewIdle returns a bound of max idle connections; 0 means 1024.
func NewIdle(max int) *Idle {
	if max <= 0 {
		max = defaultMaxIdle
	}
	return &Idle{max: max}
}

// Len returns how many connections are idle.
func (i *Idle) Len() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.conns.Len()
}

// take removes the connection that the pool used last, or returns nil.
func (i *Idle) take(p *Pool) *Conn {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	c := p.idle[len(p.idle)-1]
	i.remove(c)
	return c
}

// remove takes a connection out of its pool and of the list. i.mu is held.
func (i *Idle) remove(c *Conn) {
	i.conns.Remove(c.listed)
	c.listed = nil
	idle := c.pool.idle
	if last := len(idle) - 1; idle[last] == c {
		idle[last] = nil
		c.pool.idle = idle[:last]
		return
	}
	at := slices.Index(idle, c)
	c.pool.idle = slices.Delete(idle, at, at+1)
}

// put adds a connection and returns those to close instead.
func (i *Idle) put(p *Pool, c *Conn) (surplus []*Conn) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if p.closed || len(p.idle) >= maxIdleOfPool {
		return []*Conn{c}
	}
	p.idle = append(p.idle, c)
	c.listed = i.conns.PushBack(c)
	if i.conns.Len() > i.max {
		surplus = i.takeOldest(1)
	}
	if i.timer == nil {
		i.timer = time.AfterFunc(maxIdleTime, i.closeExpired)
	}
	return surplus
}

// takeOldest removes some of the connections that have been idle longest. i.mu is held.
func (i *Idle) takeOldest(count int) (oldest []*Conn) {
	for first := i.conns.Front(); first != nil && len(oldest) < count; first = i.conns.Front() {
		c := first.Value.(*Conn)
		i.remove(c)
		oldest = append(oldest, c)
	}
	return oldest
}

// closeOldest frees descriptors and reports whether it closed any connection.
func (i *Idle) closeOldest() bool {
	i.mu.Lock()
	oldest := i.takeOldest((i.conns.Len() + outOfFilesShare - 1) / outOfFilesShare)
	i.mu.Unlock()
	discard(oldest)
	return len(oldest) > 0
}

// closeExpired closes connections that have been idle for too long, and runs again
// while others remain.
func (i *Idle) closeExpired() {
	i.mu.Lock()
	now, expired := time.Now(), 0
	i.timer = nil
	for at := i.conns.Front(); at != nil; at = at.Next() {
		if left := maxIdleTime - now.Sub(at.Value.(*Conn).idleSince); left > 0 {
			i.timer = time.AfterFunc(max(left, time.Second), i.closeExpired)
			break
		}
		expired++
	}
	conns := i.takeOldest(expired)
	i.mu.Unlock()
	discard(conns)
}

func discard(conns []*Conn) {
	for _, c := range conns {
		c.Discard()
	}
}

// close keeps no more connections of a pool.
func (i *Idle) close(p *Pool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	p.closed = true
}

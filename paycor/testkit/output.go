package testkit

import (
	"bytes"
	"regexp"
	"sync"
)

// Output collects what a program prints, for tests that wait for a line or search for
// secrets. The zero value is empty.
type Output struct {
	mu      sync.Mutex
	all     bytes.Buffer
	changed chan struct{} // closed by the next write; nil if nothing waits for it
}

// Write implements io.Writer.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
	return o.all.Write(b)
}

// String returns everything that was printed.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

// Changed returns a channel that the next write closes.
func (o *Output) Changed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed == nil {
		o.changed = make(chan struct{})
	}
	return o.changed
}

// Await returns the first group of the pattern's first match, or false once ended is
// closed.
func (o *Output) Await(pattern *regexp.Regexp, ended <-chan struct{}) (string, bool) {
	for {
		changed := o.Changed()
		if found := pattern.FindStringSubmatch(o.String()); found != nil {
			return found[1], true
		}
		select {
		case <-changed:
		case <-ended:
			return "", false
		}
	}
}

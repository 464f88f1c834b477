package e2e_test

import (
	"bytes"
	"regexp"
	"sync"
)

// output collects what a program prints, for tests that wait for a line or
// search for secrets.
type output struct {
	mu      sync.Mutex
	all     bytes.Buffer
	changed chan struct{} // closed and replaced on every write
}

func newOutput() *output { return &output{changed: make(chan struct{})} }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.changed)
	o.changed = make(chan struct{})
	return o.all.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

// await returns the first group of the pattern's first match, or false once
// ended is closed.
func (o *output) await(pattern *regexp.Regexp, ended <-chan struct{}) (string, bool) {
	for {
		o.mu.Lock()
		found, changed := pattern.FindSubmatch(o.all.Bytes()), o.changed
		o.mu.Unlock()
		if found != nil {
			return string(found[1]), true
		}
		select {
		case <-changed:
		case <-ended:
			return "", false
		}
	}
}

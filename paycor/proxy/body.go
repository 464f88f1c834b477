package proxy

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// minProgress is how many bytes of a body must come within Config.StallTimeout.
const minProgress = 8 << 10

// callerBody is the body of a caller's request. It may have any size and take
// any time, but must make progress: a caller that sends a byte now and then
// does not hold a slot forever, and one that sends a lot is not cut off.
type callerBody struct {
	from    io.Reader
	control *http.ResponseController
	stall   time.Duration

	started  bool
	received int         // bytes since the deadline was moved
	err      error       // why the body could not be read to its end
	timedOut bool        // err is because the caller sent too slowly
	ended    atomic.Bool // it was read to its end
	stopped  atomic.Bool // the rest is not wanted
}

// Read reads what has come, and moves the deadline with each minProgress bytes.
func (b *callerBody) Read(buffer []byte) (n int, err error) {
	if !b.started || b.received >= minProgress {
		b.started, b.received = true, 0
		_ = b.control.SetReadDeadline(time.Now().Add(b.stall))
		if b.stopped.Load() { // Stop came first, or in between
			_ = b.control.SetReadDeadline(time.Unix(1, 0))
		}
	}
	n, err = b.from.Read(buffer)
	b.received += n
	switch {
	case err == io.EOF:
		b.ended.Store(true)
		_ = b.control.SetReadDeadline(time.Time{})
	case err != nil:
		b.err = err
		b.timedOut = !b.stopped.Load() && errors.Is(err, os.ErrDeadlineExceeded)
	}
	return n, err
}

// Stop ends a pending Read. It does nothing at the end of the body, where the
// server already reads ahead for the next request: ending that read would make
// the server assume that the caller has disconnected.
func (b *callerBody) Stop() {
	if b.ended.Load() {
		return
	}
	b.stopped.Store(true)
	_ = b.control.SetReadDeadline(time.Unix(1, 0))
}

// leftover reports whether part of the body may still be on the connection.
func (b *callerBody) leftover() bool { return !b.ended.Load() || b.stopped.Load() }

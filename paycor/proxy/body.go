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

	deadline time.Time // of the next minProgress bytes; zero before the first Read
	received int       // bytes since the deadline was moved
	err      error     // why the body could not be read to its end, unless Stop ended it
	timedOut bool      // err is because the caller sent too slowly

	ended   atomic.Bool               // it was read to its end
	stopped atomic.Pointer[time.Time] // since when the rest is not wanted; nil if it is
}

// Read reads what has come, and moves the deadline with each minProgress bytes.
func (b *callerBody) Read(buffer []byte) (n int, err error) {
	if b.deadline.IsZero() || b.received >= minProgress {
		b.deadline, b.received = time.Now().Add(b.stall), 0
		_ = b.control.SetReadDeadline(b.deadline)
		if b.stopped.Load() != nil { // Stop came first, or in between
			_ = b.control.SetReadDeadline(time.Unix(1, 0))
		}
	}
	n, err = b.from.Read(buffer)
	b.received += n
	switch {
	case err == io.EOF:
		b.ended.Store(true)
		_ = b.control.SetReadDeadline(time.Time{})
	case err != nil && !b.interrupted():
		b.err, b.timedOut = err, errors.Is(err, os.ErrDeadlineExceeded)
	}
	return n, err
}

// interrupted reports whether Stop came before the deadline. If it came later, the
// caller was too slow: the server canceled the call for that, which led to Stop while
// Read was about to return.
func (b *callerBody) interrupted() bool {
	stopped := b.stopped.Load()
	return stopped != nil && stopped.Before(b.deadline)
}

// Stop ends a pending Read. It does nothing at the end of the body, where the
// server already reads ahead for the next request: ending that read would make
// the server assume that the caller has disconnected.
func (b *callerBody) Stop() {
	if b.ended.Load() {
		return
	}
	now := time.Now()
	b.stopped.Store(&now)
	_ = b.control.SetReadDeadline(time.Unix(1, 0))
}

// leftover reports whether part of the body may still be on the connection.
func (b *callerBody) leftover() bool { return !b.ended.Load() || b.stopped.Load() != nil }

package proxy

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

const (
	bufferSize   = 32 << 10
	progressSize = 8 << 10 // what has to come in Config.Stall
)

// body is what a caller sends. It may be of any size and take any time, as
// long as it moves.
type body struct {
	from    io.Reader
	control *http.ResponseController
	stall   time.Duration
	begun   bool
	ended   atomic.Bool // it was read to its end
	came    int         // since the deadline was moved
	failed  error       // why it could not be read to its end
	late    bool        // because the caller sent too slowly
	stopped atomic.Bool // it is not wanted any more
}

// fill reads what has come. The deadline moves on with every progressSize that
// arrived: a caller who sends a byte now and then does not hold a place for
// ever, and one who sends a great deal is not cut off.
func (b *body) fill(buffer []byte) (n int, err error) {
	if !b.begun || b.came >= progressSize {
		b.begun, b.came = true, 0
		_ = b.control.SetReadDeadline(time.Now().Add(b.stall))
		if b.stopped.Load() { // stop came first, or in between
			_ = b.control.SetReadDeadline(time.Unix(1, 0))
		}
	}
	n, err = b.from.Read(buffer)
	b.came += n
	switch {
	case err == io.EOF:
		b.ended.Store(true)
	case err != nil:
		b.failed = err
		b.late = !b.stopped.Load() && errors.Is(err, os.ErrDeadlineExceeded)
	}
	return n, err
}

// end lets go of the caller's connection, as far as reading is concerned.
func (b *body) end() { _ = b.control.SetReadDeadline(time.Time{}) }

// stop ends a read under way.
func (b *body) stop() {
	b.stopped.Store(true)
	_ = b.control.SetReadDeadline(time.Unix(1, 0))
}

// slow reports whether the caller sent too slowly.
func (b *body) slow() bool { return b.late }

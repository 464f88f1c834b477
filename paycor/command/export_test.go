package command

import (
	"io"
	"log/slog"
	"time"
)

// DrainFor changes how long a stopping server waits, and returns the way back.
func DrainFor(long time.Duration) (back func()) {
	before := drainTime
	drainTime = long
	return func() { drainTime = before }
}

// Journal returns a logger that writes to a journal, and what passes on the
// lines it has gathered.
func Journal(to io.Writer) (log *slog.Logger, flush func()) {
	journal, log := newJournal(to)
	return log, journal.flush
}

// Plain reports whether a line is written without slog.
func Plain(record slog.Record) bool {
	_, plain := appendPlain(nil, record)
	return plain
}

package command

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// How long lines of the log are gathered, and how much of them.
const (
	gatherTime = 20 * time.Millisecond
	gatherSize = 32 << 10
)

// journal gathers the lines of the log for a moment and writes them at once: a
// busy server writes one for each request, and to write each by itself costs a
// twentieth of what a call to Paycor costs. What tells of trouble is written at
// once, with everything before it. A kill can lose the lines of gatherTime;
// what has to be on record is in the audit trail.
type journal struct {
	to io.Writer

	mu    sync.Mutex
	lines []byte
	timer *time.Timer
	armed bool
}

// newJournal returns a logger that writes to a journal.
func newJournal(to io.Writer) (*journal, *slog.Logger) {
	j := &journal{to: to}
	return j, slog.New(journalHandler{slog.NewTextHandler(j, nil), j})
}

// Write takes one line.
func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line...)
	switch {
	case len(j.lines) >= gatherSize:
		j.pass()
	case j.armed:
	case j.timer == nil:
		j.armed, j.timer = true, time.AfterFunc(gatherTime, j.flush)
	default:
		j.armed = true
		j.timer.Reset(gatherTime)
	}
	return len(line), nil
}

// flush writes what is gathered.
func (j *journal) flush() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.armed = false
	j.pass()
}

// pass writes what is gathered. j.mu is held.
func (j *journal) pass() {
	if len(j.lines) > 0 {
		_, _ = j.to.Write(j.lines) // there is no other place to complain
		j.lines = j.lines[:0]
	}
}

// journalHandler has the journal written where a line tells of trouble.
type journalHandler struct {
	slog.Handler
	journal *journal
}

// Handle implements slog.Handler.
func (h journalHandler) Handle(ctx context.Context, record slog.Record) error {
	err := h.Handler.Handle(ctx, record)
	if record.Level >= slog.LevelWarn {
		h.journal.flush()
	}
	return err
}

// WithAttrs implements slog.Handler.
func (h journalHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return journalHandler{h.Handler.WithAttrs(attrs), h.journal}
}

// WithGroup implements slog.Handler.
func (h journalHandler) WithGroup(name string) slog.Handler {
	return journalHandler{h.Handler.WithGroup(name), h.journal}
}

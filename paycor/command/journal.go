package command

import (
	"context"
	"io"
	"log/slog"
	"strconv"
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
	return j, slog.New(journalHandler{slog.NewTextHandler(j, nil), j, false})
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

// journalHandler writes lines as slog.TextHandler does, and has the journal
// written where one tells of trouble.
type journalHandler struct {
	slog.Handler // with what is in all lines
	journal      *journal
	more         bool // there is something in all lines
}

// Handle implements slog.Handler.
func (h journalHandler) Handle(ctx context.Context, record slog.Record) (err error) {
	var room [512]byte
	line, plain := room[:0], !h.more
	if plain {
		line, plain = appendPlain(line, record)
	}
	if plain {
		_, err = h.journal.Write(line)
	} else {
		err = h.Handler.Handle(ctx, record)
	}
	if record.Level >= slog.LevelWarn {
		h.journal.flush()
	}
	return err
}

// WithAttrs implements slog.Handler.
func (h journalHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return journalHandler{h.Handler.WithAttrs(attrs), h.journal, true}
}

// WithGroup implements slog.Handler.
func (h journalHandler) WithGroup(name string) slog.Handler {
	return journalHandler{h.Handler.WithGroup(name), h.journal, true}
}

// appendPlain appends the line that slog.TextHandler would write, in a quarter
// of the time, where nothing in it has to be escaped: one is written for each
// request. Otherwise plain is false.
func appendPlain(line []byte, record slog.Record) (_ []byte, plain bool) {
	if !record.Time.IsZero() {
		line = append(line, "time="...)
		line = appendTime(line, record.Time)
		line = append(line, ' ')
	}
	line = append(line, "level="...)
	line = append(line, record.Level.String()...)
	line = append(line, " msg="...)
	if line, plain = appendText(line, record.Message); !plain {
		return nil, false
	}
	record.Attrs(func(attr slog.Attr) bool {
		line = append(line, ' ')
		key := len(line)
		if line, plain = appendText(line, attr.Key); !plain || line[key] == '"' {
			plain = false
			return false
		}
		line = append(line, '=')
		switch attr.Value.Kind() {
		case slog.KindString:
			line, plain = appendText(line, attr.Value.String())
		case slog.KindInt64:
			line = strconv.AppendInt(line, attr.Value.Int64(), 10)
		case slog.KindDuration:
			line = append(line, attr.Value.Duration().String()...)
		default:
			plain = false
		}
		return plain
	})
	return append(line, '\n'), plain
}

// appendTime appends a time to the millisecond.
func appendTime(line []byte, t time.Time) []byte {
	const whole = len("2006-01-02T15:04:05.000")
	begin := len(line)
	// Nanoseconds have a short way through package time: with a digit behind
	// the milliseconds all of them are written.
	line = t.Truncate(time.Millisecond).Add(100*time.Microsecond).AppendFormat(line, time.RFC3339Nano)
	return append(line[:begin+whole], line[begin+whole+1:]...)
}

// appendText appends a text, in quotes where there is a blank or nothing in it.
func appendText(line []byte, text string) (_ []byte, plain bool) {
	quote := text == ""
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ' || c == '=':
			quote = true
		case c < ' ' || c > '~' || c == '"' || c == '\\':
			return nil, false
		}
	}
	if !quote {
		return append(line, text...), true
	}
	line = append(line, '"')
	line = append(line, text...)
	return append(line, '"'), true
}

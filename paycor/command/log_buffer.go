package command

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"paycorcred/app/locale"
	"paycorcred/paycor/message"
)

// How long and how many bytes of the log are buffered.
const (
	maxDelay    = 20 * time.Millisecond
	maxBuffered = 32 << 10
)

// logBuffer collects log lines for a moment and writes them together: a busy server
// logs every request, and a write for each line costs a twentieth of a call to
// Paycor. Warnings and errors are written at once, with everything before them. A
// killed server can lose the lines of maxDelay; the audit trail does not depend on
// the log.
type logBuffer struct {
	to io.Writer

	level    slog.LevelVar
	sample   atomic.Int64 // one of how many requests that succeeded is logged
	requests atomic.Int64 // that succeeded

	mu    sync.Mutex
	lines []byte
	timer *time.Timer
	armed bool
}

// newLogBuffer returns a buffer and a logger that writes to it.
func newLogBuffer(to io.Writer, options logOptions) (*logBuffer, *slog.Logger) {
	b := &logBuffer{to: to}
	b.set(options)
	handler := bufferedHandler{buffer: b}
	if options.LogFormat == "json" {
		handler.Handler = slog.NewJSONHandler(b, &slog.HandlerOptions{Level: &b.level, ReplaceAttr: spellOutForJSON})
		handler.slow = true
	} else {
		handler.Handler = slog.NewTextHandler(b, &slog.HandlerOptions{Level: &b.level, ReplaceAttr: spellOut})
	}
	return b, slog.New(handler)
}

// set changes level and sampling of a log in use. Its format stays.
func (b *logBuffer) set(options logOptions) {
	b.level.Set(options.level())
	b.sample.Store(int64(options.LogSample))
}

// drops reports whether sampling leaves a record out: a request that succeeded. Whatever
// went wrong is always logged.
func (b *logBuffer) drops(record slog.Record) bool {
	every := b.sample.Load()
	if every <= 1 || record.Level != slog.LevelInfo || record.Message != "request" {
		return false
	}
	succeeded := false
	record.Attrs(func(attr slog.Attr) bool {
		if attr.Key == "status" {
			succeeded = attr.Value.Kind() == slog.KindInt64 && attr.Value.Int64() < 400
		}
		return attr.Key != "status"
	})
	return succeeded && b.requests.Add(1)%every != 1
}

// spellOutForJSON is spellOut, and writes durations in seconds.
func spellOutForJSON(groups []string, attr slog.Attr) slog.Attr {
	if attr.Value.Kind() == slog.KindDuration {
		return slog.Float64(attr.Key, attr.Value.Duration().Seconds())
	}
	return spellOut(groups, attr)
}

// spellOut replaces the keys of sentences in errors by the sentences.
func spellOut(_ []string, attr slog.Attr) slog.Attr {
	err, ok := attr.Value.Any().(error)
	if !ok {
		return attr
	}
	sentence := message.Of(err)
	return slog.String(attr.Key, strings.Replace(err.Error(), sentence.String(), sentence.In(locale.English), 1))
}

// Write buffers one line.
func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, line...)
	switch {
	case len(b.lines) >= maxBuffered:
		b.writeLocked()
	case b.armed:
	case b.timer == nil:
		b.armed, b.timer = true, time.AfterFunc(maxDelay, b.flush)
	default:
		b.armed = true
		b.timer.Reset(maxDelay)
	}
	return len(line), nil
}

// flush writes what is buffered.
func (b *logBuffer) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.armed = false
	b.writeLocked()
}

// writeLocked writes what is buffered. The caller holds b.mu.
func (b *logBuffer) writeLocked() {
	if len(b.lines) > 0 {
		_, _ = b.to.Write(b.lines) // there is nowhere to report it
		b.lines = b.lines[:0]
	}
}

// bufferedHandler formats records like slog.TextHandler, and flushes the buffer for
// warnings and errors.
type bufferedHandler struct {
	slog.Handler // with the attributes of all lines
	buffer       *logBuffer
	slow         bool // the fast path does not format this: JSON, or attributes of all lines
}

// Handle implements slog.Handler.
func (h bufferedHandler) Handle(ctx context.Context, record slog.Record) (err error) {
	if h.buffer.drops(record) {
		return nil
	}
	var array [512]byte
	line, plain := array[:0], !h.slow
	if plain {
		line, plain = appendPlain(line, record)
	}
	if plain {
		_, err = h.buffer.Write(line)
	} else {
		err = h.Handler.Handle(ctx, record)
	}
	if record.Level >= slog.LevelWarn {
		h.buffer.flush()
	}
	return err
}

// WithAttrs implements slog.Handler.
func (h bufferedHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return bufferedHandler{h.Handler.WithAttrs(attrs), h.buffer, true}
}

// WithGroup implements slog.Handler.
func (h bufferedHandler) WithGroup(name string) slog.Handler {
	return bufferedHandler{h.Handler.WithGroup(name), h.buffer, true}
}

// appendPlain appends the line that slog.TextHandler would write, in a quarter of the
// time, if nothing in it needs escaping. Otherwise plain is false.
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

// appendTime appends a time in milliseconds.
func appendTime(line []byte, t time.Time) []byte {
	const whole = len("2006-01-02T15:04:05.000")
	begin := len(line)
	// RFC3339Nano has a fast path in package time, but drops trailing zeros: a
	// digit after the milliseconds keeps them, and is removed below.
	line = t.Truncate(time.Millisecond).Add(100*time.Microsecond).AppendFormat(line, time.RFC3339Nano)
	return append(line[:begin+whole], line[begin+whole+1:]...)
}

// appendText appends text, quoted if it is empty or contains a space.
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

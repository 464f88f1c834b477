package command_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/command"
	"paycorcred/paycor/message"
)

// same formats a line both ways.
func same(t *testing.T, record slog.Record, with ...slog.Attr) {
	t.Helper()
	var got, want bytes.Buffer
	log, flush := command.BufferedLog(&got)
	mine, theirs := log.Handler(), slog.Handler(slog.NewTextHandler(&want, nil))
	if len(with) > 0 { // even without attributes, WithAttrs bypasses the fast path
		mine, theirs = mine.WithAttrs(with), theirs.WithAttrs(with)
	}
	require.NoError(t, mine.Handle(t.Context(), record))
	flush()
	require.NoError(t, theirs.Handle(t.Context(), record))
	assert.Equal(t, want.String(), got.String())
}

var noon = time.Date(2031, 5, 4, 12, 0, 0, 1_999_999, time.FixedZone("", -2*60*60))

// FuzzLogBuffer compares its lines with those of slog.
func FuzzLogBuffer(f *testing.F) {
	for _, text := range []string{"", "GET /healthz", "a=b", `a"b`, `a\b`, "a\nlevel=ERROR", "\xff", "ä", "\u2028", "\x7f", "~"} {
		f.Add(text, "route", "value", int64(200), noon.UnixNano(), 0)
		f.Add("request", text, "value", int64(-1), int64(0), 4)
		f.Add("request", "route", text, int64(0), int64(999_999), -5)
	}
	f.Fuzz(func(t *testing.T, message, key, value string, number, at int64, level int) {
		record := slog.NewRecord(time.Unix(0, at).In(noon.Location()), slog.Level(level), message, 0)
		record.AddAttrs(slog.String(key, value), slog.Int64("number", number), slog.Duration("took", time.Duration(number)), slog.String(value, ""))
		same(t, record)
	})
}

// Lines that need escaping are formatted by slog itself.
func TestLogBufferFormatsLikeSlog(t *testing.T) {
	record := func(message string, attrs ...slog.Attr) slog.Record {
		record := slog.NewRecord(noon, slog.LevelInfo, message, 0)
		record.AddAttrs(attrs...)
		return record
	}
	request := record("request", slog.String("route", "GET /healthz"), slog.Int("status", 200), slog.Duration("took", time.Millisecond), slog.String("caller", ""))
	assert.True(t, command.Plain(request))
	same(t, request)
	same(t, request, slog.String("in", "all lines"))
	same(t, slog.NewRecord(time.Time{}, slog.LevelWarn, "without a time", 0))
	for _, other := range []slog.Attr{
		slog.Any("error", errors.New("it broke")), slog.Bool("is", true), slog.Time("at", noon), slog.Group("of", slog.Int("n", 1)),
		slog.String("a b", "key"), slog.String("", "no key"), {},
	} {
		odd := record("odd", other)
		assert.False(t, command.Plain(odd), other)
		same(t, odd)
	}
	var got bytes.Buffer
	log, flush := command.BufferedLog(&got)
	log.WithGroup("of").Info("grouped", "n", 1)
	flush()
	assert.Contains(t, got.String(), " of.n=1")
}

// Errors are stored by key; an operator reads their sentences, and the causes.
func TestLogSpellsErrorsOut(t *testing.T) {
	var written bytes.Buffer
	log, flush := command.BufferedLog(&written)
	cause := errors.New("database or disk is full (13)")
	log.Error("writing failed", "error", fmt.Errorf("usage: %w", message.Wrapf(cause, "store.disk-full", "/data/store.db")))
	log.Error("reading failed", "error", io.ErrUnexpectedEOF)
	flush()
	assert.Contains(t, written.String(), `error="usage: `+locale.English.Text("store.disk-full", "/data/store.db")+`: database or disk is full (13)"`)
	assert.Contains(t, written.String(), `error="unexpected EOF"`)
}

func TestLogOptions(t *testing.T) {
	var written bytes.Buffer
	log, flush := command.ServerLog(&written, "json", "warn", 1)
	log.Info("not important")
	log.Warn("slow", "took", 1500*time.Millisecond, "error", message.Errorf("store.disk-full", "/data/store.db"))
	flush()
	var line map[string]any
	require.NoError(t, json.Unmarshal(written.Bytes(), &line), "one line of JSON: %s", &written)
	assert.Equal(t, "WARN", line["level"])
	assert.InDelta(t, 1.5, line["took"], 0)
	assert.Equal(t, locale.English.Text("store.disk-full", "/data/store.db"), line["error"])

	for _, format := range []string{"text", "json"} {
		written.Reset()
		log, flush = command.ServerLog(&written, format, "info", 10)
		for range 100 {
			log.Info("request", "status", 200)
			log.Info("request", "status", 404)
			log.Info("other")
		}
		flush()
		lines := bytes.Split(bytes.TrimSpace(written.Bytes()), []byte("\n"))
		assert.Len(t, lines, 210, "%s: one of ten that succeeded, and everything else", format)
	}
}

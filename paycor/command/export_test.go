package command

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// SetShutdownTimeout changes how long a stopping server waits, until restore is
// called.
func SetShutdownTimeout(timeout time.Duration) (restore func()) {
	before := shutdownTimeout
	shutdownTimeout = timeout
	return func() { shutdownTimeout = before }
}

// BufferedLog returns a logger that writes to a buffer, and the function that
// flushes it.
func BufferedLog(to io.Writer) (log *slog.Logger, flush func()) {
	buffer, log := newLogBuffer(to)
	return log, buffer.flush
}

// Plain reports whether a record takes the fast path around slog.
func Plain(record slog.Record) bool {
	_, plain := appendPlain(nil, record)
	return plain
}

// Watchdog tells the supervisor that the server is alive, for as long as alive says so.
func Watchdog(ctx context.Context, log *slog.Logger, alive func(context.Context) error) {
	supervisor{log}.watchdog(ctx, alive)
}

// ConfigProblems returns the problems of a configuration file.
func ConfigProblems(text []byte) []string {
	parser, err := kong.New(new(options), kong.Vars{"version": ""}, helpTexts())
	if err != nil {
		panic(err)
	}
	file := &configFile{settings: map[string]*yaml.Node{}}
	file.parse(text, serveFlags(parser.Model))
	return file.problems
}

// SetStdin replaces what commands read from standard input, until restore is called.
func SetStdin(in io.Reader) (restore func()) {
	before := stdin
	stdin = in
	return func() { stdin = before }
}

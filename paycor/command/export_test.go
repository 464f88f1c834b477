package command

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// BufferedLog returns a logger that writes to a buffer, and the function that
// flushes it.
func BufferedLog(to io.Writer) (log *slog.Logger, flush func()) {
	buffer, log := newLogBuffer(to, logOptions{})
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

// HelpTexts returns the texts of "--help" of every command.
func HelpTexts() (texts []string) {
	parser, err := kong.New(new(options), kong.Vars{"version": ""})
	if err != nil {
		panic(err)
	}
	setHelp(parser.Model)
	for _, command := range parser.Model.Leaves(false) {
		texts = append(texts, command.Help)
		for _, flags := range command.AllFlags(false) {
			for _, flag := range flags {
				texts = append(texts, flag.Help)
			}
		}
		for _, argument := range command.Positional {
			texts = append(texts, argument.Help)
		}
	}
	return texts
}

var flagsOfServe = sync.OnceValue(func() []*kong.Flag {
	parser, err := kong.New(new(options), kong.Vars{"version": ""})
	if err != nil {
		panic(err)
	}
	return serveFlags(parser.Model)
})

// ConfigProblems returns the problems of a configuration file.
func ConfigProblems(text []byte) []string {
	file := &configFile{settings: map[string]*yaml.Node{}}
	file.parse(text, flagsOfServe())
	return file.problems
}

// SetStdin replaces what commands read from standard input, until restore is called.
func SetStdin(in io.Reader) (restore func()) {
	before := stdin
	stdin = in
	return func() { stdin = before }
}

// DebugHandler serves profiles to callers with the token.
func DebugHandler(token string) http.Handler { return debugHandler(token) }

// ServerLog returns a logger with the flags of a server's log, and the function that
// flushes it.
func ServerLog(to io.Writer, format, level string, sample int) (log *slog.Logger, flush func()) {
	buffer, log := newLogBuffer(to, logOptions{format, level, sample})
	return log, buffer.flush
}

// ListenError says why the address of a flag cannot be listened on.
var ListenError = listenError

package command

import (
	"log/slog"
	"strings"
)

// logOptions are the flags of the server's log.
type logOptions struct {
	LogFormat string `help:"cli.help.log-format" enum:"text,json" default:"text" placeholder:"text|json"`
	LogLevel  string `help:"cli.help.log-level" enum:"debug,info,warn,error" default:"info" placeholder:"debug|info|warn|error"`
	LogSample int    `help:"cli.help.log-sample" default:"1" placeholder:"N"`
}

// problems returns what is wrong with the flags that kong does not check.
func (l logOptions) problems() []string {
	if l.LogSample < 1 {
		return []string{say("cli.log-sample", l.LogSample)}
	}
	return nil
}

func (l logOptions) level() slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(strings.ToUpper(l.LogLevel))) // of any other text it is Info
	return level
}

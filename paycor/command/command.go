// Package command implements the command line: commands, flags and the composition
// root. Each command checks its flags before it starts anything, composes what it
// needs and shuts it down in order. Domain logic belongs in the packages composed
// here.
//
// Only main imports this package.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/message"
)

// Exit codes.
const (
	exitFailed        = 1
	exitConfiguration = 2
	exitBroken        = 3 // the audit trail, or a record that gives authority, was changed
)

// options is the command line. Every flag is also a PAYCORCRED_… environment
// variable.
type options struct {
	ConfigFile string `name:"config" help:"cli.help.config" placeholder:"FILE"`

	Serve     serve            `cmd:"" help:"cli.help.serve"`
	Session   session          `cmd:"" help:"cli.help.session"`
	SignIn    signIn           `cmd:"" help:"cli.help.sign-in"`
	Token     token            `cmd:"" help:"cli.help.token"`
	Host      host             `cmd:"" help:"cli.help.host"`
	OIDC      oidcCommand      `cmd:"" name:"oidc" help:"cli.help.oidc"`
	Audit     auditing         `cmd:"" help:"cli.help.audit"`
	Doctor    doctorCommand    `cmd:"" help:"cli.help.doctor"`
	Health    healthCommand    `cmd:"" help:"cli.help.health"`
	Keys      keysCommand      `cmd:"" help:"cli.help.keys"`
	Backup    backupCommand    `cmd:"" help:"cli.help.backup"`
	Copy      copyCommand      `cmd:"" help:"cli.help.copy"`
	Migrate   migrate          `cmd:"" help:"cli.help.migrate"`
	Simulator simulator        `cmd:"" help:"cli.help.simulator"`
	Config    configCommand    `cmd:"" help:"cli.help.config-command"`
	Version   kong.VersionFlag `help:"cli.help.version" env:"-"`

	file *configFile `kong:"-"`
}

// BeforeResolve reads the configuration file, from which flags are set that neither the
// command line nor a variable sets.
func (o *options) BeforeResolve(ctx *kong.Context) error {
	var path string
	for _, flag := range ctx.Model.Flags {
		if flag.Name == "config" {
			path = ctx.FlagValue(flag).(string)
		}
	}
	file := readConfigFile(path, serveFlags(ctx.Model))
	ctx.Bind(file)
	o.file = file
	if !file.usableBy(ctx) {
		return configurationError(file.problems)
	}
	ctx.AddResolver(file)
	return nil
}

// Run runs the command that the arguments name and returns the exit code. Results go
// to stdout, everything else to stderr. SIGINT and SIGTERM shut it down in order.
func Run(version string, arguments []string, stdout, stderr io.Writer) int {
	parse := func() (*options, *kong.Context, error) {
		chosen := new(options)
		parser, err := kong.New(chosen,
			kong.Name("paycorcred"), kong.Description(say("cli.description")),
			kong.DefaultEnvars("PAYCORCRED"), kong.Writers(stdout, stderr),
			kong.Vars{"version": version}, kong.UsageOnError(), kong.ValueFormatter(helpOf),
		)
		if err != nil {
			panic(err) // options has an invalid tag
		}
		setHelp(parser.Model)
		command, err := parser.Parse(arguments)
		return chosen, command, err
	}
	chosen, command, err := parse()
	if wrong, is := errors.AsType[configurationError](err); is {
		fmt.Fprintln(stderr, "paycorcred:", wrong)
		return exitConfiguration
	}
	if err != nil {
		fmt.Fprintln(stderr, say("cli.usage", err))
		return exitConfiguration
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal kills the process
	command.BindTo(ctx, (*context.Context)(nil))
	buffer, log := newLogBuffer(stderr, chosen.Serve.logOptions)
	defer buffer.flush() // also after a panic
	command.Bind(terminal{stdout, log, buffer, version, parse})
	err = command.Run()
	buffer.flush()
	var wrong configurationError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errProblems):
		return exitFailed
	case errors.As(err, &wrong):
		fmt.Fprintln(stderr, wrong.of(command.Command()))
		return exitConfiguration
	case errors.As(err, new(*audit.BrokenError)), errors.As(err, new(alteredRecordsError)):
		fmt.Fprintln(stderr, "paycorcred:", explain(err))
		return exitBroken
	default:
		fmt.Fprintln(stderr, "paycorcred:", explain(err))
		return exitFailed
	}
}

// terminal is where a command writes: results to out, everything else to log.
type terminal struct {
	out  io.Writer
	log  *slog.Logger
	logs *logBuffer // behind log

	version string                                  // of the program
	parse   func() (*options, *kong.Context, error) // parses the command line and reads the configuration file again
}

// configurationError lists everything that is wrong with a configuration.
type configurationError []string

func (e configurationError) Error() string {
	return say("cli.fix-first") + "\n  - " + strings.Join(e, "\n  - ")
}

// of returns the text for the user of a command: only serve starts something.
func (e configurationError) of(command string) string {
	command, _, _ = strings.Cut(command, " <") // without the names of arguments
	if command == "serve" {
		return say("cli.cannot-start", e)
	}
	return say("cli.nothing-done", command, e)
}

// helpOf returns a flag's help with its default, which kong omits for flags with a
// placeholder.
func helpOf(value *kong.Value) string {
	shown := *value
	if value.Flag != nil && value.Flag.PlaceHolder != "" && value.HasDefault {
		shown.Help = say("cli.help.default", shown.Help, value.Default)
	}
	return kong.DefaultHelpValueFormatter(&shown)
}

// unreadable returns an error that says how many records a list lacks, or nil without any.
func unreadable(count int) error {
	if count == 0 {
		return nil
	}
	return errors.New(message.Count("cli.unreadable", count).In(catalogue))
}

// entryCount returns a number of audit entries as text.
func entryCount(entries int64) string {
	return message.Count("cli.entries", int(entries)).In(catalogue)
}

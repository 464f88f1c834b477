// Package command is what the program does when it is called: the commands and
// their flags. Each checks what it was given before it starts anything, puts
// the rooms together and lets them go in good order. There is no logic here
// that a room could have: what the flags mean is in the rooms they configure.
//
// It imports every room, and only main imports it.
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

// What the process ends with.
const (
	exitFailed        = 1
	exitConfiguration = 2
	exitBroken        = 3 // the audit trail is not as it was written
)

// options is the command line. Every flag is a PAYCORCRED_… variable too.
type options struct {
	Serve     serve            `cmd:"" help:"${help_serve}"`
	Session   session          `cmd:"" help:"${help_session}"`
	SignIn    signIn           `cmd:"" help:"${help_sign_in}"`
	Token     token            `cmd:"" help:"${help_token}"`
	Host      host             `cmd:"" help:"${help_host}"`
	Audit     auditing         `cmd:"" help:"${help_audit}"`
	Backup    backup           `cmd:"" help:"${help_backup}"`
	Simulator simulator        `cmd:"" help:"${help_simulator}"`
	Version   kong.VersionFlag `help:"${help_version}" env:"-"`
}

// Run does what the arguments say and returns what the process ends with.
// Answers go to stdout, everything else to stderr. SIGINT and SIGTERM end it in
// good order.
func Run(version string, arguments []string, stdout, stderr io.Writer) int {
	var chosen options
	parser, err := kong.New(&chosen,
		kong.Name("paycorcred"), kong.Description(say("cli.description")),
		kong.DefaultEnvars("PAYCORCRED"), kong.Writers(stdout, stderr),
		kong.Vars{"version": version}, helpTexts(), kong.UsageOnError(), kong.ValueFormatter(helpOf),
	)
	if err != nil {
		panic(err) // the struct above is wrong
	}
	command, err := parser.Parse(arguments)
	if err != nil {
		fmt.Fprintln(stderr, say("cli.usage", err))
		return exitConfiguration
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends what does not stop by itself
	command.BindTo(ctx, (*context.Context)(nil))
	journal, log := newJournal(stderr)
	defer journal.flush() // of a panic too
	command.Bind(terminal{stdout, log, version})
	err = command.Run()
	journal.flush()
	var wrong configurationError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintln(stderr, wrong.of(command.Command()))
		return exitConfiguration
	case errors.As(err, new(*audit.BrokenError)):
		fmt.Fprintln(stderr, "paycorcred:", explain(err))
		return exitBroken
	default:
		fmt.Fprintln(stderr, "paycorcred:", explain(err))
		return exitFailed
	}
}

// terminal is where a command writes: answers to out, everything else to log.
type terminal struct {
	out io.Writer
	log *slog.Logger

	version string // of the program
}

// configurationError lists everything that is wrong with a configuration.
type configurationError []string

func (e configurationError) Error() string {
	return say("cli.fix-first") + "\n  - " + strings.Join(e, "\n  - ")
}

// of is what the person who gave the command is told: only serve starts something.
func (e configurationError) of(command string) string {
	command, _, _ = strings.Cut(command, " <") // the arguments' names
	if command == "serve" {
		return say("cli.cannot-start", e)
	}
	return say("cli.nothing-done", command, e)
}

// helpOf is a flag's help with its default: a placeholder stands where kong
// would show it.
func helpOf(value *kong.Value) string {
	shown := *value
	if value.Flag != nil && value.Flag.PlaceHolder != "" && value.HasDefault {
		shown.Help = say("cli.help.default", shown.Help, value.Default)
	}
	return kong.DefaultHelpValueFormatter(&shown)
}

// counted is a number of entries of the audit trail in words.
func counted(entries int64) string {
	return message.Count("cli.entries", int(entries)).In(catalogue)
}

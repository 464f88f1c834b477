package command

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"reflect"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"
)

// reloadable are the settings that a running server takes over. All others need a restart.
var reloadable = []string{"log-level", "log-sample", "drain-time", "backup-every", "backup-keep", "backup-to", "backup-elsewhere"}

// notifyHangups returns a channel with each SIGHUP, and the function that ends it. Where
// the signal is ignored, as under nohup, it stays ignored.
func notifyHangups() (hangups chan os.Signal, stop func()) {
	hangups = make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(hangups, syscall.SIGHUP)
	}
	return hangups, func() { signal.Stop(hangups) }
}

// inTerminal says whether the program writes its log to a terminal that is open. When a
// terminal closes, its programs get a SIGHUP too, and people expect them to stop.
func inTerminal() bool { return isatty.IsTerminal(os.Stderr.Fd()) }

// reload reads the configuration file and the TLS certificate again, and takes over what
// can change. If anything is wrong, nothing changes.
func (s *server) reload(ctx context.Context) {
	log := s.terminal.log
	parsed, fresh, err := s.terminal.parse()
	if err == nil {
		if s.activated {
			parsed.Serve.Listen = s.Listen
		}
		_, _, _, err = parsed.Serve.configuration(parsed.file)
	}
	if err == nil && s.settings.Certificates != nil {
		err = s.settings.Certificates.Reload()
	}
	if err != nil {
		log.ErrorContext(ctx, "reloading failed, and nothing was changed", "error", explain(err))
		return
	}
	changed, restart := []string{}, []string{}
	for _, flag := range s.parsed.Selected().Flags {
		at := slices.IndexFunc(fresh.Selected().Flags, func(other *kong.Flag) bool { return other.Name == flag.Name })
		value := fresh.Selected().Flags[at].Target
		switch {
		case reflect.DeepEqual(flag.Target.Interface(), value.Interface()):
		case slices.Contains(reloadable, flag.Name):
			flag.Target.Set(value) // in s.serve
			changed = append(changed, fmt.Sprintf("%s=%v", flag.Name, readable(value.Interface())))
		default:
			restart = append(restart, flag.Name)
		}
	}
	s.terminal.logs.set(s.logOptions)
	s.backups.Set(s.scheduledBackups.settings())
	log.InfoContext(ctx, "configuration reloaded", "changed", strings.Join(changed, " "), "certificate", s.settings.Certificates != nil)
	if len(restart) > 0 {
		log.WarnContext(ctx, "some changed settings need a restart", "settings", strings.Join(restart, " "))
	}
}

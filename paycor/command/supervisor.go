package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/web"
)

// supervisor tells systemd, or another supervisor with its protocol, how the server is
// doing. Without one it does nothing.
type supervisor struct{ log *slog.Logger }

func (s supervisor) notify(states ...string) {
	if _, err := daemon.SdNotify(false, strings.Join(states, "\n")); err != nil {
		s.log.Warn("telling the supervisor failed", "error", err)
	}
}

// ready tells that the server serves.
func (s supervisor) ready(address string) {
	s.notify(daemon.SdNotifyReady, "STATUS=Serving "+address)
}

// reloading tells that the configuration is read again. ready follows.
func (s supervisor) reloading() {
	s.notify(daemon.SdNotifyReloading, strings.TrimSpace(daemon.SdNotifyMonotonicUsec()))
}

// stopping tells that the server shuts down.
func (s supervisor) stopping() {
	s.notify(daemon.SdNotifyStopping, "STATUS=Waiting for active requests")
}

// watchdog tells the supervisor twice per interval that the server is alive, for as long as
// alive says so. It returns when ctx ends, or at once if there is no watchdog.
func (s supervisor) watchdog(ctx context.Context, alive func(context.Context) error) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		s.log.Warn("the supervisor's watchdog can't be used", "error", err)
	}
	if interval == 0 {
		return
	}
	ticker := time.NewTicker(interval / 2)
	defer ticker.Stop()
	for {
		asking, cancel := context.WithTimeout(ctx, interval/2)
		err := alive(asking)
		cancel()
		switch {
		case err == nil:
			s.notify(daemon.SdNotifyWatchdog)
		case ctx.Err() == nil:
			s.log.Error("the server does not answer itself: its supervisor will restart it", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// alive asks the server whether its process serves requests. It keeps its connection, so
// that a server with too many connections counts as alive.
func alive(at endpoint) func(context.Context) error {
	client := at.client()
	return func(ctx context.Context) error {
		status, err := at.get(ctx, client, "/healthz")
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("/healthz answered with %d", status)
		}
		return err
	}
}

// activatedListeners returns the sockets that the supervisor opened for this process, or
// none. They replace --listen.
func activatedListeners() (listeners []net.Listener, err error) {
	for _, file := range activation.Files(true) {
		listener, listenErr := net.FileListener(file)
		if listenErr != nil {
			err = errors.Join(err, message.Wrapf(listenErr, "cli.listen-handed", file.Name()))
		} else {
			listeners = append(listeners, web.LocalPeers(listener))
		}
		err = errors.Join(err, file.Close())
	}
	return listeners, err
}

// addressOf returns the address that --listen would have for listeners: the one that is
// open to other machines, if one is.
func addressOf(listeners []net.Listener) (address string) {
	for _, listener := range listeners {
		at := listener.Addr().String()
		if listener.Addr().Network() == "unix" {
			at = "unix:" + at
		} else if host, _, err := net.SplitHostPort(at); err == nil && !paycor.Loopback(host) {
			return at
		}
		if address == "" {
			address = at
		}
	}
	return address
}

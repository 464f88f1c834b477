package command

import (
	"errors"
	"syscall"

	"paycorcred/paycor/message"
	"paycorcred/web"
)

// listenError says why the address of a flag cannot be listened on, and what to do.
func listenError(flag, address string, err error) error {
	if path, is := web.SocketPath(address); is && errors.Is(err, syscall.EADDRINUSE) {
		return message.Wrapf(err, "cli.socket-in-use", flag, path)
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return message.Wrapf(err, "cli.port-in-use", flag, address)
	case errors.Is(err, syscall.EACCES):
		return message.Wrapf(err, "cli.port-denied", flag, address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return message.Wrapf(err, "cli.address-missing", flag, address)
	}
	return message.Wrapf(err, "cli.listen-failed", flag, address, err)
}

package command

import (
	"errors"
	"syscall"

	"paycorcred/paycor/message"
)

// listenError says why the address of a flag cannot be listened on, and what to do.
func listenError(flag, address string, err error) error {
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

package command

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"paycorcred/paycor/message"
)

type healthCommand struct {
	data
	Address string        `help:"cli.help.health-address" placeholder:"ADDR"`
	Timeout time.Duration `help:"cli.help.health-timeout" default:"5s"`
}

// Run asks the server whether it is ready, for the health checks of containers. It opens
// no database, so that it is cheap.
func (h *healthCommand) Run(ctx context.Context, terminal terminal) error {
	at, err := parseEndpoint(h.Address)
	switch {
	case h.Address == "":
		if at, err = h.savedEndpoint(); err != nil {
			return configurationError{say("cli.health-no-address", h.Data)}
		}
	case err != nil:
		return configurationError{say("cli.health-address", h.Address)}
	}
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	status, err := at.get(ctx, at.client(), "/readyz")
	switch {
	case err != nil:
		return message.Wrapf(err, "cli.health-no-answer", at, err)
	case status != http.StatusOK:
		return message.Errorf("cli.health-not-ready", at, status)
	}
	fmt.Fprintln(terminal.out, say("cli.health-ready"))
	return nil
}

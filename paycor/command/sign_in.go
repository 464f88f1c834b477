package command

import (
	"context"
	"fmt"
	"strings"
)

// usualAddress is where a server listens that was told nothing else.
const usualAddress = "http://localhost:8080"

type signIn struct {
	data
	Listen    string `help:"Address the server listens on. Without it, the link leads to where the server of this data was started last." placeholder:"ADDR"`
	PublicURL string `name:"public-url" help:"The address under which people open the server, where that is another." placeholder:"URL"`
}

func (s *signIn) Run(ctx context.Context, terminal terminal) error {
	return s.existing(ctx, terminal, func(keeper keeper) error {
		address := s.address()
		if address == "" {
			address = usualAddress
			fmt.Fprintf(terminal.out, "Nobody noted where the server of this data is; the link assumes %s. Name another address with --listen or --public-url.\n\n", address)
		}
		return keeper.invite(ctx, terminal.out, address)
	})
}

// address is where the server is, as far as somebody said so.
func (s *signIn) address() string {
	switch {
	case s.PublicURL != "":
		return strings.TrimSuffix(s.PublicURL, "/")
	case s.Listen != "":
		return "http://" + s.Listen
	}
	return s.notedAddress()
}

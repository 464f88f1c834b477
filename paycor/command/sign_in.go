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
	Listen    string `help:"${help_sign_in_listen}" placeholder:"ADDR"`
	PublicURL string `name:"public-url" help:"${help_sign_in_public_url}" placeholder:"URL"`
}

func (s *signIn) Run(ctx context.Context, terminal terminal) error {
	return s.existing(ctx, terminal, func(keeper keeper) error {
		address := s.address()
		if address == "" {
			address = usualAddress
			fmt.Fprintf(terminal.out, "%s\n\n", say("cli.address-assumed", address))
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

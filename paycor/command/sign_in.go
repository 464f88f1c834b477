package command

import (
	"context"
	"fmt"
	"strings"
)

// defaultAddress is where a server listens by default.
const defaultAddress = "http://localhost:8080"

type signIn struct {
	data
	Listen    string `help:"cli.help.sign-in-listen" placeholder:"ADDR"`
	PublicURL string `name:"public-url" help:"cli.help.sign-in-public-url" placeholder:"URL"`
}

func (s *signIn) Run(ctx context.Context, terminal terminal) error {
	return s.withExisting(ctx, terminal, func(a application) error {
		address := s.address()
		if address == "" {
			address = defaultAddress
			fmt.Fprintf(terminal.out, "%s\n\n", say("cli.address-assumed", address))
		}
		return a.printSignInLink(ctx, terminal.out, address)
	})
}

// address returns the server's address from the flags or the data directory, or "".
func (s *signIn) address() string {
	switch {
	case s.PublicURL != "":
		return strings.TrimSuffix(s.PublicURL, "/")
	case s.Listen != "" && !strings.HasPrefix(s.Listen, "unix:"):
		return "http://" + s.Listen
	}
	return s.savedAddress()
}

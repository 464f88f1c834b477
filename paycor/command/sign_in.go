package command

import (
	"cmp"
	"context"
	"strings"
)

type signIn struct {
	data
	Listen    string `help:"Address the server listens on." default:"localhost:8080" placeholder:"ADDR"`
	PublicURL string `name:"public-url" help:"The address under which people open the server, where that is another." placeholder:"URL"`
}

func (s *signIn) Run(ctx context.Context, terminal terminal) error {
	return s.existing(ctx, terminal, func(keeper keeper) error {
		return keeper.invite(ctx, terminal.out, cmp.Or(strings.TrimSuffix(s.PublicURL, "/"), "http://"+s.Listen))
	})
}

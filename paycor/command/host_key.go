package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/embed/hosttoken"
	"paycorcred/paycor/textfile"
)

// hostKey makes a key pair for a site that signs its own tokens. It needs no database.
type hostKey struct {
	File      string `arg:"" help:"cli.help.host-key-file"`
	Algorithm string `help:"cli.help.host-algorithm" enum:"ES256,EdDSA,RS256" default:"ES256"`
}

func (h *hostKey) Run(_ context.Context, terminal terminal) error {
	pair, err := hosttoken.NewKeyPair(h.Algorithm)
	if err != nil {
		return fmt.Errorf("making a key pair: %w", err)
	}
	public := h.File + ".pub"
	if err := writeNew(h.File, pair.Private.Reveal(), 0o600); err != nil {
		return err
	}
	if err := writeNew(public, pair.Public, 0o644); err != nil {
		return errors.Join(err, os.Remove(h.File))
	}
	fmt.Fprintf(terminal.out, "%s\n%s\n", pair.Public, say("cli.host-key-next", h.File, public))
	return nil
}

// writeNew writes a file that does not exist yet.
func writeNew(path, text string, mode fs.FileMode) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if errors.Is(err, fs.ErrExist) {
		return configurationError{say("cli.host-key-exists", path)}
	}
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// hostToken signs a token as a site's server does, to try the site. It needs no database.
type hostToken struct {
	ID        string `arg:"" help:"cli.help.host-which"`
	Key       string `required:"" help:"cli.help.host-private-key" placeholder:"FILE"`
	Server    string `help:"cli.help.host-server" default:"http://localhost:8080" placeholder:"ORIGIN"`
	Origin    string `required:"" help:"cli.help.host-page" placeholder:"ORIGIN"`
	Subject   string `help:"cli.help.host-subject" default:"test" placeholder:"ID"`
	Rights    string `help:"cli.help.host-token-rights" default:"view" placeholder:"RIGHTS"`
	Workspace string `help:"cli.help.workspace" default:"default"`
	Tenant    string `help:"cli.help.host-token-tenant" placeholder:"TENANT"`
}

func (h *hostToken) Run(_ context.Context, terminal terminal) error {
	rights, err := paycor.ParseRights(h.Rights)
	if err != nil {
		return configurationError{"--rights: " + explain(err)}
	}
	private, err := textfile.Read(h.Key)
	if err != nil {
		return fmt.Errorf("--key: %w", err)
	}
	token, err := hosttoken.Sign(paycor.NewSecret(string(private)), hosttoken.Sample{
		Host: h.ID, Workspace: h.Workspace, Tenant: h.Tenant, Audience: h.Server, Origin: h.Origin, Subject: h.Subject, Rights: rights, IssuedAt: time.Now(),
	})
	if err != nil {
		return configurationError{"--key: " + say("cli.host-key-private", h.Key)}
	}
	fmt.Fprintln(terminal.out, token.Reveal())
	return nil
}

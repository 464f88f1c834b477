package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"paycorcred/paycor/kms"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/seal"
)

// keysRewrap changes the key that encrypts the keys of the database. --kek or --key-file
// name the one that does so now.
type keysRewrap struct {
	data
	To          string `help:"cli.help.rewrap-to" placeholder:"URL|FILE"`
	ToTokenFile string `help:"cli.help.rewrap-to-token-file" placeholder:"FILE"`
	ToNamespace string `help:"cli.help.rewrap-to-namespace" placeholder:"NAME"`
}

// Run encrypts the keys with another key, while a server may run.
func (r *keysRewrap) Run(ctx context.Context, terminal terminal) error {
	if r.To == "" {
		return configurationError{say("cli.rewrap-to-missing")}
	}
	used, err := r.existing()
	if err != nil {
		return err
	}
	to, err := r.target()
	if err != nil {
		return err
	}
	if to != nil {
		if r.opened, err = r.repeated(ctx, used, to); err != nil {
			return err
		}
	}
	return r.withExisting(ctx, terminal, func(opened application) error {
		if to == nil { // created only now, when the database could be opened
			if to, err = seal.CreateKeyFile(r.To); err != nil {
				return err
			}
		}
		if err := seal.Try(to); err != nil { // before other writers have to wait
			return err
		}
		earlier, err := opened.Keys.Rewrap(ctx, rights.Operator(""), to)
		if err != nil {
			return fmt.Errorf("changing the key: %w", err)
		}
		if !kms.IsURL(r.To) { // an earlier run may have been killed while it wrote the key
			if err := seal.RemoveTemporary(r.To); err != nil {
				return err
			}
		}
		fmt.Fprintln(terminal.out, r.done(earlier, to))
		return opened.removeReplaced(ctx, terminal)
	})
}

// target returns the new key, or nil for a key file that has to be created.
func (r *keysRewrap) target() (seal.KEK, error) {
	if kms.IsURL(r.To) {
		rule, unusable := r.outgoing.Rule(os.Getenv)
		if len(unusable) > 0 {
			return nil, configurationError(texts(unusable))
		}
		options := kms.Options{TokenFile: r.ToTokenFile, Namespace: r.ToNamespace, Egress: rule, Flags: "--to"}
		if sameServer(r.To, r.KEK) { // no other server is sent that token
			options.TokenFile, options.Namespace = cmp.Or(r.ToTokenFile, r.KEKTokenFile), cmp.Or(r.ToNamespace, r.KEKNamespace)
		}
		to, err := kms.Open(r.To, options)
		if err != nil {
			return nil, configurationError{"--to: " + explain(err)}
		}
		return seal.Remember(to), nil
	}
	to, err := seal.OpenKeyFile(r.To)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return to, err
}

// sameServer reports whether two keys are on the same server.
func sameServer(one, other string) bool {
	a, err := url.Parse(one)
	b, otherErr := url.Parse(other)
	return err == nil && otherErr == nil && a.Scheme == b.Scheme && a.Host == b.Host
}

// repeated returns the new key if the database needs it already: the same command was
// interrupted after it had changed the key, or the KMS has a new version of it. Otherwise
// it returns nil.
func (r *keysRewrap) repeated(ctx context.Context, used engine, to seal.KEK) (seal.KEK, error) {
	inspector, err := used.inspect(ctx)
	if err != nil {
		return nil, err
	}
	defer inspector.Close()
	if found, own := inspector.Schema(); found != own {
		return nil, nil // opening the database says so
	}
	by, err := inspector.WrappedBy(ctx)
	if err != nil || by != to.ID() {
		return nil, err
	}
	return to, nil
}

// done says what to do next.
func (r *keysRewrap) done(earlier string, to seal.KEK) string {
	flag := "--key-file " + shellQuote(r.To)
	if kms.IsURL(r.To) {
		flag = "--kek " + shellQuote(r.To)
	}
	if earlier == to.ID() {
		return say("cli.rewrapped-same", to.Name(), flag)
	}
	return say("cli.rewrapped", to.Name(), flag, earlier)
}

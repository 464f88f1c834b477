package command

import (
	"log/slog"
	"os"
	"sync/atomic"

	"paycorcred/paycor/egress"
	"paycorcred/paycor/kms"
	"paycorcred/paycor/seal"
)

// kekOptions are the flags that name the key encryption key in a KMS.
type kekOptions struct {
	KEK          string `name:"kek" help:"cli.help.kek" placeholder:"URL"`
	KEKTokenFile string `name:"kek-token-file" help:"cli.help.kek-token-file" placeholder:"FILE"`
	KEKNamespace string `name:"kek-namespace" help:"cli.help.kek-namespace" placeholder:"NAME"`
	outgoing

	opened seal.KEK // by a server, which asks the KMS once for what all its parts need
}

// outgoing are the flags for connections to other servers.
type outgoing = egress.Options

// openKEK returns the key in the KMS, nil without one, or everything that is wrong with
// the flags.
func (o kekOptions) openKEK() (seal.KEK, []string) {
	if o.opened != nil {
		return o.opened, nil
	}
	if o.KEK == "" {
		if o.KEKTokenFile != "" || o.KEKNamespace != "" {
			return nil, []string{say("cli.kek-missing")}
		}
		return nil, nil
	}
	rule, unusable := o.outgoing.Rule(os.Getenv)
	if len(unusable) > 0 {
		return nil, texts(unusable)
	}
	opened, err := kms.Open(o.KEK, kms.Options{TokenFile: o.KEKTokenFile, Namespace: o.KEKNamespace, Egress: rule})
	if err != nil {
		return nil, []string{say("cli.kek", explain(err))}
	}
	return seal.Remember(opened), nil
}

// loggedKMS returns a check of the KMS that logs when its result changes: a server goes on
// without it, so it would otherwise be noticed at the next start.
func loggedKMS(check func() (string, error), log *slog.Logger) func() (string, error) {
	var away atomic.Bool
	return func() (string, error) {
		address, err := check()
		switch was := away.Swap(err != nil); {
		case err != nil && !was:
			log.Warn("the KMS can't be used: this server goes on, but a start and a change of keys need it", "kek", address, "error", explain(err))
		case err == nil && was:
			log.Info("the KMS can be used again", "kek", address)
		}
		return address, err
	}
}

package credentials

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// stored is a credential with its secrets decrypted.
type stored struct {
	paycor.Credential
	secrets store.Secrets
}

// draft returns the stored values as a draft, including the secrets.
func (c stored) draft() paycor.Draft {
	draft := c.Credential.Draft()
	draft.ClientSecret = c.secrets[fields.ClientSecret]
	draft.SubscriptionKey = c.secrets[fields.SubscriptionKey]
	return draft
}

// load reads a credential and its secrets.
func load(r Reader, workspace, id string) (found stored, err error) {
	if found.Credential, err = r.Credential(workspace, id); err != nil {
		return found, err
	}
	found.secrets, err = r.Secrets(workspace, id)
	return found, err
}

// load reads a credential of the caller's workspace.
func (s *bound) load(r Reader, id string) (stored, error) {
	return load(r, s.caller.Workspace, id)
}

// open reads a credential of the caller's workspace in its own transaction.
func (s *bound) open(ctx context.Context, id string) (found stored, err error) {
	err = s.config.Store.View(ctx, func(r Reader) (err error) {
		found, err = s.load(r, id)
		return err
	})
	return found, fail(err)
}

// secretsOf returns a draft's secrets as they are stored.
func secretsOf(draft paycor.Draft) store.Secrets {
	return store.Secrets{
		fields.ClientSecret:    draft.ClientSecret,
		fields.SubscriptionKey: draft.SubscriptionKey,
	}
}

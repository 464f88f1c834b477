package credentials

import (
	"context"
	"errors"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// stored is a credential with its secrets decrypted.
type stored struct {
	paycor.Credential
	secrets store.Secrets

	others     []string       // IDs of the other credentials of its application
	unreadable []fields.Field // secrets that cannot be decrypted; see loadReadable
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
	if found.others, err = othersOf(r, workspace, found.Credential); err != nil {
		return found, err
	}
	return found.withSecrets(r, workspace)
}

// loadFirst reads the first of an application's credentials and its secrets.
func loadFirst(r Reader, workspace string, members []store.ApplicationCredential) (found stored, err error) {
	if found.Credential, err = r.Credential(workspace, members[0].ID); err != nil {
		return found, err
	}
	found.others = othersAmong(members, found.ID)
	return found.withSecrets(r, workspace)
}

// withSecrets reads the secrets of a credential.
func (c stored) withSecrets(r Reader, workspace string) (found stored, err error) {
	found = c
	found.secrets, err = r.Secrets(workspace, c.ID)
	if unreadable, is := errors.AsType[*store.UnreadableError](err); is && !slices.ContainsFunc(unreadable.Fields, isInUse) {
		err = nil // the others count as missing: tokens can be renewed, and a rotation can be ended
	}
	return found, err
}

// isInUse reports whether a secret is one that a credential cannot do without.
func isInUse(field fields.Field) bool {
	return field == fields.ClientSecret || field == fields.SubscriptionKey
}

// readableKept returns the fields of the rotation whose kept secrets can be decrypted.
func (c stored) readableKept() (readable []fields.Field) {
	if c.Rotation == nil {
		return nil
	}
	for _, field := range c.Rotation.Fields() {
		if !c.secrets[c.Rotation.State.SecretField(field)].IsZero() {
			readable = append(readable, field)
		}
	}
	return readable
}

// requireKept returns an error for the caller unless all kept secrets can be decrypted.
func (c stored) requireKept() error {
	switch {
	case len(c.readableKept()) == len(c.Rotation.Fields()):
		return nil
	case c.Rotation.State == paycor.RotationPending:
		return paycor.Errorf(paycor.KindConflict, "error.pending-unreadable")
	}
	return paycor.Errorf(paycor.KindConflict, "error.previous-unreadable")
}

// load reads a credential of the caller's workspace.
func (s *bound) load(r Reader, id string) (stored, error) {
	return load(r, s.caller.Workspace, id)
}

// loadReadable is load for an edit, which can replace secrets that cannot be decrypted:
// they count as missing, so that the edit has to enter them again.
func (s *bound) loadReadable(r Reader, id string) (stored, error) {
	found, err := s.load(r, id)
	if unreadable, is := errors.AsType[*store.UnreadableError](err); is {
		found.unreadable, err = unreadable.Fields, nil
	}
	return found, err
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

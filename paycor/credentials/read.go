package credentials

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// Environments implements api.Service.
func (s *service) Environments(ctx context.Context) ([]paycor.Environment, error) {
	if err := s.may(ctx, paycor.RightView, audit.ActionList, ""); err != nil {
		return nil, err
	}
	return s.config.Environments, nil
}

// Credentials implements api.Service.
func (s *service) Credentials(ctx context.Context, query paycor.Query) (paycor.CredentialPage, error) {
	var page paycor.CredentialPage
	if err := s.may(ctx, paycor.RightView, audit.ActionList, ""); err != nil {
		return page, err
	}
	query.Viewer = s.caller.Viewer()
	err := s.config.Store.View(ctx, func(r store.Reader) (err error) {
		page, err = r.Credentials(s.caller.Workspace, query, s.caller.Credentials)
		return err
	})
	return page, err
}

// Credential implements api.Service.
func (s *service) Credential(ctx context.Context, id string) (paycor.Credential, error) {
	var credential paycor.Credential
	if err := s.may(ctx, paycor.RightView, audit.ActionRead, id); err != nil {
		return credential, err
	}
	err := s.config.Store.View(ctx, func(r store.Reader) (err error) {
		credential, err = r.Credential(s.caller.Workspace, id)
		return err
	})
	return credential, fail(err)
}

// History implements api.Service.
func (s *service) History(ctx context.Context, id string) ([]audit.Entry, error) {
	var entries []audit.Entry
	if err := s.may(ctx, paycor.RightView, audit.ActionRead, id); err != nil {
		return nil, err
	}
	err := s.config.Store.View(ctx, func(r store.Reader) (err error) {
		if _, err = r.Credential(s.caller.Workspace, id); err != nil {
			return err
		}
		entries, err = r.CredentialHistory(s.caller.Workspace, id)
		return err
	})
	return entries, fail(err)
}

// stored is a credential with its secrets opened.
type stored struct {
	paycor.Credential
	secrets store.Secrets
}

// draft returns the stored values as a draft, secrets included.
func (c stored) draft() paycor.Draft {
	draft := c.Credential.Draft()
	draft.ClientSecret = c.secrets[fields.ClientSecret]
	draft.SubscriptionKey = c.secrets[fields.SubscriptionKey]
	return draft
}

func (s *service) load(r store.Reader, id string) (found stored, err error) {
	if found.Credential, err = r.Credential(s.caller.Workspace, id); err != nil {
		return found, err
	}
	found.secrets, err = r.Secrets(s.caller.Workspace, id)
	return found, err
}

func (s *service) open(ctx context.Context, id string) (found stored, err error) {
	err = s.config.Store.View(ctx, func(r store.Reader) (err error) {
		found, err = s.load(r, id)
		return err
	})
	return found, fail(err)
}

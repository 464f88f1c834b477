package credentials

import (
	"context"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/listing"
)

// Environments implements api.Service.
func (s editor) Environments(ctx context.Context) ([]paycor.Environment, error) {
	if err := s.may(ctx, paycor.RightView, audit.ActionList, ""); err != nil {
		return nil, err
	}
	return s.config.Environments, nil
}

// Credentials implements api.Service.
func (s editor) Credentials(ctx context.Context, query paycor.Query) (paycor.CredentialPage, error) {
	var page paycor.CredentialPage
	if err := s.may(ctx, paycor.RightView, audit.ActionList, ""); err != nil {
		return page, err
	}
	only := s.caller.Credentials
	if len(query.IDs) > 0 {
		only = slices.DeleteFunc(slices.Clone(query.IDs), func(id string) bool { return !s.caller.Covers(id) })
	}
	none := len(query.IDs) > 0 && len(only) == 0
	if none && !query.WithCounts {
		return page, nil
	}
	now := s.now()
	query.Viewer, query.Today = s.caller.Viewer(), paycor.DayOf(now)
	err := s.config.Store.List(ctx, s.caller, func(r Reader) (err error) {
		if !none {
			page, err = r.Credentials(s.caller.Workspace, query, only)
		}
		if err != nil || !query.WithCounts {
			return err
		}
		// A list is of use without its counts, which damage to their table takes away.
		if counts, err := r.CredentialCounts(s.caller.Workspace, query, s.caller.Credentials); err == nil {
			page.Counts = &counts
		}
		return nil
	})
	for i, credential := range page.Credentials {
		page.Credentials[i] = withRemedyAt(credential, now)
	}
	return page, err
}

// CredentialCounts implements api.Service.
func (s editor) CredentialCounts(ctx context.Context) (counts listing.Counts, err error) {
	if err := s.may(ctx, paycor.RightView, audit.ActionList, ""); err != nil {
		return counts, err
	}
	query := paycor.Query{Viewer: s.caller.Viewer(), Today: paycor.DayOf(s.now())}
	err = s.config.Store.List(ctx, s.caller, func(r Reader) (err error) {
		counts, err = r.CredentialCounts(s.caller.Workspace, query, s.caller.Credentials)
		return err
	})
	return counts, err
}

// Credential implements api.Service.
func (s editor) Credential(ctx context.Context, id string) (paycor.Credential, error) {
	var credential paycor.Credential
	if err := s.may(ctx, paycor.RightView, audit.ActionRead, id); err != nil {
		return credential, err
	}
	err := s.config.Store.View(ctx, func(r Reader) (err error) {
		credential, err = r.Credential(s.caller.Workspace, id)
		return err
	})
	return withRemedyAt(credential, s.now()), fail(err)
}

// History implements api.Service.
func (s editor) History(ctx context.Context, id string) (history audit.History, err error) {
	if err := s.may(ctx, paycor.RightView, audit.ActionRead, id); err != nil {
		return history, err
	}
	err = s.config.Store.List(ctx, s.caller, func(r Reader) (err error) {
		credential, err := r.Credential(s.caller.Workspace, id)
		if err != nil {
			return err
		}
		history, err = s.history(r, credential)
		return err
	})
	return history, fail(err)
}

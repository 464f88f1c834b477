package credentials

import (
	"context"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/store"
)

// Share implements api.Service.
func (s editor) Share(ctx context.Context, id string, sharing *paycor.Sharing, ifMatch string) (paycor.Credential, error) {
	if err := s.may(ctx, paycor.RightEdit, audit.ActionShare, id); err != nil {
		return paycor.Credential{}, err
	}
	if err := s.mustExist(ctx, audit.ActionShare, id); err != nil {
		return paycor.Credential{}, err
	}
	if sharing != nil {
		clean := sharing.Clean()
		if problems := clean.Check(); len(problems) > 0 {
			return paycor.Credential{}, sharingError(problems...)
		}
		sharing = &clean
	}
	var saved paycor.Credential
	var previous store.CredentialSharing
	changed := false
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		before, err := tx.Credential(s.caller.Workspace, id)
		if err != nil {
			return err
		}
		if !paycor.IfMatch(ifMatch, versionTag(before)) {
			return store.ErrStale
		}
		shared, err := tx.CredentialSharing(s.caller.Workspace, id)
		if err != nil {
			return err
		}
		if !s.caller.Viewer().Sees(shared.Owner, sharing) {
			return sharingError(fields.Problem{Field: fields.Sharing, Code: fields.ProblemRequired,
				Message: message.New("problem.sharing-self")})
		}
		previous, saved, changed = shared, before, !same(shared.Sharing, sharing)
		if !changed {
			return nil
		}
		if err := tx.PutCredentialSharing(s.caller.Workspace, id, store.CredentialSharing{Owner: shared.Owner, Sharing: sharing}); err != nil {
			return err
		}
		saved.Sharing, saved.UpdatedAt = sharing, s.now()
		saved.Version++
		if err := tx.UpdateCredential(s.caller.Workspace, saved, before.Version, nil); err != nil {
			return err
		}
		return s.record(tx, s.caller, audit.Entry{
			Action: audit.ActionShare, Credential: id, Fields: []fields.Field{fields.Sharing}, Outcome: "done", Detail: audience(sharing),
		})
	})
	if err != nil {
		return paycor.Credential{}, s.denied(ctx, audit.ActionShare, id, err)
	}
	if changed {
		s.changes.Publish(s.caller.Workspace, events.Change{ID: id, Action: audit.ActionShare, Owner: previous.Owner, Sharing: previous.Sharing})
	}
	return saved, nil
}

// audience is the detail of an audit entry about sharing.
func audience(sharing *paycor.Sharing) string {
	if sharing == nil {
		return "everybody"
	}
	return "restricted"
}

func same(a, b *paycor.Sharing) bool {
	if a == nil || b == nil {
		return a == b
	}
	return slices.Equal(a.Keys(), b.Keys())
}

func sharingError(problems ...fields.Problem) error {
	return &paycor.Error{Kind: paycor.KindInvalid, Message: message.New("error.not-changed", problems[0].Message), Problems: problems}
}

// duplicates returns the duplicates of a credential that the caller may see.
func (s editor) duplicates(r Reader, of paycor.Credential) ([]paycor.Duplicate, error) {
	found, err := r.Duplicates(s.caller.Workspace, of, s.caller.Credentials)
	if err != nil || s.caller.Viewer() == nil {
		return found, err
	}
	var visible []paycor.Duplicate
	for _, duplicate := range found {
		sees, err := s.sees(r, duplicate.Credential)
		if err != nil {
			return nil, err
		}
		if sees {
			visible = append(visible, duplicate)
		}
	}
	return visible, nil
}

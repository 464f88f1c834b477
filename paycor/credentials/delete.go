package credentials

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/store"
)

// Delete implements api.Service.
func (s editor) Delete(ctx context.Context, id, ifMatch string) error {
	if err := s.may(ctx, paycor.RightAdmin, audit.ActionDelete, id); err != nil {
		return err
	}
	var shared store.CredentialSharing // who could see it, to notify them
	var deleted paycor.Credential
	err := s.config.Store.Update(ctx, func(tx Tx) error {
		credential, err := tx.Credential(s.caller.Workspace, id)
		if err != nil {
			return err
		}
		if !paycor.IfMatch(ifMatch, versionTag(credential)) {
			return store.ErrStale
		}
		if shared, err = tx.CredentialSharing(s.caller.Workspace, id); err != nil {
			return err
		}
		if err := tx.DeleteCredential(s.caller.Workspace, id, credential.Version); err != nil {
			return err
		}
		deleted = credential
		return s.record(tx, s.caller, audit.Entry{Action: audit.ActionDelete, Credential: id, Outcome: "done", Detail: credential.Name})
	})
	if err != nil {
		return s.denied(ctx, audit.ActionDelete, id, err)
	}
	s.tokens.Forget(s.tokenKey(deleted))
	s.changes.Publish(s.caller.Workspace, events.Change{ID: id, Action: audit.ActionDelete, Owner: shared.Owner, Sharing: shared.Sharing})
	return nil
}

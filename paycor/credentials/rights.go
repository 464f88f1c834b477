package credentials

import (
	"cmp"
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// may decides whether the caller may do something, and writes a refusal down
// before it is answered. credential is empty where the act concerns none.
func (s *service) may(ctx context.Context, right paycor.Right, action audit.Action, credential string) error {
	switch {
	case !s.caller.Rights.Has(right):
		if err := s.refuse(ctx, s.caller, action, credential, "missing_right_"+string(right)); err != nil {
			return err
		}
		return paycor.Errorf(paycor.KindForbidden, "This needs the right %q, which %s does not have. Ask an administrator for it.", right, s.caller.Name)
	case credential != "" && !s.caller.MayTouch(credential):
		if err := s.refuse(ctx, s.caller, action, credential, "outside_allow_list"); err != nil {
			return err
		}
		return fail(store.ErrNotFound)
	case credential != "":
		return s.maySee(ctx, action, credential)
	}
	return nil
}

// mayAll is may for what reaches over the whole workspace: people, programs and
// hosts are managed by nobody who may touch some of its credentials only.
func (s *service) mayAll(ctx context.Context, action audit.Action) error {
	if err := s.may(ctx, paycor.RightAdmin, action, ""); err != nil || len(s.caller.Credentials) == 0 {
		return err
	}
	if err := s.refuse(ctx, s.caller, action, "", "outside_allow_list"); err != nil {
		return err
	}
	return paycor.Errorf(paycor.KindForbidden, "This reaches over the whole workspace, and the token of %s is for some of its credentials only. Use one that is for all of them.", s.caller.Name)
}

// denied is fail for an act that would have changed or used something: a try
// at a credential that is not there, or is another workspace's, is written
// down before it is answered.
func (s *service) denied(ctx context.Context, action audit.Action, credential string, cause error) error {
	err := fail(cause)
	if paycor.KindOf(err) == paycor.KindNotFound {
		if auditErr := s.refuse(context.WithoutCancel(ctx), s.caller, action, credential, "not_found"); auditErr != nil {
			return auditErr
		}
	}
	return err
}

// Refuse writes down that the door turned somebody away. detail is a code,
// never something the caller sent.
func (m *Manager) Refuse(ctx context.Context, caller paycor.Caller, detail string) error {
	return m.refuse(ctx, caller, audit.ActionRefused, "", detail)
}

// refuse writes a refusal down, or counts it where its caller has had many.
func (m *Manager) refuse(ctx context.Context, caller paycor.Caller, action audit.Action, credential, detail string) error {
	if !paycor.IsCredentialID(credential) {
		credential = ""
	}
	ok, dropped := m.refused.admit(caller, m.now())
	if !ok {
		return nil
	}
	err := m.config.Store.Update(ctx, func(tx store.Tx) error {
		if dropped > 0 {
			if err := m.uncounted(tx, caller, dropped); err != nil {
				return err
			}
		}
		return m.record(tx, caller, audit.Entry{Action: action, Credential: credential, Outcome: "refused", Detail: detail})
	})
	if err != nil {
		m.refused.giveBack(caller, 1, dropped)
	}
	return err
}

// record appends an entry to the audit trail, as part of the transaction that
// makes the change: neither is kept without the other.
func (m *Manager) record(tx store.Tx, caller paycor.Caller, entry audit.Entry) error {
	entry.At = m.now()
	entry.Workspace = cmp.Or(caller.Workspace, paycor.DefaultWorkspace)
	entry.CallerKind, entry.CallerID, entry.CallerName = caller.Kind, caller.ID, caller.Name
	entry.From, entry.RequestID = caller.From, caller.RequestID
	last, err := tx.LastAudit()
	switch {
	case err == nil:
		return tx.AppendAudit(audit.Link(&last, entry))
	case err == store.ErrNotFound:
		return tx.AppendAudit(audit.Link(nil, entry))
	}
	return err
}

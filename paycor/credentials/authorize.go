package credentials

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/events"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/tokens"
)

// may decides whether the caller may do something; see rights.Authorizer.
func (s *service) may(ctx context.Context, right paycor.Right, action audit.Action, credential string) error {
	return s.authorizer.Authorize(ctx, s.caller, right, action, credential)
}

// mayAll decides whether the caller may do something to the whole workspace.
func (s *service) mayAll(ctx context.Context, action audit.Action) error {
	return s.authorizer.AuthorizeWorkspace(ctx, s.caller, action)
}

// denied translates an error of the store, and records an attempt at a credential
// that does not exist.
func (s *service) denied(ctx context.Context, action audit.Action, credential string, cause error) error {
	return s.authorizer.NotFound(ctx, s.caller, action, credential, cause)
}

// refuse records a denial.
func (m *Manager) refuse(ctx context.Context, caller paycor.Caller, action audit.Action, credential, detail string) error {
	return m.authorizer.DenyCredential(ctx, caller, action, credential, detail, nil)
}

// record appends an entry to the audit trail within a transaction.
func (m *Manager) record(tx trail.Appender, caller paycor.Caller, entry audit.Entry) error {
	return m.recorder.Record(tx, caller, entry)
}

// fail translates an error of the store.
func fail(err error) error { return rights.CredentialError(err) }

// Changes returns what changes in the caller's workspace.
func (m *Manager) Changes(ctx context.Context, caller paycor.Caller) <-chan events.Change {
	return m.changes.Changes(ctx, caller)
}

// Observe reports whether a caller may read the server's metrics.
func (m *Manager) Observe(ctx context.Context, caller paycor.Caller) error {
	return m.authorizer.AuthorizeMetrics(ctx, caller)
}

// Refuse records that a request was turned away.
func (m *Manager) Refuse(ctx context.Context, caller paycor.Caller, detail string) error {
	return m.authorizer.DenyRequest(ctx, caller, detail)
}

// NoteHeads logs the head of the audit trail.
func (m *Manager) NoteHeads(ctx context.Context) { m.trail.LogHeads(ctx) }

// publish tells open pages that a credential changed.
func (s *service) publish(id string, action audit.Action) {
	s.changes.Publish(s.caller.Workspace, events.Change{ID: id, Action: action})
}

// key identifies one of the caller's credentials.
func (s *service) key(id string) tokens.Key {
	return tokens.Key{Workspace: s.caller.Workspace, Credential: id}
}

package credentials

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/rights"
)

// may decides whether the caller may do something; see rights.Authorizer.
func (s *bound) may(ctx context.Context, right paycor.Right, action audit.Action, credential string) error {
	return s.authorizer.Authorize(ctx, s.caller, right, action, credential)
}

// mustExist returns an error if there is no such credential. A check of the request comes
// after it: otherwise what is wrong with the request is said of a credential that does not
// exist, and not of one that is hidden from the caller.
func (s *bound) mustExist(ctx context.Context, action audit.Action, credential string) error {
	err := s.config.Store.View(ctx, func(r Reader) error {
		_, err := r.Credential(s.caller.Workspace, credential)
		return err
	})
	return s.denied(ctx, action, credential, err)
}

// denied translates an error of the store, and records an attempt at a credential
// that does not exist.
func (s *bound) denied(ctx context.Context, action audit.Action, credential string, cause error) error {
	return s.authorizer.NotFound(ctx, s.caller, action, credential, cause)
}

// refuse records a denial.
func (s *Service) refuse(ctx context.Context, caller paycor.Caller, action audit.Action, credential, detail string) error {
	return s.authorizer.DenyCredential(ctx, caller, action, credential, detail, nil)
}

// record appends an entry to the audit trail within a transaction.
func (s *Service) record(tx trail.Appender, caller paycor.Caller, entry audit.Entry) error {
	return s.recorder.Record(tx, caller, entry)
}

// fail translates an error of the store.
func fail(err error) error { return rights.CredentialError(err) }

// key identifies one of the caller's credentials.
func (s *bound) key(id string) paycor.CredentialKey {
	return paycor.CredentialKey{Workspace: s.caller.Workspace, Credential: id}
}

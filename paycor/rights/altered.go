package rights

import (
	"context"
	"errors"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// DenyAltered records, in the audit trail and in the log, that a record which something
// else than this program wrote was refused, and returns denial. Any other err is
// returned as it is.
func (a *Authorizer) DenyAltered(ctx context.Context, err, denial error) error {
	altered, is := errors.AsType[*store.AlteredError](err)
	if !is {
		return err
	}
	a.config.Logger.ErrorContext(ctx, "a record was changed outside of this program: refused", "record", altered.Record, "id", altered.ID)
	server := paycor.Caller{Kind: paycor.CallerServer, ID: "server", Name: audit.NameServer, Workspace: altered.Workspace}
	if err := a.record(ctx, server, audit.ActionAltered, "", audit.AlteredDetail(string(altered.Record), altered.ID)); err != nil {
		return err
	}
	return denial
}

// RecordAltered records altered records that a check found.
func (a *Authorizer) RecordAltered(ctx context.Context, found []*store.AlteredError) error {
	for _, altered := range found {
		if err := a.DenyAltered(ctx, altered, nil); err != nil {
			return err
		}
	}
	return nil
}

package records

import (
	"errors"
	"fmt"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// FinishMigration authenticates the records in their new form, except for those that had
// been altered before, and records the migration in the audit trail: until a schema with
// MACs, the program cannot tell which records are its own, so somebody who goes back to
// one leaves a trace.
func (t *Tx) FinishMigration(from, to int, altered []*store.AlteredError, at time.Time) error {
	rows, err := t.macs.AuthenticateAll(t.ctx, t.conn, altered)
	if err != nil {
		return err
	}
	var previous *audit.Entry
	last, err := t.LastAuditEntry()
	if err == nil {
		previous = &last
	} else if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return t.AppendAudit(audit.Link(previous, audit.Entry{
		At: at, Workspace: paycor.DefaultWorkspace, CallerKind: paycor.CallerServer, CallerID: "server", CallerName: "This server",
		Action: audit.ActionMigrate, Outcome: "done",
		Detail: fmt.Sprintf("%d %d %d", from, to, rows),
	}))
}

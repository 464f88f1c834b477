package trail

import (
	"context"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// exportBatch is how many lines of an export one query returns.
const exportBatch = 1000

// ExportAudit implements audit.Service.
func (b CallerTrail) ExportAudit(ctx context.Context, query audit.Query, after int64, each func(audit.Line) error) error {
	if err := b.trail.config.Authorizer.Authorize(ctx, b.caller, paycor.RightAdmin, audit.ActionAuditExport, ""); err != nil {
		return err
	}
	err := b.trail.config.Store.Update(ctx, func(tx Appender) error {
		return b.trail.config.Recorder.Record(tx, b.caller, audit.Entry{Action: audit.ActionAuditExport, Outcome: "done"})
	})
	if err != nil {
		return err
	}
	damaged := store.DamagedError{}
	for {
		var lines []audit.Line
		err := b.trail.config.Store.List(ctx, b.caller, func(r Reader) (err error) {
			scan := store.AuditScan{From: after, MaxScanned: scanSpan, Limit: exportBatch}
			lines, after, err = r.AuditLines(b.caller.Workspace, query, scan)
			return damaged.Collect(err)
		})
		if err != nil {
			return err
		}
		for _, line := range lines {
			if !b.mayRead(line.Entry) {
				continue
			}
			if err := each(line); err != nil {
				return err
			}
		}
		switch {
		case after == 0 && damaged.Cause != nil:
			return &damaged // so that it is not taken for a whole export
		case after == 0:
			return nil
		}
	}
}

package doctor

import (
	"context"
	"time"

	"paycorcred/paycor/health"
	"paycorcred/paycor/message"
)

// streamOverdue is for how long the receiver of the audit trail may take nothing.
const streamOverdue = 15 * time.Minute

// auditStream checks that the receiver of the audit trail takes what is sent.
func (d *Doctor) auditStream(context.Context) []health.Finding {
	const check = "audit-stream"
	if d.config.AuditStream == nil {
		return nil
	}
	state := d.config.AuditStream()
	date := func(at time.Time) string { return at.UTC().Format(time.RFC3339) }
	var what message.Message
	late := state.Waiting > 0 && d.config.Clock().Sub(state.Since) > streamOverdue
	switch {
	case state.Failure != nil:
		what = message.New("health.audit-stream-failing", state.Address, date(state.FailingSince), int(state.Waiting), state.Failure.Error())
	case late:
		what = message.New("health.audit-stream-late", state.Address, int(state.Waiting), date(state.Since))
	case state.SentAt.IsZero():
		return health.Fine(check, "health.audit-stream-first", state.Address)
	default:
		return health.Fine(check, "health.audit-stream-ok", state.Address, date(state.SentAt))
	}
	finding := warning(check, what, message.New("health.audit-stream-fix"))
	if late {
		finding.Status = health.Problem
	}
	return []health.Finding{finding}
}

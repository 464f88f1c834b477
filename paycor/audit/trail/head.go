package trail

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// headInterval is how often the head of the chain is logged.
const headInterval = time.Hour

// headTimeout is how long the database may take to tell the head, so that a stopping server
// does not wait for one that is away.
const headTimeout = 5 * time.Second

// LogHeads logs the head of the chain at once, then every hour in which the
// trail grew, and when ctx ends. Operators usually keep logs apart from the
// database: given one of these lines, "paycorcred audit verify --expect-head"
// detects a trail that was truncated or rewritten before that point.
func (t *Trail) LogHeads(ctx context.Context) {
	ticker := time.NewTicker(headInterval)
	defer ticker.Stop()
	var logged audit.Head
	for {
		logged = t.logHead(context.WithoutCancel(ctx), logged)
		if ctx.Err() != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// logHead logs the head unless it is the one logged last.
func (t *Trail) logHead(ctx context.Context, logged audit.Head) audit.Head {
	ctx, cancel := context.WithTimeout(ctx, headTimeout)
	defer cancel()
	head := logged
	err := t.config.Store.View(ctx, func(r Reader) error {
		last, err := r.LastAuditEntry()
		if err == nil {
			head = audit.Head{Sequence: last.Sequence, Hash: last.Hash}
		}
		return err
	})
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		t.config.Logger.WarnContext(ctx, "reading the head of the audit trail", "error", err)
	case head != logged:
		t.config.Logger.InfoContext(ctx, "audit trail head: keep this line apart from the database, to verify the trail against it", "head", head.String())
	}
	return head
}

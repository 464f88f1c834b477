package credentials

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// headInterval is how often the head of the audit trail is logged.
const headInterval = time.Hour

// NoteHeads logs the head of the audit trail at the start, every hour in which
// it grew, and when ctx ends. A log is usually kept apart from the database:
// with one of its lines, "paycorcred audit verify --expect-head" can tell that
// nothing up to there was cut off or written anew.
func (m *Manager) NoteHeads(ctx context.Context) {
	ticker := time.NewTicker(headInterval)
	defer ticker.Stop()
	var noted audit.Head
	for {
		noted = m.noteHead(context.WithoutCancel(ctx), noted)
		if ctx.Err() != nil {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// noteHead logs the head unless it is the one that was noted last.
func (m *Manager) noteHead(ctx context.Context, noted audit.Head) audit.Head {
	head := noted
	err := m.config.Store.View(ctx, func(r store.Reader) error {
		last, err := r.LastAudit()
		if err == nil {
			head = audit.Head{Sequence: last.Sequence, Hash: last.Hash}
		}
		return err
	})
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		m.config.Logger.WarnContext(ctx, "the head of the audit trail cannot be noted", "error", err)
	case head != noted:
		m.config.Logger.InfoContext(ctx, "audit trail: keep this line apart from the database, to check the trail against it", "head", head.String())
	}
	return head
}

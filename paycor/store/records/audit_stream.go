package records

import (
	"time"

	"paycorcred/paycor/store"
)

// auditStreamTx reads and writes how far the audit trail was sent.
type auditStreamTx struct{ *Transaction }

func (t auditStreamTx) AuditStream(receiver string) (store.AuditStream, error) {
	stream := store.AuditStream{Receiver: receiver}
	var sent Timestamp
	err := t.Row(`SELECT sequence, sent_at FROM audit_streams WHERE receiver = ?`, []any{receiver}, &stream.Sequence, &sent)
	stream.SentAt = time.Time(sent)
	return stream, err
}

func (t auditStreamTx) ClaimAuditStream(receiver, holder string, now, until time.Time) (store.AuditStream, error) {
	const query = `INSERT INTO audit_streams (receiver, sequence, sent_at, holder, held_until) VALUES (?1, 0, '', ?2, ?4)
		ON CONFLICT (receiver) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
		WHERE audit_streams.holder = excluded.holder OR audit_streams.held_until <= ?3`
	if err := t.change(store.ErrStale, query, receiver, holder, Timestamp(now), Timestamp(until)); err != nil {
		return store.AuditStream{}, err
	}
	return t.AuditStream(receiver)
}

func (t auditStreamTx) AdvanceAuditStream(stream store.AuditStream, holder string) error {
	return t.change(store.ErrStale, `UPDATE audit_streams SET sequence = ?, sent_at = ? WHERE receiver = ? AND holder = ?`,
		stream.Sequence, Timestamp(stream.SentAt), stream.Receiver, holder)
}

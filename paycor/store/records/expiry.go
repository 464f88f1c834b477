package records

import (
	"time"

	"paycorcred/paycor/store"
)

// expiryTx deletes expired records.
type expiryTx struct{ *Transaction }

// DeleteExpired keeps records that never expire, whose expires_at is empty.
func (t expiryTx) DeleteExpired(before time.Time) error {
	for _, query := range []string{
		`DELETE FROM idempotency WHERE expires_at <> '' AND expires_at < ?`,
		`DELETE FROM sessions WHERE expires_at <> '' AND expires_at < ?`,
		`DELETE FROM activations WHERE expires_at <> '' AND expires_at < ?`,
		`DELETE FROM sign_in_links WHERE expires_at <> '' AND expires_at < ?`,
		`DELETE FROM used_embed_tokens WHERE expires_at <> '' AND expires_at < ?`,
		`DELETE FROM embed_tokens WHERE expires_at <> '' AND expires_at < ?`,
		`DELETE FROM embed_sessions WHERE expires_at <> '' AND expires_at < ?`,
	} {
		if err := t.Queue(query, Timestamp(before)); err != nil {
			return err
		}
	}
	return t.Queue(`DELETE FROM activation_links WHERE expires_at < ?`, Timestamp(before.Add(-store.ActivationLinkRetention)))
}

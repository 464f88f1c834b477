package store

import "paycorcred/paycor/consumer"

// Consumer returns the program that holds the token, as administrators see it.
// Its State is not set; consumer.Consumer.At sets it for a moment.
func (t APIToken) Consumer() consumer.Consumer {
	return consumer.Consumer{
		ID: t.ID, Name: t.Name, Rights: t.Rights, Credentials: t.Credentials,
		CreatedAt: t.CreatedAt, CreatedBy: t.CreatedBy, ExpiresAt: t.ExpiresAt,
		LastUsedAt: t.LastUsedAt, RevokedAt: t.RevokedAt, RevokedBy: t.RevokedBy,
	}
}

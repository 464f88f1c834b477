package records

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
)

// inventoryTx counts what is stored.
type inventoryTx struct{ *Transaction }

func (t inventoryTx) Inventory(now, soon time.Time) (store.Inventory, error) {
	counted := store.Inventory{
		Credentials: map[store.CredentialGroup]int{}, Rotations: map[store.RotationDue]int{}, APITokens: map[consumer.State]int{},
		Channels: map[notification.ChannelState]int{},
	}
	err := t.Rows(`SELECT environment, state, sum(credentials), coalesce(sum(credentials) FILTER (WHERE problem = 1 OR rotate_by <= ?), 0)
		FROM search_counts GROUP BY 1, 2`, []any{string(paycor.DayOf(soon))}, func(scan Scan) error {
		var group store.CredentialGroup
		var n, attention int
		err := scan(&group.Environment, &group.State, &n, &attention)
		counted.Credentials[group] = n
		counted.NeedAttention += attention
		return err
	})
	if err != nil {
		return counted, err
	}
	const rotations = `SELECT count(*) FILTER (WHERE rotate_by < ?1), count(*) FILTER (WHERE rotate_by >= ?1 AND rotate_by <= ?2),
		count(*) FILTER (WHERE rotate_by > ?2) FROM applications INDEXED BY applications_rotate_by WHERE rotate_by <> ''`
	var overdue, near, later int
	if err := t.Row(rotations, []any{string(paycor.DayOf(now)), string(paycor.DayOf(soon))}, &overdue, &near, &later); err != nil {
		return counted, err
	}
	counted.Rotations[store.RotationOverdue], counted.Rotations[store.RotationSoon], counted.Rotations[store.RotationLater] = overdue, near, later
	const tokens = `SELECT count(*) FILTER (WHERE revoked_at <> ''), count(*) FILTER (WHERE revoked_at = '' AND expires_at <> '' AND expires_at <= ?1),
		count(*) FILTER (WHERE revoked_at = '' AND (expires_at = '' OR expires_at > ?1)),
		count(*) FILTER (WHERE revoked_at = '' AND expires_at > ?1 AND expires_at <= ?2) FROM tokens`
	var revoked, expired, active int
	if err := t.Row(tokens, []any{Timestamp(now), Timestamp(soon)}, &revoked, &expired, &active, &counted.TokensEnding); err != nil {
		return counted, err
	}
	counted.APITokens[consumer.Revoked], counted.APITokens[consumer.Expired], counted.APITokens[consumer.Active] = revoked, expired, active
	if err := t.Row(`SELECT count(*) FROM sessions WHERE expires_at > ?`, []any{Timestamp(now)}, &counted.Sessions); err != nil {
		return counted, err
	}
	const entries = `SELECT coalesce(max(sequence), 0) - coalesce((SELECT max(sequence) FROM audit_beginnings), 0) FROM audit`
	if err := t.Row(entries, nil, &counted.AuditEntries); err != nil {
		return counted, err
	}
	const channels = `SELECT failing_since, disabled_at, disabled_for, count(*) FROM notification_channels GROUP BY 1, 2, 3`
	return counted, t.Rows(channels, nil, func(scan Scan) error {
		var channel notification.Channel
		var failing, disabled Timestamp
		var n int
		err := scan(&failing, &disabled, &channel.DisabledFor, &n)
		channel.FailingSince, channel.DisabledAt = time.Time(failing), time.Time(disabled)
		counted.Channels[channel.State()] += n
		return err
	})
}

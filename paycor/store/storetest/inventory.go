package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

func testInventory(t *testing.T, s store.Store) {
	now := at(0)
	soon := now.AddDate(0, 0, 14)
	count := func() (counted store.Inventory) {
		view(t, s, func(r store.Reader) (err error) { counted, err = r.Inventory(now, soon); return err })
		return counted
	}
	empty := count()
	assert.Empty(t, empty.Credentials)
	assert.Zero(t, empty.AuditEntries)

	verified, rejected := verdicts.CodeVerified.Verdict(), verdicts.CodeSecretRejected.Verdict()
	for id, c := range map[string]struct {
		workspace, environment string
		verdict                *verdicts.Verdict
		rotateBy               paycor.Day
	}{
		"a": {"w", "one", &verified, paycor.DayOf(now.AddDate(0, 0, -1))}, "b": {"w", "one", &verified, paycor.DayOf(now)},
		"c": {"other", "one", &rejected, paycor.DayOf(soon)}, "d": {"other", "two", nil, paycor.DayOf(soon.AddDate(0, 0, 1))}, "e": {"w", "two", nil, ""},
	} {
		credential := fullCredential(id)
		credential.Environment, credential.ClientID, credential.RotateBy = c.environment, "client of "+id, c.rotateBy
		credential.Verdict, credential.LastConclusive = c.verdict, c.verdict
		insert(t, s, c.workspace, credential, nil)
	}
	update(t, s, func(tx store.Tx) error {
		for id, token := range map[string]store.APIToken{
			"forever": {}, "ending": {ExpiresAt: soon}, "later": {ExpiresAt: soon.Add(time.Second)}, "expired": {ExpiresAt: now}, "revoked": {RevokedAt: now, ExpiresAt: soon},
		} {
			token.ID, token.Hash, token.Workspace, token.CreatedAt = id, []byte(id), "w", now
			require.NoError(t, tx.InsertAPIToken(token))
		}
		for id, expires := range map[string]time.Time{"open": now.Add(time.Second), "over": now} {
			require.NoError(t, tx.InsertSession(store.Session{Hash: []byte(id), ID: id, ExpiresAt: expires}))
		}
		for id, channel := range map[string]notification.Channel{
			"working": {}, "failing": {FailingSince: now}, "given up": {FailingSince: now, DisabledAt: now, DisabledFor: notification.DisabledGone},
			"disabled": {FailingSince: now, DisabledAt: now, DisabledFor: notification.DisabledByAdministrator}, "disabled, too": {DisabledAt: now, DisabledFor: notification.DisabledByAdministrator},
		} {
			channel.ID, channel.Workspace, channel.Version = id, "w", 1
			require.NoError(t, tx.InsertNotificationChannel(channel, store.NotificationTarget{}))
		}
		for sequence := range int64(3) {
			if err := tx.AppendAudit(auditEntry(sequence + 1)); err != nil {
				return err
			}
		}
		return nil
	})
	counted := count()
	assert.Equal(t, map[store.CredentialGroup]int{
		{Environment: "one", State: paycor.StateVerified}: 2, {Environment: "one", State: paycor.StateRejected}: 1, {Environment: "two", State: paycor.StateNotVerified}: 2,
	}, counted.Credentials)
	assert.Equal(t, map[store.RotationDue]int{store.RotationOverdue: 1, store.RotationSoon: 2, store.RotationLater: 1}, counted.Rotations)
	assert.Equal(t, map[consumer.State]int{consumer.Active: 3, consumer.Expired: 1, consumer.Revoked: 1}, counted.APITokens)
	assert.Equal(t, 3, counted.NeedAttention, "a, b and c")
	assert.Equal(t, 1, counted.TokensEnding)
	assert.Equal(t, 1, counted.Sessions)
	assert.Equal(t, int64(3), counted.AuditEntries)
	assert.Equal(t, map[notification.ChannelState]int{
		notification.ChannelWorking: 1, notification.ChannelFailing: 1, notification.ChannelGivenUp: 1, notification.ChannelDisabled: 2,
	}, counted.Channels)

	update(t, s, func(tx store.Tx) error {
		credential, err := tx.Credential("w", "a")
		require.NoError(t, err)
		if err := tx.UpdateCredential("w", credential.WithoutVerdict(), credential.Version, nil); err != nil {
			return err
		}
		gone, err := tx.Credential("other", "d")
		require.NoError(t, err)
		return tx.DeleteCredential("other", "d", gone.Version)
	})
	assert.Equal(t, map[store.CredentialGroup]int{
		{Environment: "one", State: paycor.StateVerified}: 1, {Environment: "one", State: paycor.StateRejected}: 1,
		{Environment: "one", State: paycor.StateNotVerified}: 1, {Environment: "two", State: paycor.StateNotVerified}: 1,
	}, count().Credentials, "as they are now")
}

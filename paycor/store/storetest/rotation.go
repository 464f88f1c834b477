package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

func testRotations(t *testing.T, s store.Store) {
	expired := func(second int, limit int) (found []paycor.CredentialKey) {
		view(t, s, func(r store.Reader) (err error) { found, err = r.ExpiredRotations(at(second), limit); return err })
		return found
	}
	rotation := func(end int) *paycor.Rotation {
		r := &paycor.Rotation{
			State: paycor.RotationPrevious, Values: []paycor.RotationValue{{Field: fields.ClientSecret, SavedAt: at(1)}},
			Keep: paycor.KeepDay, RotateBy: "2030-01-02", StartedAt: at(2), StartedBy: "Ann",
		}
		if end > 0 {
			r.DiscardAt = at(end)
		}
		return r
	}
	for id, end := range map[string]int{"late": 30, "early": 10, "never": 0} {
		c := fullCredential(id)
		c.RotateBy, c.Rotation = "2031-12-31", rotation(end)
		secrets := someSecrets(id)
		secrets[fields.ClientSecretPrevious] = paycor.NewSecret("previous of " + id)
		insert(t, s, "w", c, secrets)
		assert.Equal(t, c, credential(t, s, "w", id), "round trip")
	}
	insert(t, s, "w", fullCredential("none"), nil)

	assert.Empty(t, expired(9, 10))
	assert.Equal(t, []paycor.CredentialKey{{Workspace: "w", Credential: "early"}}, expired(10, 10), "at its end")
	assert.Equal(t, []paycor.CredentialKey{{Workspace: "w", Credential: "early"}, {Workspace: "w", Credential: "late"}}, expired(100, 10), "the oldest first, without rotations that have no end")
	assert.Len(t, expired(100, 1), 1)

	c := credential(t, s, "w", "early")
	c.Rotation = nil
	update(t, s, func(tx store.Tx) error {
		if err := tx.UpdateCredential("w", c, c.Version, nil); err != nil {
			return err
		}
		return tx.DeleteSecrets("w", "early", fields.ClientSecretPrevious, fields.ClientSecretPending)
	})
	assert.Equal(t, someSecrets("early"), secrets(t, s, "w", "early"), "only the previous secret is deleted")
	assert.Equal(t, "previous of late", secrets(t, s, "w", "late")[fields.ClientSecretPrevious].Reveal())
	assert.Equal(t, []paycor.CredentialKey{{Workspace: "w", Credential: "late"}}, expired(100, 10))
	assert.Nil(t, credential(t, s, "w", "early").Rotation)

	for _, field := range []fields.Field{fields.ClientSecret, fields.RefreshToken, "x"} {
		assert.Error(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.DeleteSecrets("w", "late", field) }), "%s is a current secret", field)
	}
}

package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

func testSecrets(t *testing.T, s store.Store) {
	insert(t, s, "w", fullCredential("a"), someSecrets("a"))

	changed := fullCredential("a")
	changed.Version, changed.ClientSecretSavedAt = 13, at(99)
	changed.SubscriptionKeySavedAt = at(100) // not replaced, so its time must not change
	update(t, s, func(tx store.Tx) error {
		return tx.UpdateCredential("w", changed, 12, store.Secrets{fields.ClientSecret: paycor.NewSecret("new")})
	})
	found := credential(t, s, "w", "a")
	assert.Equal(t, at(99), found.ClientSecretSavedAt)
	assert.Equal(t, at(2), found.SubscriptionKeySavedAt)
	want := someSecrets("a")
	want[fields.ClientSecret] = paycor.NewSecret("new")
	assert.Equal(t, want, secrets(t, s, "w", "a"))

	changed.Version = 14
	assert.Error(t, s.Update(testContext(t), func(tx store.Tx) error {
		return tx.UpdateCredential("w", changed, 13, store.Secrets{fields.ClientSecret: {}})
	}), "an empty secret is rejected")
	assert.Equal(t, want, secrets(t, s, "w", "a"))
	assert.EqualValues(t, 13, credential(t, s, "w", "a").Version)
}

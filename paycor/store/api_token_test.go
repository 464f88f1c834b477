package store_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/store"
)

func TestHashSecret(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		hex.EncodeToString(store.HashSecret(paycor.NewSecret("abc"))), "SHA-256")
}

func TestConsumerOfAPIToken(t *testing.T) {
	t.Parallel()
	at := func(seconds int64) time.Time { return time.Unix(seconds, 0) }
	token := store.APIToken{
		ID: "t", Hash: []byte("hash"), Name: "nightly", Workspace: "w", Rights: paycor.Rights{paycor.RightUse}, Credentials: []string{"c"},
		CreatedAt: at(1), CreatedBy: "Ann", ExpiresAt: at(2), LastUsedAt: at(3), RevokedAt: at(4), RevokedBy: "Bob",
	}
	assert.Equal(t, consumer.Consumer{
		ID: "t", Name: "nightly", Rights: paycor.Rights{paycor.RightUse}, Credentials: []string{"c"},
		CreatedAt: at(1), CreatedBy: "Ann", ExpiresAt: at(2), LastUsedAt: at(3), RevokedAt: at(4), RevokedBy: "Bob",
	}, token.Consumer())
}

package store

import (
	"crypto/sha256"

	"paycorcred/paycor"
)

// HashSecret returns the SHA-256 of a handle, a code or an API token. The store
// finds a record by it and keeps nothing else of the secret. All of them have
// at least 128 random bits, so a slow hash would add nothing.
func HashSecret(secret paycor.Secret) []byte {
	sum := sha256.Sum256([]byte(secret.Reveal()))
	return sum[:]
}

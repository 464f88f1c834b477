//go:build !js

package audit

import (
	"crypto/sha256"
	"encoding/hex"
)

// sum returns the SHA-256 sum of data in hexadecimal.
func sum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

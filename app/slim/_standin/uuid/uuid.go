// Package uuid makes random identifiers. The package of that name also makes those of
// names, and reads and stores identifiers, for which it brings MD5, SHA-1, big numbers,
// database/sql and the self-tests of Go's cryptography.
package uuid

import (
	"fmt"
	"math/rand/v2"
)

// NewString returns a random identifier (RFC 9562, version 4). Go seeds its generator
// from the browser's source of random numbers.
func NewString() string {
	high, low := rand.Uint64()&^0xf000|0x4000, rand.Uint64()&^(3<<62)|2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&(1<<48-1))
}

package app

import (
	"math/rand/v2"
	"strconv"
)

// newKey returns a new random text that identifies a request or a row. It is no secret, so
// that it needs no crypto/rand, which would bring the self-tests of Go's cryptography into
// the page. Go seeds its generator from the browser's source of random numbers.
func newKey() string {
	return strconv.FormatUint(rand.Uint64(), 36) + strconv.FormatUint(rand.Uint64(), 36)
}

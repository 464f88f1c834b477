package dom

import (
	"runtime"
	"time"
)

// settling is how long after the overlay has closed the last goroutine that
// worked for it has ended, and with it the last reference to a secret.
const settling = 100 * time.Millisecond

// Wipe gets what was typed out of the program's memory. Strings cannot be
// zeroed in Go, and the encoder of JSON keeps its buffers for the next use. So
// everything of the overlay's is dropped first, and then collected: boot.js
// starts this program with clobberfree, which has the collector overwrite what
// it frees. A pool gives up its buffers at the second collection after their
// last use, hence three.
func Wipe() {
	time.Sleep(settling)
	for range 3 {
		runtime.GC()
	}
}

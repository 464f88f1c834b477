package dom

import (
	"runtime"
	"time"
)

// settleTime is how long after a dialog closed the last goroutine may still hold a
// secret.
const settleTime = 100 * time.Millisecond

// Wipe removes secrets from the memory of the program. Go cannot zero strings,
// and encoding/json reuses its buffers. So a dialog drops all references and
// Wipe runs the garbage collector: boot.js starts the program with clobberfree,
// which overwrites freed memory. A sync.Pool frees its buffers at the second
// collection after their last use, hence three.
func Wipe() {
	time.Sleep(settleTime)
	for range 3 {
		runtime.GC()
	}
}

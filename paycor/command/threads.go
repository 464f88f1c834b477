package command

import (
	"os"
	"runtime"
)

// minThreads is how many goroutines run at once, also on a machine with fewer processors.
// Go lets a goroutine compute for ten milliseconds while others wait; with more threads
// than processors, the system shares the processors in shorter turns. On two processors,
// calls beside a caller who searches without end take a third less time.
const minThreads = 4

// raiseThreads makes use of minThreads, unless the operator has set GOMAXPROCS. A limit of
// a container on a larger machine stays in force: a thread beyond it would make all of them
// pause once the limit's share is used up.
func raiseThreads() {
	if os.Getenv("GOMAXPROCS") == "" && runtime.NumCPU() < minThreads {
		runtime.GOMAXPROCS(minThreads)
	}
}

package command

import (
	"context"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// memoryShare is the part of the machine's memory, or of its container's, at which
	// the garbage collector works harder before the system kills the server.
	memoryShare = 0.8

	// memoryRefresh is how often the limit follows a container that was resized.
	memoryRefresh = time.Minute
)

// limitMemory sets the memory limit, unless the operator has set GOMEMLIMIT. A machine
// that does not tell its memory has no limit.
func limitMemory(ctx context.Context, logger *slog.Logger) {
	limit, err := memlimit.Set(
		memlimit.WithRatio(memoryShare), memlimit.WithRefreshInterval(ctx, memoryRefresh),
		memlimit.WithProvider(memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)))
	if err != nil {
		logger.WarnContext(ctx, "the memory limit was not set", "cause", err.Error())
		return
	}
	logger.DebugContext(ctx, "memory limit set", "bytes", limit)
}

// garbagePercent is how much the heap may grow before the collector runs, unless the
// operator has set GOGC. With 100,000 credentials in use, Go's own 100 would take 30 MB
// more.
const garbagePercent = 50

// ballastBytes makes it worth more for a small heap, of which a few megabytes are live: each
// call to Paycor leaves some kilobytes, and without, the collector would take a twelfth of
// a call's processor time.
const ballastBytes = 64 << 20

// limitGarbage sets how often the collector runs.
func limitGarbage() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}

// ballast counts as live and is never touched, so that the system provides no memory for
// it. It is made before the program uses its heap: later the runtime may find memory that
// was used before, and would touch all of it to clear it.
var ballast = make([]byte, ballastBytes)

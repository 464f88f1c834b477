package command

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
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

const (
	// leastGrowth is how many bytes the heap grows before the collector runs, also if
	// little of it is live: each call to Paycor leaves some kilobytes, and with less the
	// collector would take a twelfth of a call's processor time. With 32 MB, one caller
	// who searches a large workspace makes the calls of others twice as slow.
	leastGrowth = 40 << 20

	// growthPercent is how much a large heap grows. With Go's own 100, half of the
	// memory of a large server would be garbage.
	growthPercent = 40
)

// limitGarbage sets how often the collector runs, unless the operator has set GOGC: after
// each run it sets how much the heap may grow until the next one.
func limitGarbage() {
	if os.Getenv("GOGC") != "" {
		return
	}
	// What Go's percentage is of.
	scanned := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	set := 0
	var collected func(int)
	collected = func(int) {
		metrics.Read(scanned)
		var bytes uint64
		for _, sample := range scanned {
			bytes += sample.Value.Uint64()
		}
		if percent := growthOf(bytes); percent != set {
			debug.SetGCPercent(percent)
			set = percent
		}
		runtime.AddCleanup(new([2]*byte), collected, 0) // is no longer reachable, so the next run calls this again
	}
	collected(0)
}

// growthOf returns by what percentage a heap may grow. Go collects no heap of less than
// 4 MB at 100 percent, and of accordingly more at more.
func growthOf(bytes uint64) int {
	return max(growthPercent, int(leastGrowth*100/max(bytes, 4<<20)))
}

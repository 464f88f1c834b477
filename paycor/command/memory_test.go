package command

import (
	"log/slog"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheMemoryLimitFollowsTheMachine(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	t.Setenv("GOMEMLIMIT", "123MiB")
	limitMemory(t.Context(), slog.New(slog.DiscardHandler))
	assert.Equal(t, before, debug.SetMemoryLimit(-1), "the operator has set one")
	require.NoError(t, os.Unsetenv("GOMEMLIMIT"))
	limitMemory(t.Context(), slog.New(slog.DiscardHandler))
	assert.Less(t, debug.SetMemoryLimit(-1), int64(math.MaxInt64))
}

// However much of the heap is live, the collector runs before it grows by much more than is
// worth the time.
func TestTheHeapGrowsByAsMuchAsIsWorthIt(t *testing.T) {
	assert.Equal(t, 1000, growthOf(0))
	assert.Equal(t, 500, growthOf(8<<20))
	assert.Equal(t, 100, growthOf(40<<20))
	assert.Equal(t, growthPercent, growthOf(1<<30))

	if os.Getenv("GOGC") != "" {
		require.NoError(t, os.Unsetenv("GOGC"))
	}
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	limitGarbage()
	growth := func() float64 {
		samples := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}, {Name: "/gc/heap/live:bytes"}}
		metrics.Read(samples)
		return float64(samples[0].Value.Uint64() - samples[1].Value.Uint64())
	}
	for _, live := range []int{1 << 20, 200 << 20} {
		kept := make([]byte, live)
		want := max(leastGrowth, live*growthPercent/100)
		require.Eventually(t, func() bool {
			runtime.GC()
			return math.Abs(growth()-float64(want)) < float64(want)/4
		}, 30*time.Second, 10*time.Millisecond, "%d bytes live: the heap may grow by %.0f bytes, not by %d", live, growth(), want)
		runtime.KeepAlive(kept)
	}
}

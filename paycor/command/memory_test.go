package command

import (
	"log/slog"
	"math"
	"os"
	"runtime/debug"
	"testing"

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

package command

import (
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSmallMachinesRunMoreThreadsThanProcessors(t *testing.T) {
	before := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	t.Setenv("GOMAXPROCS", "1")
	raiseThreads()
	assert.Equal(t, 1, runtime.GOMAXPROCS(0), "the operator has set it")
	require.NoError(t, os.Unsetenv("GOMAXPROCS"))
	raiseThreads()
	if runtime.NumCPU() < minThreads {
		assert.Equal(t, minThreads, runtime.GOMAXPROCS(0))
	} else {
		assert.Equal(t, 1, runtime.GOMAXPROCS(0), "large machines and their containers' limits are left to Go")
	}
}

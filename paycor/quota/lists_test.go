package quota_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/quota"
)

// More threads than processors give lists no more of the processors.
func TestListsLeaveProcessorsForCalls(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	runtime.GOMAXPROCS(64 * runtime.NumCPU())
	assert.Equal(t, max(1, runtime.NumCPU()/2), quota.HalfOfProcessors())
	assert.LessOrEqual(t, quota.ListsAtOnce(), quota.HalfOfProcessors())
	runtime.GOMAXPROCS(1)
	assert.Equal(t, 1, quota.HalfOfProcessors(), "a container's limit counts")
	assert.Equal(t, 1, quota.ListsAtOnce())
}

package evict_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/evict"
)

func usedAt(at int64) (int64, bool) { return at, at >= 0 }

func TestOldestOfFewIsExact(t *testing.T) {
	t.Parallel()
	oldest, ok := evict.Oldest(map[string]int64{"a": 3, "b": 1, "c": 2, "busy": -1}, usedAt)
	assert.True(t, ok)
	assert.Equal(t, "b", oldest)
	_, ok = evict.Oldest(map[string]int64{"busy": -1}, usedAt)
	assert.False(t, ok)
	_, ok = evict.Oldest(map[string]int64{}, usedAt)
	assert.False(t, ok)
}

// A map at its bound keeps what is used: entries are replaced a thousand times, while
// some are used again and again.
func TestWhatIsUsedStays(t *testing.T) {
	t.Parallel()
	const size, hot = 512, 32
	entries := map[int]int64{}
	now, missed := int64(0), 0
	use := func(key int) {
		now++
		if _, ok := entries[key]; !ok {
			if key < hot && now > 4*size {
				missed++
			}
			if len(entries) >= size {
				oldest, _ := evict.Oldest(entries, usedAt)
				delete(entries, oldest)
			}
		}
		entries[key] = now
		assert.LessOrEqual(t, len(entries), size)
	}
	for i := range 1000 {
		for key := range hot {
			use(key)
		}
		for cold := range 16 {
			use(hot + i*16 + cold)
		}
	}
	assert.Less(t, missed, 1000*hot/100)
}

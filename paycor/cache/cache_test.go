package cache_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/cache"
	"paycorcred/paycor/store"
)

// source is a store with a version that a test can change.
type source struct {
	version atomic.Uint32
	reads   atomic.Int32
	err     error
}

func (s *source) config(limit int) cache.Config[int, int] {
	return cache.Config[int, int]{
		Max:     limit,
		Version: func(context.Context) (store.Version, error) { return store.Version{s.version.Load()}, nil },
		Read: func(_ context.Context, key int) (int, error) {
			s.reads.Add(1)
			return key * 2, s.err
		},
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	var from source
	c := cache.New(from.config(3))
	for round := range 2 {
		for key := range 10 {
			value, err := c.Get(t.Context(), key)
			require.NoError(t, err)
			assert.Equal(t, key*2, value, "round %d", round)
			assert.LessOrEqual(t, c.Len(), 3)
		}
	}
	assert.Greater(t, from.reads.Load(), int32(10))
}

func TestValueIsReadAgainOncePerVersion(t *testing.T) {
	t.Parallel()
	var from source
	c := cache.New(from.config(3))
	for version := range uint32(3) {
		from.version.Store(version)
		var group sync.WaitGroup
		_, err := c.Get(t.Context(), 1)
		require.NoError(t, err)
		for range 20 {
			group.Go(func() { _, err := c.Get(t.Context(), 1); assert.NoError(t, err) })
		}
		group.Wait()
		assert.Equal(t, int32(version+1), from.reads.Load())
	}
}

func TestErrorsAreNotCached(t *testing.T) {
	t.Parallel()
	from := source{err: errors.New("no such record")}
	c := cache.New(from.config(3))
	for range 2 {
		_, err := c.Get(t.Context(), 1)
		require.ErrorIs(t, err, from.err)
	}
	assert.Equal(t, int32(2), from.reads.Load())
	assert.Zero(t, c.Len())

	from.err = nil
	_, err := c.Get(t.Context(), 1)
	require.NoError(t, err)
	from.err = errors.New("gone")
	from.version.Add(1)
	_, err = c.Get(t.Context(), 1)
	require.ErrorIs(t, err, from.err)
	assert.Zero(t, c.Len(), "a value that cannot be read again is dropped")
}

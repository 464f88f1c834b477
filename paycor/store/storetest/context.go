package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store"
)

// testTimeout bounds every operation. A working engine needs far less.
const testTimeout = 60 * time.Second

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	t.Cleanup(cancel)
	return ctx
}

func update(t *testing.T, s store.Store, write func(store.Tx) error) {
	t.Helper()
	require.NoError(t, s.Update(testContext(t), write))
}

func view(t *testing.T, s store.Store, read func(store.Reader) error) {
	t.Helper()
	require.NoError(t, s.View(testContext(t), read))
}

// at returns a fixed time plus some seconds. It has nanoseconds.
func at(seconds int) time.Time {
	return time.Date(2031, 5, 6, 7, 8, 0, 123456789, time.UTC).Add(time.Duration(seconds) * time.Second)
}

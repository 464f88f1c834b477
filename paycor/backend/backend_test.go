package backend_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/testkit/env"
	"paycorcred/paycor/usage"
)

func TestConfigNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := backend.New(backend.Config{})
	assert.ErrorContains(t, err, "Store")
}

func TestRunEndsAndCloseWritesWhatIsCounted(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.As(env.Administrator()))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { e.Run(ctx); close(ended) }()
	e.CallFinished(usage.Call{Caller: env.Program("nightly"), Credential: saved.ID, At: e.Clock.Now(), Method: "GET", Status: 200})
	require.NoError(t, e.Ready(t.Context()))
	stop()
	select {
	case <-ended:
	case <-time.After(env.Timeout):
		t.Fatal("Run did not end with its context")
	}
	require.NoError(t, e.Close(t.Context()))
	last := e.Trail(t)[0]
	assert.Equal(t, audit.ActionUses, last.Action)
	assert.Equal(t, "nightly", last.CallerID)
}

func TestOperatorHasEveryRight(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	saved := env.Create(t, e.Operator(""))
	assert.Equal(t, "operator", e.Trail(t)[0].CallerID)
	_, err := e.Operator("elsewhere").Credential(t.Context(), saved.ID)
	assert.Equal(t, paycor.KindNotFound, paycor.KindOf(err))
}

func TestSweepDeletesWhatExpired(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	_, expires, err := e.CreateLink(t.Context())
	require.NoError(t, err)
	e.Clock.Pass(expires.Sub(e.Clock.Now()) + time.Second)
	require.NoError(t, backend.Sweep(t.Context(), e.Backend))
}

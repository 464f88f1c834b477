package credentials_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/credentials"
	"paycorcred/paycor/store"
	"paycorcred/paycor/tokens"
	"paycorcred/paycor/upstream"
)

// refusalsIn returns what the trail says of refusals of one caller, oldest
// first.
func (b *bench) refusalsIn(t *testing.T, id string) (details []string) {
	t.Helper()
	trail := b.trail(t)
	for i := len(trail) - 1; i >= 0; i-- {
		if trail[i].Outcome == "refused" && trail[i].CallerID == id {
			details = append(details, trail[i].Detail)
		}
	}
	return details
}

func TestAKnownCallersRefusalsAreBounded(t *testing.T) {
	const more = 15
	refused := func(t *testing.T, m *credentials.Manager, caller paycor.Caller) error {
		t.Helper()
		_, err := m.As(caller).Credentials(t.Context(), paycor.Query{})
		return err
	}
	flood := func(t *testing.T) *bench {
		b := newBench(t)
		for range credentials.RefusalsPerSpan + more {
			require.Equal(t, paycor.KindForbidden, paycor.KindOf(refused(t, b.Manager, someone())))
		}
		require.Len(t, b.refusalsIn(t, "ann"), credentials.RefusalsPerSpan, "the first are written one by one")
		return b
	}
	number := fmt.Sprintf("not_written_%d", more)
	tests := map[string]struct {
		then func(t *testing.T, b *bench)
		want []string
	}{
		"the number comes before the next one": {func(t *testing.T, b *bench) {
			b.clock.Pass(credentials.RefusalSpan)
			assert.Equal(t, paycor.KindForbidden, paycor.KindOf(refused(t, b.Manager, someone())))
		}, []string{number, "missing_right_view"}},
		"the number is written when the span is over": {func(t *testing.T, b *bench) {
			require.NoError(t, credentials.NoteRefusals(t.Context(), b.Manager))
			assert.Len(t, b.refusalsIn(t, "ann"), credentials.RefusalsPerSpan, "not before")
			b.clock.Pass(credentials.RefusalSpan)
			for range 2 {
				require.NoError(t, credentials.NoteRefusals(t.Context(), b.Manager))
			}
			assert.Empty(t, b.trail(t)[0].RequestID, "it is of many requests")
		}, []string{number}},
		"the number is written by a clean stop": {func(t *testing.T, b *bench) {
			require.NoError(t, b.Drain(t.Context()))
		}, []string{number}},
		"somebody else is written down all the same": {func(t *testing.T, b *bench) {
			for _, change := range []func(*paycor.Caller){
				func(c *paycor.Caller) { c.ID = "bob" }, func(c *paycor.Caller) { c.Kind = paycor.CallerConsumer }, func(c *paycor.Caller) { c.Workspace = "elsewhere" },
			} {
				other := someone()
				change(&other)
				assert.Equal(t, paycor.KindForbidden, paycor.KindOf(refused(t, b.Manager, other)))
			}
			assert.Len(t, b.refusalsIn(t, "bob"), 1)
		}, []string{"missing_right_view"}},
		"who is not known is bounded together": {func(t *testing.T, b *bench) {
			nobody := paycor.Caller{Kind: paycor.CallerUnknown, Workspace: "default"}
			for n := range credentials.RefusalsPerSpan + more {
				nobody.ID = strconv.Itoa(n) // such as the host that a token claims to come from
				require.NoError(t, b.Refuse(t.Context(), nobody, "token_signature"))
			}
			written := b.trail(t)
			b.clock.Pass(credentials.RefusalSpan)
			require.NoError(t, credentials.NoteRefusals(t.Context(), b.Manager))
			assert.Len(t, written, 2*credentials.RefusalsPerSpan, "with those of Ann")
			assert.Equal(t, []string{number}, b.refusalsIn(t, ""), "they are of many")
		}, []string{number}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := flood(t)
			test.then(t, b)
			assert.Equal(t, test.want, append([]string(nil), b.refusalsIn(t, "ann")[credentials.RefusalsPerSpan:]...))
		})
	}
}

// flakyTrail is a store that cannot write its trail while it is broken.
type flakyTrail struct {
	store.Store
	broken bool
}

func (s *flakyTrail) Update(ctx context.Context, write func(store.Tx) error) error {
	if s.broken {
		return brokenTrail{s.Store}.Update(ctx, write)
	}
	return s.Store.Update(ctx, write)
}

func TestTheNumberOfRefusalsIsNotLostWithAFailedWrite(t *testing.T) {
	b := newBench(t)
	trail := &flakyTrail{Store: b.store}
	m, err := credentials.New(credentials.Config{Store: trail, Verify: b.paycor.ask, TokenClient: tokens.NewClient(upstream.New(upstream.Config{})), Clock: b.clock.Now})
	require.NoError(t, err)
	try := func() error {
		_, err := m.As(someone()).Credentials(t.Context(), paycor.Query{})
		return err
	}
	for range credentials.RefusalsPerSpan + 7 {
		require.Equal(t, paycor.KindForbidden, paycor.KindOf(try()))
	}
	b.clock.Pass(credentials.RefusalSpan)
	trail.broken = true
	require.ErrorIs(t, try(), errBrokenTrail, "what cannot be written down is not answered as refused")
	require.ErrorIs(t, m.Drain(context.WithoutCancel(t.Context())), errBrokenTrail)
	trail.broken = false
	require.NoError(t, m.Drain(context.WithoutCancel(t.Context())))
	assert.Equal(t, "not_written_7", b.trail(t)[0].Detail)
}

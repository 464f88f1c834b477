package rights_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/backend"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
	"paycorcred/paycor/testkit/env"
)

// denialsOf returns the details of one caller's denials in the audit trail, oldest
// first.
func denialsOf(t *testing.T, e *env.Environment, id string) (details []string) {
	t.Helper()
	trail := e.Trail(t)
	for i := len(trail) - 1; i >= 0; i-- {
		if trail[i].Outcome == "refused" && trail[i].CallerID == id {
			details = append(details, trail[i].Detail)
		}
	}
	return details
}

func TestRepeatedDenialsAreSampled(t *testing.T) {
	t.Parallel()
	const more = 15
	deny := func(t *testing.T, m *backend.Backend, caller paycor.Caller) error {
		t.Helper()
		_, err := m.As(caller).Credentials(t.Context(), paycor.Query{})
		return err
	}
	flood := func(t *testing.T) *env.Environment {
		e := env.New(t)
		for range rights.DenialsPerWindow + more {
			require.Equal(t, paycor.KindForbidden, paycor.KindOf(deny(t, e.Backend, env.Person())))
		}
		require.Len(t, denialsOf(t, e, "ann"), rights.DenialsPerWindow, "the first have entries of their own")
		return e
	}
	number := fmt.Sprintf("not_written_%d", more)
	tests := map[string]struct {
		then func(t *testing.T, e *env.Environment)
		want []string
	}{
		"the number precedes the next denial": {func(t *testing.T, e *env.Environment) {
			e.Clock.Pass(rights.DenialWindow)
			assert.Equal(t, paycor.KindForbidden, paycor.KindOf(deny(t, e.Backend, env.Person())))
		}, []string{number, "missing_right_view"}},
		"the number is recorded when the window is over": {func(t *testing.T, e *env.Environment) {
			require.NoError(t, e.FlushDenials(t.Context(), false))
			assert.Len(t, denialsOf(t, e, "ann"), rights.DenialsPerWindow, "not before")
			e.Clock.Pass(rights.DenialWindow)
			for range 2 {
				require.NoError(t, e.FlushDenials(t.Context(), false))
			}
			assert.Empty(t, e.Trail(t)[0].RequestID, "the entry is about many requests")
		}, []string{number}},
		"the number is recorded on Close": {func(t *testing.T, e *env.Environment) {
			require.NoError(t, e.Close(t.Context()))
		}, []string{number}},
		"other callers are counted separately": {func(t *testing.T, e *env.Environment) {
			for _, change := range []func(*paycor.Caller){
				func(c *paycor.Caller) { c.ID = "bob" }, func(c *paycor.Caller) { c.Kind = paycor.CallerConsumer }, func(c *paycor.Caller) { c.Workspace = "elsewhere" },
			} {
				other := env.Person()
				change(&other)
				assert.Equal(t, paycor.KindForbidden, paycor.KindOf(deny(t, e.Backend, other)))
			}
			assert.Len(t, denialsOf(t, e, "bob"), 1)
		}, []string{"missing_right_view"}},
		"unauthenticated callers are counted together": {func(t *testing.T, e *env.Environment) {
			nobody := paycor.Caller{Kind: paycor.CallerUnknown, Workspace: "default"}
			for n := range rights.DenialsPerWindow + more {
				nobody.ID = strconv.Itoa(n) // such as the issuer that a token claims
				require.NoError(t, e.DenyRequest(t.Context(), nobody, "token_signature"))
			}
			written := e.Trail(t)
			e.Clock.Pass(rights.UnknownDenialWindow)
			require.NoError(t, e.FlushDenials(t.Context(), false))
			assert.Len(t, written, 2*rights.DenialsPerWindow, "with those of Ann")
			assert.Equal(t, []string{number}, denialsOf(t, e, ""), "the entry is about many callers")
		}, []string{number}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := flood(t)
			test.then(t, e)
			assert.Equal(t, test.want, append([]string(nil), denialsOf(t, e, "ann")[rights.DenialsPerWindow:]...))
		})
	}
}

// Anybody can cause denials of unknown callers, without end. After the first ones, one a
// minute has an entry, with the number of the others.
func TestDenialsOfUnknownCallersAreSampled(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	nobody := paycor.Caller{Kind: paycor.CallerUnknown, Workspace: "default"}
	for range 6 * 60 * 2 { // six hours, two a minute
		require.NoError(t, e.DenyRequest(t.Context(), nobody, "unauthorized"))
		e.Clock.Pass(30 * time.Second)
	}
	details := map[string]int{}
	for _, detail := range denialsOf(t, e, "") {
		details[detail]++
	}
	assert.Equal(t, 6*(60+30), details["unauthorized"], "half an hour of each is recorded, and half of the rest")
	assert.Equal(t, 6*30, details["not_written_1"])
}

// flakyTrail is a store that cannot append to the trail while it is broken.
type flakyTrail struct {
	store.Store
	broken bool
}

func (s *flakyTrail) Update(ctx context.Context, write func(store.Tx) error) error {
	if s.broken {
		return env.BrokenTrail{Store: s.Store}.Update(ctx, write)
	}
	return s.Store.Update(ctx, write)
}

func TestDroppedDenialsSurviveAFailedWrite(t *testing.T) {
	t.Parallel()
	e := env.New(t)
	trail := &flakyTrail{Store: e.Store}
	m := e.NewBackend(t, trail)
	deny := func() error {
		_, err := m.As(env.Person()).Credentials(t.Context(), paycor.Query{})
		return err
	}
	for range rights.DenialsPerWindow + 7 {
		require.Equal(t, paycor.KindForbidden, paycor.KindOf(deny()))
	}
	e.Clock.Pass(rights.DenialWindow)
	trail.broken = true
	require.ErrorIs(t, deny(), env.ErrBrokenTrail, "a denial that cannot be recorded is not answered as one")
	require.ErrorIs(t, m.Close(context.WithoutCancel(t.Context())), env.ErrBrokenTrail)
	trail.broken = false
	require.NoError(t, m.Close(context.WithoutCancel(t.Context())))
	assert.Equal(t, "not_written_7", e.Trail(t)[0].Detail)
}

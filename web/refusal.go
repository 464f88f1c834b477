package web

import (
	"context"
	"fmt"
	"sync"
	"time"

	"paycorcred/paycor"
)

// refusal is an error that the door itself decided on, and that is written
// down before it is answered.
type refusal struct{ known *paycor.Error }

// Error returns the message.
func (r *refusal) Error() string { return r.known.Error() }

// Unwrap returns the error as the caller may see it.
func (r *refusal) Unwrap() error { return r.known }

func refuse(kind paycor.Kind, format string, arguments ...any) error {
	return &refusal{paycor.Errorf(kind, format, arguments...)}
}

// How many refusals of unknown callers are written down one by one.
const (
	refusalsPerSpan = 60
	refusalSpan     = time.Minute
)

// refusals writes refusals into the audit trail. Anybody who reaches the
// server can be refused as often as they like, and the trail cannot be
// shortened: so of what nobody signed in for, refusalsPerSpan are written one
// by one in a span, the others only counted, and the count is written as one
// entry before the next refusal after the span. What a known caller does is
// handed on, except for foreign origins: another site makes the browser do
// these. The manager bounds it for each caller by itself. No refusal is lost altogether: each has its line in the request
// log.
type refusals struct {
	write func(ctx context.Context, caller paycor.Caller, detail string) error
	clock func() time.Time

	mu      sync.Mutex
	begin   time.Time // of the span
	written int       // in the span
	dropped int       // since the last count was written
}

// record writes one refusal down, or counts it.
func (r *refusals) record(ctx context.Context, caller paycor.Caller, kind paycor.Kind) error {
	if caller.Kind != paycor.CallerUnknown && kind != kindOrigin {
		return r.write(ctx, caller, string(kind))
	}
	ok, dropped := r.admit()
	if dropped > 0 {
		if err := r.write(ctx, unknownCaller(), fmt.Sprintf("not_written_%d", dropped)); err != nil {
			r.giveBack(dropped)
			return err
		}
	}
	if !ok {
		return nil
	}
	return r.write(ctx, caller, string(kind))
}

// unknownCaller is nobody in particular.
func unknownCaller() paycor.Caller {
	return paycor.Caller{Kind: paycor.CallerUnknown, Workspace: paycor.DefaultWorkspace}
}

// admit tells whether a refusal is to be written by itself, and how many that
// were not are to be written as a count before it.
func (r *refusals) admit() (ok bool, dropped int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock()
	if now.Sub(r.begin) >= refusalSpan || now.Before(r.begin) {
		r.begin, r.written = now, 0
		dropped, r.dropped = r.dropped, 0
	}
	if r.written >= refusalsPerSpan {
		r.dropped++
		return false, 0
	}
	r.written++
	return true, dropped
}

func (r *refusals) giveBack(dropped int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropped += dropped
}

package credentials

import (
	"context"
	"errors"
	"fmt"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"sync"
	"time"
)

// How many refusals of one caller, or of all that are not known, are written down one by one.
const (
	refusalsPerSpan = 60
	refusalSpan     = time.Minute
)

// refusals bounds what the refusals of a caller add to the audit trail, which
// cannot be shortened: a program whose token lacks a right may try as often as
// it likes, and so may anybody who reaches the server. The first of a span are written one by one, the others
// are counted, and their number is written as one entry: before the caller's
// next refusal after the span, by Run when the span is over, or by Drain. So
// none of the first is lost, and the number only with a server that is killed.
// Each has its line in the request log besides.
type refusals struct {
	mu sync.Mutex
	of map[refused]*refusalCount
}

// refused is who was refused: all who are not known are one, whatever they call
// themselves.
type refused struct {
	kind          paycor.CallerKind
	workspace, id string
}

type refusalCount struct {
	caller  paycor.Caller
	begin   time.Time // of the span
	written int       // in the span
	dropped int       // since a number was written last
}

func refusedBy(caller paycor.Caller) refused {
	if caller.Kind == paycor.CallerUnknown {
		return refused{kind: paycor.CallerUnknown}
	}
	return refused{caller.Kind, caller.Workspace, caller.ID}
}

// admit tells whether a refusal is to be written by itself, and how many that
// were not are to be written as a number before it.
func (r *refusals) admit(caller paycor.Caller, now time.Time) (ok bool, dropped int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	count := r.of[refusedBy(caller)]
	if count == nil {
		count = &refusalCount{caller: caller, begin: now}
		if r.of == nil {
			r.of = map[refused]*refusalCount{}
		}
		r.of[refusedBy(caller)] = count
	}
	if count.over(now) {
		count.begin, count.written = now, 0
		dropped, count.dropped = count.dropped, 0
	}
	if count.written >= refusalsPerSpan {
		count.dropped++
		return false, 0
	}
	count.written++
	return true, dropped
}

func (c *refusalCount) over(now time.Time) bool {
	return now.Sub(c.begin) >= refusalSpan || now.Before(c.begin)
}

// giveBack takes back what admit said, because it could not be written.
func (r *refusals) giveBack(caller paycor.Caller, written, dropped int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	count := r.of[refusedBy(caller)]
	if count == nil {
		count = &refusalCount{caller: caller}
		r.of[refusedBy(caller)] = count
	}
	count.written, count.dropped = max(0, count.written-written), count.dropped+dropped
}

// ended returns those whose span is over, or all, and forgets them.
func (r *refusals) ended(now time.Time, all bool) (ended []*refusalCount) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for who, count := range r.of {
		if all || count.over(now) {
			delete(r.of, who)
			if count.dropped > 0 {
				ended = append(ended, count)
			}
		}
	}
	return ended
}

// uncounted is the entry that stands for refusals without entries of their own.
func (m *Manager) uncounted(tx store.Tx, caller paycor.Caller, dropped int) error {
	caller.From, caller.RequestID = "", "" // of many requests
	if caller.Kind == paycor.CallerUnknown {
		caller = paycor.Caller{Kind: paycor.CallerUnknown}
	}
	return m.record(tx, caller, audit.Entry{Action: audit.ActionRefused, Outcome: "refused", Detail: fmt.Sprintf("not_written_%d", dropped)})
}

// noteRefusals writes the numbers whose span is over, or all.
func (m *Manager) noteRefusals(ctx context.Context, all bool) error {
	var errs []error
	for _, count := range m.refused.ended(m.now(), all) {
		err := m.config.Store.Update(ctx, func(tx store.Tx) error { return m.uncounted(tx, count.caller, count.dropped) })
		if err != nil {
			m.refused.giveBack(count.caller, 0, count.dropped)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

package rights

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/trail"
)

// How many denials of one caller get their own entry in a window. Entries are kept for
// good, and anybody can cause the denials of unknown callers, so their window is longer;
// after the first ones, one a minute is recorded as a sample.
const (
	denialsPerWindow    = 60
	denialWindow        = time.Minute
	unknownDenialWindow = time.Hour
	unknownSample       = time.Minute
)

// denialCounts limits what the denials of one caller add to the audit trail: a
// program whose token lacks a right may retry without end, and so may any
// unauthenticated client. The first denials of a window are recorded
// individually, the rest as a number: with the caller's next denial after the
// window, or by FlushDenials. A killed server loses at most that number, and
// the request log still has every denied request.
type denialCounts struct {
	mu       sync.Mutex
	byCaller map[deniedCaller]*denialCount
}

// deniedCaller identifies whose denials are counted together. Unauthenticated
// callers share one count, whatever name they claim.
type deniedCaller struct {
	kind          paycor.CallerKind
	workspace, id string
}

type denialCount struct {
	caller  paycor.Caller
	begin   time.Time // of the window
	last    time.Time // of the last own entry
	written int       // their own entries in the window
	dropped int       // denials without an entry since a number was last written
}

func deniedCallerOf(caller paycor.Caller) deniedCaller {
	if caller.Kind == paycor.CallerUnknown {
		return deniedCaller{kind: paycor.CallerUnknown}
	}
	return deniedCaller{caller.Kind, caller.Workspace, caller.ID}
}

func (c *denialCount) expired(now time.Time) bool {
	window := denialWindow
	if c.caller.Kind == paycor.CallerUnknown {
		window = unknownDenialWindow
	}
	return now.Sub(c.begin) >= window || now.Before(c.begin)
}

// sampled reports whether a denial beyond the first ones is recorded as a sample.
func (c *denialCount) sampled(now time.Time) bool {
	return c.caller.Kind == paycor.CallerUnknown && now.Sub(c.last) >= unknownSample
}

// admit reports whether a denial gets its own entry, and how many earlier ones
// without an entry must be recorded as a number before it.
func (d *denialCounts) admit(caller paycor.Caller, now time.Time) (ok bool, dropped int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	count := d.byCaller[deniedCallerOf(caller)]
	if count == nil {
		count = &denialCount{caller: caller, begin: now}
		if d.byCaller == nil {
			d.byCaller = map[deniedCaller]*denialCount{}
		}
		d.byCaller[deniedCallerOf(caller)] = count
	}
	if count.expired(now) {
		count.begin, count.written = now, 0
		dropped, count.dropped = count.dropped, 0
	}
	if count.written >= denialsPerWindow {
		if !count.sampled(now) {
			count.dropped++
			return false, 0
		}
		dropped, count.dropped = count.dropped, 0
	}
	count.written++
	count.last = now
	return true, dropped
}

// restore reverts admit or expire for denials that could not be written.
func (d *denialCounts) restore(caller paycor.Caller, written, dropped int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	count := d.byCaller[deniedCallerOf(caller)]
	if count == nil {
		count = &denialCount{caller: caller}
		d.byCaller[deniedCallerOf(caller)] = count
	}
	count.written, count.dropped = max(0, count.written-written), count.dropped+dropped
}

// expire removes the counts whose window is over, or all, and returns those with
// denials still to be recorded.
func (d *denialCounts) expire(now time.Time, all bool) (pending []*denialCount) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, count := range d.byCaller {
		if all || count.expired(now) {
			delete(d.byCaller, key)
			if count.dropped > 0 {
				pending = append(pending, count)
			}
		}
	}
	return pending
}

// record writes a denial to the audit trail, or counts it if the caller has had
// many.
func (a *Authorizer) record(ctx context.Context, caller paycor.Caller, action audit.Action, credential, detail string) error {
	if !paycor.IsCredentialID(credential) {
		credential = ""
	}
	ok, dropped := a.denials.admit(caller, a.now())
	if !ok {
		return nil
	}
	err := a.config.Store.Update(ctx, func(tx trail.Appender) error {
		if dropped > 0 {
			if err := a.recordDropped(tx, caller, dropped); err != nil {
				return err
			}
		}
		return a.config.Recorder.Record(tx, caller, audit.Entry{Action: action, Credential: credential, Outcome: "refused", Detail: detail})
	})
	if err != nil {
		a.denials.restore(caller, 1, dropped)
	}
	return err
}

// recordDropped appends one entry for several denials.
func (a *Authorizer) recordDropped(tx trail.Appender, caller paycor.Caller, dropped int) error {
	caller.From, caller.RequestID = "", "" // they differ
	if caller.Kind == paycor.CallerUnknown {
		caller = paycor.Caller{Kind: paycor.CallerUnknown}
	}
	return a.config.Recorder.Record(tx, caller, audit.Entry{Action: audit.ActionRefused, Outcome: "refused", Detail: fmt.Sprintf("not_written_%d", dropped)})
}

// FlushDenials records the number of denials without their own entry for each
// caller whose window is over. With all, as the server stops, it does not wait
// for the window.
func (a *Authorizer) FlushDenials(ctx context.Context, all bool) error {
	var errs []error
	for _, count := range a.denials.expire(a.now(), all) {
		err := a.config.Store.Update(ctx, func(tx trail.Appender) error { return a.recordDropped(tx, count.caller, count.dropped) })
		if err != nil {
			a.denials.restore(count.caller, 0, count.dropped)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

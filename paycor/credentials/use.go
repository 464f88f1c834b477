package credentials

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
)

// Bounds of counting.
const (
	// flushEvery is how often counted uses are written. Half a second, so that
	// what a kill can lose stays under a second even where writing takes long.
	flushEvery = 500 * time.Millisecond

	// touchEvery is how often "last used" of API tokens is written, where there
	// is nothing else to write.
	touchEvery = 10 * time.Second

	// useGrace is how long uses may wait to be written. Then no further ones
	// are allowed: what cannot be written down is not done.
	useGrace = 30 * time.Second

	// mostTallies bounds the memory that waiting uses take: how many
	// combinations of credential, caller and minute. Long before, useGrace ends.
	mostTallies = 10_000

	// ofOneUpdate is how many tallies one transaction writes, so that others
	// get their turn.
	ofOneUpdate = 500

	// mostFailures is how many groups of failures of one credential wait to be
	// written.
	mostFailures = 20

	// keptUses is how long hours and failures are kept.
	keptUses = 30 * 24 * time.Hour

	// lastFlush is how long a stopping server tries to write.
	lastFlush = 3 * time.Second
)

// uses counts what is used, in memory, and writes it to the store every
// flushEvery.
//
// From there the trail gets one entry for each credential, caller and minute.
// Until the minute is over, its counts stand in the store, so that a kill
// loses nothing of them.
type uses struct {
	manager *Manager
	oldest  atomic.Int64 // when the use came that waits longest, in Unix nanoseconds; 0 where none waits
	full    atomic.Bool

	mu   sync.Mutex
	open *useBatch // counted into
	free *useBatch // the one before, emptied

	writing sync.Mutex // held by whoever writes
	wrote   time.Time
	trail   time.Time // the minute up to which the trail is written
	broken  time.Time // since when writing fails
}

func newUses(m *Manager) *uses {
	return &uses{manager: m, open: newUseBatch(), free: newUseBatch()}
}

// Used counts one call to Paycor. It is called on the way of each and neither
// blocks nor fails.
func (m *Manager) Used(use usage.Call) {
	m.uses.count(use)
}

// Countable reports whether a call to Paycor may be made, as far as writing it
// down goes: an error, to be answered as it is, means that earlier ones have
// been waiting for too long. Whoever calls Used asks before each call.
func (m *Manager) Countable() error {
	oldest := m.uses.oldest.Load()
	if !m.uses.full.Load() && (oldest == 0 || m.config.Clock().UnixNano()-oldest < int64(useGrace)) {
		return nil
	}
	return paycor.Errorf(paycor.KindUnavailable, "Calls to Paycor cannot be written down at the moment, so none is made. The server's log says why.")
}

// Waiting returns how many uses are counted and not written yet.
func (m *Manager) Waiting() int64 {
	u := m.uses
	u.mu.Lock()
	defer u.mu.Unlock()
	var calls int64
	for _, tally := range u.open.tallies {
		calls += tally.Calls()
	}
	return calls
}

func (u *uses) count(use usage.Call) {
	ended := use.At.Add(use.Took)
	if ended.Unix() < 0 || ended.Year() > 9999 {
		ended = u.manager.config.Clock()
	}
	class := use.Class()
	credential := useCredential{use.Caller.Workspace, use.Credential}
	key := useKey{credential, use.Caller.Kind, use.Caller.ID, ended.Unix() / 60}
	u.mu.Lock()
	defer u.mu.Unlock()
	b := u.open
	tally := b.tallies[key]
	if tally == nil {
		tally = u.begin(b, key, use)
	}
	*tally.Of(class)++
	if ended.After(tally.LastUsedAt) {
		tally.LastUsedAt, tally.From, tally.CallerName = ended, use.Caller.From, use.Caller.Name
	}
	if b.oldest == 0 {
		b.oldest = ended.UnixNano()
		u.oldest.CompareAndSwap(0, b.oldest)
	}
	if class.Error() {
		b.fail(credential, use, ended)
	}
}

// touch notes that an API token was used.
func (u *uses) touch(token string, at time.Time) {
	u.mu.Lock()
	u.open.touched[token] = at
	u.mu.Unlock()
}

// run writes until ctx ends.
func (u *uses) run(ctx context.Context) {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			u.flush(ctx, false, false)
		}
	}
}

// flush writes what is counted: once it has returned true, everything that was
// counted before is in the store. all also writes what can wait for a while.
// last is the end of a server: then the running minute gets into the trail too.
func (u *uses) flush(ctx context.Context, all, last bool) bool {
	u.writing.Lock()
	defer u.writing.Unlock()
	u.mu.Lock()
	batch := u.open
	minute := u.manager.now().Truncate(time.Minute)
	due := last || minute.After(u.trail)
	touched := len(batch.touched) > 0 && (all || u.manager.now().Sub(u.wrote) >= touchEvery)
	if len(batch.tallies) == 0 && !touched && !due {
		u.mu.Unlock()
		return true
	}
	u.open, u.free = u.free, nil
	u.mu.Unlock()

	err := u.write(ctx, batch)
	if err == nil && due {
		before := minute
		if last {
			before = minute.Add(24 * time.Hour)
		}
		if err = u.writeTrail(ctx, before); err == nil {
			u.trail = minute
		}
	}
	if u.settle(batch, err); err == nil {
		u.wrote = u.manager.now()
	}
	u.tell(ctx, err)
	return err == nil
}

// write writes a batch, and takes out of it what it has written.
func (u *uses) write(ctx context.Context, batch *useBatch) error {
	for first := true; first || len(batch.tallies) > 0; first = false {
		keys := make([]useKey, 0, min(ofOneUpdate, len(batch.tallies)))
		for key := range batch.tallies {
			if keys = append(keys, key); len(keys) == ofOneUpdate {
				break
			}
		}
		if len(keys) == 0 && len(batch.touched) == 0 {
			return nil
		}
		err := u.manager.config.Store.Update(ctx, func(tx store.Tx) error {
			for _, key := range keys {
				if err := tx.AddUsage(*batch.tallies[key]); err != nil {
					return fmt.Errorf("counting uses: %w", err)
				}
			}
			if !first {
				return nil
			}
			for _, failures := range batch.failures {
				for _, failure := range failures {
					if err := tx.AddFailure(failure); err != nil {
						return fmt.Errorf("keeping a failed use: %w", err)
					}
				}
			}
			for id, at := range batch.touched {
				if err := tx.SetAPITokenLastUsed(id, at); err != nil {
					return fmt.Errorf("noting the use of a token: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, key := range keys {
			batch.spare = append(batch.spare, batch.tallies[key])
			delete(batch.tallies, key)
		}
		clear(batch.failures)
		clear(batch.touched)
	}
	return nil
}

// writeTrail writes the minutes that are over into the audit trail.
func (u *uses) writeTrail(ctx context.Context, before time.Time) error {
	for {
		taken := 0
		err := u.manager.config.Store.Update(ctx, func(tx store.Tx) error {
			tallies, err := tx.TakeUsageBuckets(before, ofOneUpdate)
			for _, tally := range tallies {
				if err != nil {
					break
				}
				err = u.manager.record(tx, paycor.Caller{
					Kind: tally.CallerKind, ID: tally.CallerID, Name: tally.CallerName, Workspace: tally.Workspace, From: tally.From,
				}, audit.Entry{
					Action: audit.ActionUses, Credential: tally.Credential, Outcome: useOutcome(tally.Counts),
					Detail: tally.String() + " minute=" + tally.Minute.Format(time.RFC3339),
				})
			}
			taken = len(tallies)
			return err
		})
		if err != nil {
			return fmt.Errorf("writing uses into the audit trail: %w", err)
		}
		if taken < ofOneUpdate {
			return nil
		}
	}
}

// settle puts back what was not written, and says since when something waits.
func (u *uses) settle(batch *useBatch, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err == nil {
		batch.oldest = 0
		u.free = batch
		u.oldest.Store(u.open.oldest)
	} else {
		u.open.addTo(batch)
		u.open, u.free = batch, u.open
		u.oldest.Store(u.stuck(batch.oldest))
	}
	u.full.Store(len(u.open.tallies) >= mostTallies)
}

// stuck is since when something waits, where writing does not go on: it may be
// the trail alone, while all that was counted is in the store.
func (u *uses) stuck(oldest int64) int64 {
	since := u.manager.config.Clock().UnixNano()
	if !u.broken.IsZero() {
		since = u.broken.UnixNano()
	}
	if oldest != 0 {
		since = min(since, oldest)
	}
	return since
}

// tell says in the log that writing begins to fail and that it goes on again:
// twice, and not twice a second.
func (u *uses) tell(ctx context.Context, err error) {
	switch {
	case err != nil && ctx.Err() == nil && u.broken.IsZero():
		u.broken = u.manager.config.Clock()
		u.manager.config.Logger.ErrorContext(ctx, "uses cannot be written down; in half a minute no more are allowed", "error", err)
	case err == nil && !u.broken.IsZero():
		u.manager.config.Logger.InfoContext(ctx, "uses are written down again", "after", u.manager.config.Clock().Sub(u.broken))
		u.broken = time.Time{}
	}
}

package meter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Flush writes what is counted and when API tokens were last used. It reports
// whether everything counted before the call is in the store.
func (m *Meter) Flush(ctx context.Context) bool { return m.flush(ctx, true, false) }

// Close writes everything, the current minute's audit entries included. Nothing
// may be counted afterwards.
func (m *Meter) Close(ctx context.Context) error {
	if !m.flush(ctx, true, true) {
		return errors.New("recording the last calls failed")
	}
	return nil
}

// flush reports whether everything counted before is in the store. touches also
// writes the last use of tokens, which otherwise waits for touchInterval. final
// records the current minute although it is not over.
func (m *Meter) flush(ctx context.Context, touches, final bool) bool {
	m.flushing.Lock()
	defer m.flushing.Unlock()
	m.mu.Lock()
	writing := m.open
	minute := m.now().Truncate(time.Minute)
	due := final || !minute.Equal(m.recorded)
	touched := len(writing.touched) > 0 && (touches || m.elapsed()-m.written >= int64(touchInterval))
	if len(writing.buckets) == 0 && !touched && !due {
		m.mu.Unlock()
		return true
	}
	m.open, m.spare = m.spare, nil
	m.mu.Unlock()

	err := m.write(ctx, writing)
	if err == nil && due {
		current := minute
		if final {
			current = time.Time{}
		}
		if err = m.record(ctx, current); err == nil {
			m.recorded = minute
		}
	}
	if m.reuse(writing, err); err == nil {
		m.written = m.elapsed()
	}
	m.logFailure(ctx, err)
	return err == nil
}

// write stores a batch, several buckets a transaction, and removes from it what
// was stored. The latest minute comes last: the store takes a last use that is
// far ahead of another for the work of a wrong clock.
func (m *Meter) write(ctx context.Context, b *batch) error {
	waiting := slices.SortedFunc(maps.Keys(b.buckets), func(x, y bucketKey) int { return cmp.Compare(x.minute, y.minute) })
	for first := true; first || len(waiting) > 0; first = false {
		keys := waiting[:min(batchSize, len(waiting))]
		waiting = waiting[len(keys):]
		if len(keys) == 0 && len(b.touched) == 0 {
			return nil
		}
		err := m.config.Store.Update(ctx, func(tx Tx) error {
			for _, key := range keys {
				if err := tx.AddUsage(*b.buckets[key]); err != nil {
					return fmt.Errorf("counting calls: %w", err)
				}
			}
			if !first {
				return nil
			}
			return b.writeDetails(tx)
		})
		if err != nil {
			return err
		}
		for _, key := range keys {
			b.free = append(b.free, b.buckets[key])
			delete(b.buckets, key)
		}
		clear(b.failures)
		clear(b.touched)
	}
	return nil
}

// writeDetails stores the failures and the last use of API tokens.
func (b *batch) writeDetails(tx Tx) error {
	for _, failures := range b.failures {
		for _, failure := range failures {
			if err := tx.AddFailure(failure); err != nil {
				return fmt.Errorf("recording a failed call: %w", err)
			}
		}
	}
	for id, at := range b.touched {
		if err := tx.SetAPITokenLastUsed(id, at); err != nil {
			return fmt.Errorf("recording the use of a token: %w", err)
		}
	}
	return nil
}

// reuse makes an empty batch available again, or merges what could not be written
// with what was counted meanwhile.
func (m *Meter) reuse(b *batch, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil {
		b.oldest = 0
		m.spare = b
		m.oldest.Store(m.open.oldest)
	} else {
		m.open.mergeInto(b)
		m.open, m.spare = b, m.open
		m.oldest.Store(m.waitingSince(b.oldest))
	}
	m.full.Store(len(m.open.buckets) >= maxBuckets)
}

// waitingSince returns since when something waits while writing fails. Possibly
// only the audit trail fails, and all counts are in the store: then no call waits,
// but none may be made either.
func (m *Meter) waitingSince(oldest int64) int64 {
	since := m.elapsed()
	if m.failingAt != 0 {
		since = m.failingAt
	}
	if oldest != 0 {
		since = min(since, oldest)
	}
	return since
}

// logFailure logs when writing starts to fail and when it works again, instead of
// at each attempt.
func (m *Meter) logFailure(ctx context.Context, err error) {
	switch {
	case err != nil && ctx.Err() == nil && m.failingAt == 0:
		m.failingAt = m.elapsed()
		m.config.Logger.ErrorContext(ctx, "usage cannot be written; calls are denied after 30 seconds", "error", err)
	case err == nil && m.failingAt != 0:
		m.config.Logger.InfoContext(ctx, "usage is written again", "after", time.Duration(m.elapsed()-m.failingAt))
		m.failingAt = 0
	}
}

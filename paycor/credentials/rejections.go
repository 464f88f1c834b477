package credentials

import (
	"sync"
	"time"

	"paycorcred/paycor/evict"
	"paycorcred/paycor/tokens"
)

// When a token that the API rejects is replaced. A new token can be rejected because it
// has not reached all of Paycor yet, which the next one cures. If several in a row are
// rejected, the cause is another, and each further exchange would only load Paycor.
const (
	promptRenewals    = 3                // in a row, each at once
	minRejectionPause = 10 * time.Second // after them; it doubles with each further one
	maxRejectionPause = 5 * time.Minute
	rejectionRowEnds  = time.Minute // a token that has worked for so long begins a new row
	maxRejectionRows  = 4096        // credentials that are remembered
)

// rejections counts how many access tokens of an application the API has rejected in a
// row. The store has the time of the last one, for all processes and after a restart; the
// number is each process's own, so that a few more may be renewed at once. It is safe for
// concurrent use.
type rejections struct {
	mu   sync.Mutex
	rows map[tokens.Key]rejectionRow
}

type rejectionRow struct {
	length int
	last   time.Time
}

// pause returns how long after the last rejection, at last, the next one is renewed.
func (r *rejections) pause(key tokens.Key, last, now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	pause := r.rows[key].pause()
	if since := now.Sub(last); last.IsZero() || since < 0 || since > max(rejectionRowEnds, 2*pause) {
		delete(r.rows, key)
		return 0
	}
	return pause
}

func (r rejectionRow) pause() time.Duration {
	if r.length < promptRenewals {
		return 0
	}
	pause := minRejectionPause
	for range r.length - promptRenewals {
		pause = min(2*pause, maxRejectionPause)
	}
	return pause
}

// add counts a rejection.
func (r *rejections) add(key tokens.Key, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	row, known := r.rows[key]
	if !known && len(r.rows) >= maxRejectionRows {
		oldest, _ := evict.Oldest(r.rows, func(row rejectionRow) (int64, bool) { return row.last.UnixNano(), true })
		delete(r.rows, oldest)
	}
	if r.rows == nil {
		r.rows = map[tokens.Key]rejectionRow{}
	}
	r.rows[key] = rejectionRow{row.length + 1, now}
}

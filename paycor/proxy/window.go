package proxy

import "time"

const (
	rateWindow = time.Minute // in which Paycor counts calls

	// A call counts for half a second to a second longer than Paycor's minute, because
	// it may reach Paycor later than the one after it.
	bucketWidth   = 500 * time.Millisecond
	windowBuckets = int64(rateWindow/bucketWidth) + 2
)

// callWindow counts the calls of the last minute.
type callWindow struct {
	start   time.Time
	buckets [windowBuckets]uint32 // calls, by when they were made
	newest  int64                 // the number of the bucket that is counted into
	oldest  int64                 // no earlier bucket has calls
	total   int                   // in all buckets
}

// advance forgets calls that have left the window.
func (w *callWindow) advance(now time.Time) {
	current := int64(now.Sub(w.start) / bucketWidth)
	for past := min(current-w.newest, windowBuckets); past > 0; past-- {
		w.newest = current - past + 1
		bucket := &w.buckets[w.newest%windowBuckets]
		w.total -= int(*bucket)
		*bucket = 0
	}
}

// count counts a call and returns its bucket.
func (w *callWindow) count() (bucket int64) {
	w.buckets[w.newest%windowBuckets]++
	w.total++
	return w.newest
}

// undo takes back a call that was counted into a bucket.
func (w *callWindow) undo(bucket int64) {
	if bucket > w.newest-windowBuckets {
		w.buckets[bucket%windowBuckets]--
		w.total--
	}
}

// untilLeft returns how long it takes until so many of the counted calls have left the
// window.
func (w *callWindow) untilLeft(calls int, now time.Time) time.Duration {
	w.oldest = max(w.oldest, w.newest-windowBuckets+1)
	for w.oldest < w.newest && w.buckets[w.oldest%windowBuckets] == 0 {
		w.oldest++
	}
	for n := w.oldest; ; n++ {
		if calls -= int(w.buckets[n%windowBuckets]); calls <= 0 {
			return max(0, w.start.Add(time.Duration(n+windowBuckets)*bucketWidth).Sub(now))
		}
	}
}

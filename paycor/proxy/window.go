package proxy

import (
	"slices"
	"time"
)

const (
	rateWindow = time.Minute // in which Paycor counts calls

	// A call counts for half a second to a second longer than Paycor's minute, because
	// it may reach Paycor later than the one after it.
	bucketWidth   = 500 * time.Millisecond
	windowBuckets = int32(rateWindow/bucketWidth) + 2
)

// callWindow counts the calls of the last minute. Most subscription keys make few calls
// and there can be 100,000 of them, so it keeps only the buckets that calls were made in.
// Times are durations since its limits' start.
type callWindow struct {
	buckets []callBucket // the oldest first
	newest  int32        // the number of the bucket that is counted into
	total   int32        // calls in all buckets
}

// callBucket counts the calls that were made at about the same time.
type callBucket struct {
	number int32 // the time, in widths of a bucket
	calls  int32
}

// advance forgets calls that have left the window.
func (w *callWindow) advance(now time.Duration) {
	w.newest = max(w.newest, int32(now/bucketWidth))
	left := 0
	for left < len(w.buckets) && w.buckets[left].number <= w.newest-windowBuckets {
		w.total -= w.buckets[left].calls
		left++
	}
	w.buckets = slices.Delete(w.buckets, 0, left)
}

// count counts a call and returns its bucket.
func (w *callWindow) count() (bucket int32) {
	if last := len(w.buckets) - 1; last >= 0 && w.buckets[last].number == w.newest {
		w.buckets[last].calls++
	} else {
		w.buckets = append(w.buckets, callBucket{w.newest, 1})
	}
	w.total++
	return w.newest
}

// undo takes back a call that was counted into a bucket.
func (w *callWindow) undo(bucket int32) {
	if i := slices.IndexFunc(w.buckets, func(b callBucket) bool { return b.number == bucket }); i >= 0 {
		w.buckets[i].calls--
		w.total--
	}
}

// untilLeft returns how long it takes until so many of the counted calls have left the
// window.
func (w *callWindow) untilLeft(calls int, now time.Duration) time.Duration {
	for _, bucket := range w.buckets {
		if calls -= int(bucket.calls); calls <= 0 {
			return max(0, time.Duration(bucket.number+windowBuckets)*bucketWidth-now)
		}
	}
	return longestWait
}

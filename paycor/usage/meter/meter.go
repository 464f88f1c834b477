// Package meter counts the calls to Paycor. Counting costs a call no write: the
// meter adds up in memory by credential, caller and minute, and writes the sums
// to the store every half second. When a minute is over, the audit trail gets one
// entry for each credential and caller; until then the store has its counts, so
// a killed server loses less than a second.
//
// It fails closed. While counted calls wait for too long to be written, or too
// many kinds of them wait, Available denies further calls.
package meter

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/audit/trail"
	"paycorcred/paycor/rights"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
)

const (
	// flushInterval is how often counted calls are written.
	flushInterval = 500 * time.Millisecond

	// touchInterval is how often the last use of API tokens is written while
	// there are no calls to write.
	touchInterval = 10 * time.Second

	// maxDelay is how long counted calls may wait to be written before further
	// calls are denied.
	maxDelay = 30 * time.Second

	// maxBuckets bounds the memory of counted calls: the number of combinations
	// of credential, caller and minute. Usually maxDelay is reached long before.
	maxBuckets = 10_000

	// maxFailures is how many groups of failures of one credential wait to be
	// written.
	maxFailures = 20

	// batchSize is how many buckets one transaction writes, so that it does not
	// hold up other writers.
	batchSize = 500
)

// Retention is how long hourly counts and failures are kept.
const Retention = 30 * 24 * time.Hour

// Reader is what Usage reads from the store.
type Reader interface {
	store.UsageReader
	store.TokenStateReader
	Credential(workspace, id string) (paycor.Credential, error)
	APITokenByID(workspace, id string) (store.APIToken, error)
}

// Tx is what the meter writes to the store.
type Tx interface {
	store.UsageWriter
	trail.Appender
	SetAPITokenLastUsed(id string, at time.Time) error
}

// Config configures a Meter. Store, Recorder and Authorizer are required.
type Config struct {
	Store      store.Scope[Reader, Tx]
	Recorder   *trail.Recorder
	Authorizer *rights.Authorizer
	Clock      func() time.Time     // nil means time.Now
	Elapsed    func() time.Duration // monotonic time since the start, which no jump of Clock changes; nil means Clock's
	Logger     *slog.Logger         // nil discards

	// PausedUntil returns until when calls through a credential are paused
	// because Paycor failed too often, or zero. nil means that none are.
	PausedUntil func(workspace, credential string) time.Time
}

// Meter counts calls to Paycor. It is safe for concurrent use.
type Meter struct {
	config Config
	oldest atomic.Int64 // since when the longest waiting call waits, in nanoseconds of elapsed; 0 while none waits
	full   atomic.Bool

	mu    sync.Mutex
	open  *batch // being counted into
	spare *batch // the previous one, empty; nil while it is written

	flushing  sync.Mutex // held while writing
	written   int64      // when, in nanoseconds of elapsed
	recorded  time.Time  // minute in which the audit trail last got the counts of others
	failingAt int64      // since when writing fails, in nanoseconds of elapsed; 0 while it works
}

// New returns a meter.
func New(config Config) *Meter {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Elapsed == nil {
		started := config.Clock()
		config.Elapsed = func() time.Duration { return config.Clock().Sub(started) }
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.PausedUntil == nil {
		config.PausedUntil = func(string, string) time.Time { return time.Time{} }
	}
	return &Meter{config: config, open: newBatch(), spare: newBatch()}
}

func (m *Meter) now() time.Time { return m.config.Clock().UTC().Truncate(time.Millisecond) }

// elapsed returns the time since the start in nanoseconds, at least 1.
func (m *Meter) elapsed() int64 { return max(int64(m.config.Elapsed()), 1) }

// Count counts one call to Paycor. It neither blocks nor fails.
func (m *Meter) Count(call usage.Call) {
	ended := call.At.Add(call.Took)
	if ended.Unix() < 0 || ended.Year() > 9999 {
		ended = m.config.Clock()
	}
	class := call.Class()
	credential := credentialKey{call.Caller.Workspace, call.Credential}
	key := bucketKey{credential, call.Caller.Kind, call.Caller.ID, ended.Unix() / 60}
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.open
	bucket := b.buckets[key]
	if bucket == nil {
		bucket = m.newBucket(b, key, call)
	}
	*bucket.Of(class)++
	if call.Upstream > 0 {
		bucket.Durations.Count(call.Took)
	}
	if ended.After(bucket.LastUsedAt) {
		bucket.LastUsedAt, bucket.From, bucket.CallerName = ended, call.Caller.From, call.Caller.Name
	}
	if b.oldest == 0 {
		b.oldest = m.elapsed()
		m.oldest.CompareAndSwap(0, b.oldest)
	}
	if class.Error() {
		b.addFailure(credential, call, ended)
	}
}

// Touch notes that an API token was used.
func (m *Meter) Touch(token string, at time.Time) {
	m.mu.Lock()
	m.open.touched[token] = at
	m.mu.Unlock()
}

// Available returns an error to answer where no call to Paycor may be made,
// because earlier ones have been waiting to be written for too long. Check it
// before each call.
func (m *Meter) Available() error {
	oldest := m.oldest.Load()
	if !m.full.Load() && (oldest == 0 || m.elapsed()-oldest < int64(maxDelay)) {
		return nil
	}
	return paycor.Errorf(paycor.KindUnavailable, "error.usage-unwritable")
}

// Waiting returns how many calls are counted and not written yet.
func (m *Meter) Waiting() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	var calls int64
	for _, bucket := range m.open.buckets {
		calls += bucket.Calls()
	}
	return calls
}

// Run writes what is counted until ctx ends. Call Close after it.
func (m *Meter) Run(ctx context.Context) {
	ticker := time.NewTicker(flushInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			m.flush(ctx, false, false)
		}
	}
}

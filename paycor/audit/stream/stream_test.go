package stream_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/audit/stream"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// memory is a receiver that keeps what it took.
type memory struct {
	mu     sync.Mutex
	took   []audit.Line
	sends  int
	refuse error // what it answers
	lose   bool  // it takes everything, and its answer is lost
	closed bool
}

func (m *memory) Send(_ context.Context, lines []audit.Line) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sends++
	if m.refuse != nil {
		return m.refuse
	}
	m.took = append(m.took, lines...)
	if m.lose {
		m.lose = false
		return errors.New("the answer was lost")
	}
	return nil
}

func (m *memory) Close() { m.mu.Lock(); m.closed = true; m.mu.Unlock() }

func (m *memory) set(change func(*memory)) { m.mu.Lock(); change(m); m.mu.Unlock() }

// sequences returns the sequences that it took, in their order.
func (m *memory) sequences() []int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	sequences := []int64{}
	for _, line := range m.took {
		sequences = append(sequences, line.Sequence)
	}
	return sequences
}

func openStore(t *testing.T) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "paycorcred.db")})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// save appends entries to the trail.
func save(t *testing.T, s store.Store, count int) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		newest, err := tx.LastAuditEntry()
		last := &newest
		if errors.Is(err, store.ErrNotFound) {
			last, err = nil, nil
		}
		for range count {
			entry := audit.Link(last, audit.Entry{At: time.Now().UTC().Truncate(time.Millisecond), Workspace: "w", Action: audit.ActionCreate, Outcome: "done"})
			err, last = errors.Join(err, tx.AppendAudit(entry)), &entry
		}
		return err
	}))
}

// run sends the trail of a store until the function it returns is called.
func run(t *testing.T, s store.Store, receiver stream.Receiver) (*stream.Stream, func()) {
	t.Helper()
	sending := stream.New(stream.Config{Receiver: receiver, Address: "https://siem.example/audit", Poll: 5 * time.Millisecond})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		sending.Run(ctx, store.ScopeOf[stream.Reader, stream.Tx](s))
	}()
	end := func() { stop(); <-ended }
	t.Cleanup(end)
	return sending, end
}

func upTo(last int64) []int64 {
	sequences := []int64{}
	for sequence := range last {
		sequences = append(sequences, sequence+1)
	}
	return sequences
}

const timeout = 30 * time.Second

func eventually(t *testing.T, is func() bool) {
	t.Helper()
	require.Eventually(t, is, timeout, 2*time.Millisecond)
}

func TestTheTrailIsSentInOrderAndGoesOnWhereItStopped(t *testing.T) {
	s, receiver := openStore(t), &memory{}
	save(t, s, 3)
	sending, end := run(t, s, receiver)
	eventually(t, func() bool { return len(receiver.sequences()) == 3 })
	save(t, s, 2)
	eventually(t, func() bool { return len(receiver.sequences()) == 5 })
	eventually(t, func() bool { return sending.State().Waiting == 0 && !sending.State().SentAt.IsZero() })
	end()
	assert.True(t, receiver.closed)

	save(t, s, 600) // more than one batch, while no process sends
	_, end = run(t, s, receiver)
	eventually(t, func() bool { return len(receiver.sequences()) == 605 })
	end()
	assert.Equal(t, upTo(605), receiver.sequences(), "each once")
	_, err := audit.CheckLines(func(yield func(audit.Line, error) bool) {
		for _, line := range receiver.took {
			if !yield(line, nil) {
				return
			}
		}
	}, false)
	assert.NoError(t, err, "the receiver can check the trail")
}

func TestWhatWasNotTakenIsSentAgain(t *testing.T) {
	s, receiver := openStore(t), &memory{refuse: errors.New("the receiver answered 503 Service Unavailable")}
	save(t, s, 3)
	sending, _ := run(t, s, receiver)
	eventually(t, func() bool { return sending.State().Failure != nil })
	state := sending.State()
	assert.Equal(t, receiver.refuse, state.Failure)
	assert.Equal(t, int64(3), state.Waiting)
	assert.False(t, state.FailingSince.IsZero())
	assert.False(t, state.Since.IsZero())
	assert.True(t, state.SentAt.IsZero())

	receiver.set(func(m *memory) { m.refuse, m.lose = nil, true })
	eventually(t, func() bool { return len(receiver.sequences()) == 6 })
	assert.Equal(t, append(upTo(3), upTo(3)...), receiver.sequences(), "it may have them already, which the server can't know")
	eventually(t, func() bool { return sending.State().Failure == nil && sending.State().Waiting == 0 })
	assert.True(t, sending.State().FailingSince.IsZero())
}

// Of several processes one sends, and another one goes on when it stops.
func TestOneProcessSends(t *testing.T) {
	s, first, second := openStore(t), &memory{}, &memory{}
	save(t, s, 1)
	_, end := run(t, s, first)
	eventually(t, func() bool { return len(first.sequences()) == 1 })
	_, _ = run(t, s, second)
	save(t, s, 4)
	eventually(t, func() bool { return len(first.sequences()) == 5 })
	assert.Empty(t, second.sequences())
	end()
	save(t, s, 1)
	eventually(t, func() bool { return len(second.sequences()) == 1 })
	assert.Equal(t, []int64{6}, second.sequences())
}

// The entries that were archived before are not sent, and the others are.
func TestAnArchivedBeginningIsLeftOut(t *testing.T) {
	s, receiver := openStore(t), &memory{}
	save(t, s, 5)
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		lines, err := tx.AuditTrail(0, 3)
		if err != nil {
			return err
		}
		if err := tx.BeginAuditAfter(audit.Head{Sequence: 3, Hash: lines[2].Hash}, time.Now()); err != nil {
			return err
		}
		_, err = tx.DeleteArchivedAudit(10)
		return err
	}))
	_, _ = run(t, s, receiver)
	eventually(t, func() bool { return len(receiver.sequences()) == 2 })
	assert.Equal(t, []int64{4, 5}, receiver.sequences())
}

// Package stream sends the audit trail of all workspaces to a receiver outside, such as a
// SIEM: the oldest entry first, each at least once. The store keeps how far it came.
package stream

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

const (
	defaultPoll = 2 * time.Second
	batch       = 500              // entries that are sent at once
	sendTimeout = 10 * time.Second // of one batch
	lease       = 2 * sendTimeout  // how long sending is left to the process that claimed it
	maxPause    = 5 * time.Minute  // between two tries
	firstPause  = time.Second      // after the first failure; then twice as long each time
	stopTimeout = 2 * time.Second  // of ending the claim
	logAgain    = time.Hour        // after which a failure that lasts is logged again
)

// Receiver takes lines of the trail.
type Receiver interface {
	// Send sends lines and returns when the receiver has taken all of them. Otherwise all
	// are sent again.
	Send(ctx context.Context, lines []audit.Line) error

	// Close closes what is open between two batches.
	Close()
}

// writeLine writes a line as JSON and ends it.
func writeLine(to io.Writer, line audit.Line) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(line)
}

// Reader is what a stream reads of the store.
type Reader interface {
	store.AuditReader
	store.AuditStreamReader
}

// Tx is what a stream writes to the store.
type Tx interface {
	Reader
	store.AuditStreamWriter
}

// Config configures a Stream. Receiver and Address are required.
type Config struct {
	Receiver Receiver
	Address  string           // of the receiver, without what signs in there
	Clock    func() time.Time // nil means time.Now
	Logger   *slog.Logger     // nil discards
	Poll     time.Duration    // between two looks for new entries; 0 means 2 s
}

// Stream sends the trail to one receiver. Several processes can share a store.
type Stream struct {
	config  Config
	store   store.Scope[Reader, Tx]
	holder  string // of the claim, this process
	claimed bool   // once

	mu     sync.Mutex
	state  State
	logged time.Time // last failure in the log
}

// State says how a stream is doing.
type State struct {
	Address      string
	SentAt       time.Time // when the receiver took the last entry; zero if it never did
	Waiting      int64     // entries that it did not take yet
	Since        time.Time // when the oldest of those was written
	FailingSince time.Time // first failure of this process after the last success; zero if there was none
	Failure      error     // the last one, without anything that signs in
}

// New returns a stream.
func New(config Config) *Stream {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	config.Poll = cmp.Or(config.Poll, defaultPoll)
	return &Stream{config: config, holder: rand.Text(), state: State{Address: config.Address}}
}

// State returns how the stream is doing, as it was a few seconds ago.
func (s *Stream) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Run sends the entries of a store until ctx ends. It is called once.
func (s *Stream) Run(ctx context.Context, from store.Scope[Reader, Tx]) {
	s.store = from
	defer s.stop(ctx)
	pause := firstPause
	for ctx.Err() == nil {
		more, err := s.pass(ctx)
		wait := s.config.Poll
		switch {
		case err != nil && ctx.Err() == nil:
			s.failed(ctx, err)
			wait, pause = pause, min(2*pause, maxPause)
		case more:
			wait, pause = 0, firstPause
		default:
			pause = firstPause
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// pass sends one batch, if there is something to send and no other process does. It
// reports whether there may be more.
func (s *Stream) pass(ctx context.Context) (more bool, err error) {
	waiting, err := s.look(ctx)
	if err != nil || waiting == 0 {
		return false, err
	}
	stream, err := s.claim(ctx, lease)
	if errors.Is(err, store.ErrStale) { // another process sends
		return false, nil
	}
	if err != nil {
		return false, err
	}
	lines, err := s.read(ctx, stream.Sequence)
	if err != nil || len(lines) == 0 {
		return false, err
	}
	sending, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	if err := s.config.Receiver.Send(sending, lines); err != nil {
		return false, err
	}
	stream.Sequence, stream.SentAt = lines[len(lines)-1].Sequence, s.now()
	err = s.store.Update(context.WithoutCancel(ctx), func(tx Tx) error { return tx.AdvanceAuditStream(stream, s.holder) })
	if err != nil && !errors.Is(err, store.ErrStale) {
		return false, err
	}
	s.sent(ctx, stream.SentAt)
	return len(lines) == batch, nil
}

// claim leaves sending to this process for some time.
func (s *Stream) claim(ctx context.Context, lasting time.Duration) (stream store.AuditStream, err error) {
	now := s.now()
	err = s.store.Update(ctx, func(tx Tx) (err error) {
		stream, err = tx.ClaimAuditStream(s.config.Address, s.holder, now, now.Add(lasting))
		return err
	})
	s.claimed = s.claimed || err == nil
	return stream, err
}

// stop ends the claim, so that the next process need not wait for its end.
func (s *Stream) stop(ctx context.Context) {
	s.config.Receiver.Close()
	if !s.claimed {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if _, err := s.claim(ctx, 0); err != nil && !errors.Is(err, store.ErrStale) {
		s.config.Logger.WarnContext(ctx, "the claim of the audit stream was not ended; the next server waits for its end", "error", err)
	}
}

// look counts the entries that wait.
func (s *Stream) look(ctx context.Context) (waiting int64, err error) {
	var stream store.AuditStream
	var newest audit.Entry
	var oldest []audit.Line
	err = s.store.View(ctx, func(r Reader) (err error) {
		if stream, err = r.AuditStream(s.config.Address); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if newest, err = r.LastAuditEntry(); errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err == nil && newest.Sequence > stream.Sequence {
			oldest, err = r.AuditTrail(stream.Sequence, 1)
			_, err = store.Lost(err)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.SentAt, s.state.Waiting, s.state.Since = stream.SentAt, 0, time.Time{}
	if len(oldest) > 0 {
		s.state.Waiting, s.state.Since = newest.Sequence-oldest[0].Sequence+1, oldest[0].At
	}
	return s.state.Waiting, nil
}

// read reads the lines after a sequence.
func (s *Stream) read(ctx context.Context, after int64) (lines []audit.Line, err error) {
	err = s.store.View(ctx, func(r Reader) (err error) {
		lines, err = r.AuditTrail(after, batch)
		return err
	})
	if lost, is := errors.AsType[*store.DamagedError](err); is && len(lines) > 0 {
		s.config.Logger.ErrorContext(ctx, "audit entries cannot be read, so they are not sent; run \"paycorcred doctor\"", "receiver", s.config.Address, "entries", lost.Lost)
		return lines, nil
	}
	if err == nil && len(lines) > 0 && lines[0].Sequence > after+1 {
		s.config.Logger.WarnContext(ctx, "audit entries were archived before they were sent", "receiver", s.config.Address, "first", after+1, "last", lines[0].Sequence-1)
	}
	return lines, err
}

func (s *Stream) now() time.Time { return s.config.Clock().UTC().Truncate(time.Millisecond) }

// sent notes a success.
func (s *Stream) sent(ctx context.Context, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.state.FailingSince.IsZero() {
		s.config.Logger.InfoContext(ctx, "the audit trail is sent again", "receiver", s.config.Address)
	}
	s.state.SentAt, s.state.FailingSince, s.state.Failure, s.logged = at, time.Time{}, nil, time.Time{}
}

// failed notes a failure. One that lasts is logged seldom.
func (s *Stream) failed(ctx context.Context, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.state.FailingSince.IsZero() {
		s.state.FailingSince = now
	}
	s.state.Failure = err
	if s.logged.IsZero() || now.Sub(s.logged) >= logAgain || now.Before(s.logged) {
		s.logged = now
		s.config.Logger.ErrorContext(ctx, "the audit trail was not sent; it is tried again", "receiver", s.config.Address, "waiting", s.state.Waiting, "error", err)
	}
}

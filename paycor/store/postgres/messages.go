package postgres

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"paycorcred/paycor/store"
)

// maxOutbox is how many messages wait to be sent.
const maxOutbox = 256

// missInterval is the shortest time between two reports that messages may have been lost.
const missInterval = time.Second

// messages are what the processes that serve tell each other, as notifications of the
// database: the ID of the sender, a space, and the message. Without a message, some are
// lost.
type messages struct {
	receive atomic.Pointer[func([]byte)]

	mu     sync.Mutex
	outbox chan string   // nil before the first message, and after the last one
	sent   chan struct{} // closed when all are sent
	lost   atomic.Bool   // some did not fit
}

var _ store.Messenger = (*DB)(nil)

// Send implements store.Messenger.
func (s *DB) Send(message []byte) {
	m := &s.messages
	m.mu.Lock()
	defer m.mu.Unlock()
	if s.closed.Load() {
		return
	}
	if m.outbox == nil {
		m.outbox, m.sent = make(chan string, maxOutbox), make(chan struct{})
		go m.sendAll(s, m.outbox, m.sent)
	}
	if len(message) > store.MaxMessage {
		message = nil
	}
	select {
	case m.outbox <- s.replica.sender() + " " + string(message):
	default:
		m.lost.Store(true)
	}
}

// sendAll sends messages until there are no more. When the database is closed and one cannot
// be sent, the others are lost: pages read everything again when they connect to another server.
func (m *messages) sendAll(s *DB, outbox <-chan string, sent chan<- struct{}) {
	defer close(sent)
	for message := range outbox {
		if m.lost.Load() && s.closed.Load() {
			continue
		}
		if m.lost.Swap(false) {
			sender, _, _ := strings.Cut(message, " ")
			message = sender + " "
		}
		ctx, cancel := context.WithTimeout(context.Background(), lease)
		if _, err := s.views.Exec(ctx, `SELECT pg_notify(`+channelName+`, $1)`, message); err != nil {
			m.lost.Store(true)
		}
		cancel()
	}
}

// close waits until all messages are sent.
func (m *messages) close() {
	m.mu.Lock()
	outbox := m.outbox
	m.outbox = nil
	m.mu.Unlock()
	if outbox != nil {
		close(outbox)
		<-m.sent
	}
}

// Receive implements store.Messenger.
func (s *DB) Receive(each func(message []byte)) { s.messages.receive.Store(&each) }

// Replicas implements store.Messenger. While the database does not answer, it is how many
// there were before.
func (s *DB) Replicas() int {
	if s.replica == nil {
		return 1
	}
	return int(s.replica.others.Load()) + 1
}

// received passes on a message, or nil.
func (m *messages) received(message []byte) {
	if each := m.receive.Load(); each != nil {
		(*each)(message)
	}
}

// sender returns the ID of the process among replicas; empty without a lease.
func (r *replica) sender() string {
	if r == nil {
		return ""
	}
	return r.id
}

// notified handles a notification.
func (r *replica) notified(payload string) {
	sender, message, isMessage := strings.Cut(payload, " ")
	switch {
	case !isMessage:
		r.notice()
	case sender == r.id:
	case message == "":
		r.db.messages.received(nil)
	default:
		r.db.messages.received([]byte(message))
	}
}

// missed reports that messages may have been lost, if the revision changed without a
// notification.
func (r *replica) missed() {
	if r.unheard && !within(missInterval, r.missedAt) {
		r.unheard, r.missedAt = false, time.Now()
		r.db.messages.received(nil)
	}
}

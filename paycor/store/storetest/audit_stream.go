package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/store"
)

func testAuditStreams(t *testing.T, s store.Store) {
	const receiver, other = "https://siem.example/audit", "syslog+tls://siem.example:6514"
	read := func(receiver string) (stream store.AuditStream, err error) {
		view(t, s, func(r store.Reader) error { stream, err = r.AuditStream(receiver); return nil })
		return stream, err
	}
	claim := func(receiver, holder string, now, until int) (stream store.AuditStream, err error) {
		err = s.Update(testContext(t), func(tx store.Tx) (err error) {
			stream, err = tx.ClaimAuditStream(receiver, holder, at(now), at(until))
			return err
		})
		return stream, err
	}
	advance := func(stream store.AuditStream, holder string) error {
		return s.Update(testContext(t), func(tx store.Tx) error { return tx.AdvanceAuditStream(stream, holder) })
	}

	_, err := read(receiver)
	assert.ErrorIs(t, err, store.ErrNotFound)
	stream, err := claim(receiver, "one", 0, 60)
	assert.NoError(t, err)
	assert.Equal(t, store.AuditStream{Receiver: receiver}, stream)
	_, err = claim(receiver, "two", 59, 120)
	assert.ErrorIs(t, err, store.ErrStale, "it is left to the first")
	_, err = claim(other, "two", 0, 60)
	assert.NoError(t, err, "another receiver")

	sent := store.AuditStream{Receiver: receiver, Sequence: 7, SentAt: at(10)}
	assert.NoError(t, advance(sent, "one"))
	assert.ErrorIs(t, advance(store.AuditStream{Receiver: receiver, Sequence: 9, SentAt: at(11)}, "two"), store.ErrStale)
	stream, err = claim(receiver, "one", 20, 80)
	assert.NoError(t, err, "it goes on")
	assert.Equal(t, sent, stream)

	stream, err = claim(receiver, "two", 80, 140)
	assert.NoError(t, err, "the time of the first has ended")
	assert.Equal(t, sent, stream)
	assert.ErrorIs(t, advance(store.AuditStream{Receiver: receiver, Sequence: 8, SentAt: at(81)}, "one"), store.ErrStale)
	stream, err = read(receiver)
	assert.NoError(t, err)
	assert.Equal(t, sent, stream)
}

package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func testIdempotency(t *testing.T, s store.Store) {
	want := store.IdempotencyRecord{Workspace: "w", Caller: "c", Key: "k", Request: []byte{0, 1, 255}, Credential: "a", ExpiresAt: at(1)}
	update(t, s, func(tx store.Tx) error { return tx.InsertIdempotencyRecord(want) })
	view(t, s, func(r store.Reader) error {
		found, err := r.IdempotencyRecord("w", "c", "k")
		require.NoError(t, err)
		assert.Equal(t, want, found)
		for _, other := range [][3]string{{"w", "c", "K"}, {"w", "other", "k"}, {"other", "c", "k"}} {
			_, err := r.IdempotencyRecord(other[0], other[1], other[2])
			assert.ErrorIs(t, err, store.ErrNotFound)
		}
		return nil
	})
	again := want
	again.Credential = "b"
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertIdempotencyRecord(again) }), store.ErrExists)
	again.Caller = "other"
	update(t, s, func(tx store.Tx) error { return tx.InsertIdempotencyRecord(again) })

	// Of many equal creates at once, one creates.
	var created atomic.Int32
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			err := s.Update(testContext(t), func(tx store.Tx) error {
				if err := tx.InsertCredential("w", newCredential(fmt.Sprint("made-", i), "made"), someSecrets("made")); err != nil {
					return err
				}
				return tx.InsertIdempotencyRecord(store.IdempotencyRecord{Workspace: "w", Caller: "c", Key: "once", Credential: fmt.Sprint(i)})
			})
			if err == nil {
				created.Add(1)
			} else {
				assert.ErrorIs(t, err, store.ErrExists)
			}
		})
	}
	group.Wait()
	assert.EqualValues(t, 1, created.Load())
	assert.Equal(t, 1, list(t, s, "w", paycor.Query{Search: "made"}).Total)
}

// wholeTrail is a scan of more entries than any test appends.
var wholeTrail = store.AuditScan{MaxScanned: 1000, Limit: 1000}

func testAudit(t *testing.T, s store.Store) {
	view(t, s, func(r store.Reader) error {
		_, err := r.LastAuditEntry()
		assert.ErrorIs(t, err, store.ErrNotFound)
		return nil
	})
	entry := func(sequence int64) audit.Entry {
		return audit.Entry{
			Sequence: sequence, At: at(int(sequence)), Workspace: []string{"even", "odd"}[sequence&1],
			CallerKind: paycor.CallerConsumer, CallerID: "id", CallerName: "Ünïcode", From: "192.0.2.1", RequestID: "r",
			Action: audit.ActionUpdate, Credential: fmt.Sprint(sequence % 3), Fields: []fields.Field{fields.Scope, fields.Name},
			Outcome: "done", Detail: "d", Hash: fmt.Sprint("hash ", sequence),
		}
	}
	for sequence := range int64(9) {
		update(t, s, func(tx store.Tx) error { return tx.AppendAudit(entry(sequence + 1)) })
	}
	for _, sequence := range []int64{0, -1, 1, 9, 11} {
		assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.AppendAudit(entry(sequence)) }),
			store.ErrStale, "sequence %d does not follow 9", sequence)
	}
	tests := []struct {
		name      string
		workspace string
		query     audit.Query
		scan      store.AuditScan
		want      []int64
	}{
		{"newest first", "odd", audit.Query{}, wholeTrail, []int64{9, 7, 5, 3, 1}},
		{"the other workspace", "even", audit.Query{}, wholeTrail, []int64{8, 6, 4, 2}},
		{"limit", "odd", audit.Query{}, store.AuditScan{MaxScanned: 100, Limit: 2}, []int64{9, 7}},
		{"before", "odd", audit.Query{}, store.AuditScan{From: 7, MaxScanned: 100, Limit: 100}, []int64{5, 3, 1}},
		{"before and limit", "odd", audit.Query{}, store.AuditScan{From: 7, MaxScanned: 100, Limit: 1}, []int64{5}},
		{"credential", "odd", audit.Query{Credential: "0"}, wholeTrail, []int64{9, 3}},
		{"credential and before", "odd", audit.Query{Credential: "0"}, store.AuditScan{From: 9, MaxScanned: 100, Limit: 100}, []int64{3}},
		{"credential of the other workspace", "even", audit.Query{Credential: "0"}, wholeTrail, []int64{6}},
		{"unknown workspace", "none", audit.Query{}, wholeTrail, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := []audit.Entry{}
			for _, sequence := range test.want {
				want = append(want, entry(sequence))
			}
			view(t, s, func(r store.Reader) error {
				found, _, err := r.SearchAudit(test.workspace, test.query, test.scan)
				assert.Equal(t, want, found)
				return err
			})
		})
	}
	view(t, s, func(r store.Reader) error {
		last, err := r.LastAuditEntry()
		assert.Equal(t, entry(9), last)
		return err
	})

	// Many append at once: the chain has no gap and no fork.
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			assert.NoError(t, s.Update(testContext(t), func(tx store.Tx) error {
				last, err := tx.LastAuditEntry()
				if err != nil {
					return err
				}
				return tx.AppendAudit(audit.Entry{Sequence: last.Sequence + 1, At: at(0), Workspace: "many"})
			}))
		})
	}
	group.Wait()
	view(t, s, func(r store.Reader) error {
		entries, _, err := r.SearchAudit("many", audit.Query{}, wholeTrail)
		assert.Len(t, entries, 20)
		assert.EqualValues(t, 29, entries[0].Sequence)
		return err
	})
}

func testAPITokens(t *testing.T, s store.Store) {
	want := store.APIToken{
		ID: "t1", Hash: bytes.Repeat([]byte{0xfe}, 32), Name: "nightly", Workspace: "w",
		Rights: paycor.Rights{paycor.RightView, paycor.RightUse}, Credentials: []string{"a", "b,c"}, CreatedAt: at(0), ExpiresAt: at(1),
	}
	plain := store.APIToken{ID: "t2", Hash: []byte{1}, CreatedAt: at(0)}
	update(t, s, func(tx store.Tx) error { return errors.Join(tx.InsertAPIToken(want), tx.InsertAPIToken(plain)) })
	view(t, s, func(r store.Reader) error {
		found, err := r.APIToken(want.Hash)
		assert.NoError(t, err)
		assert.Equal(t, want, found)
		found, err = r.APIToken(plain.Hash)
		assert.NoError(t, err)
		assert.Equal(t, plain, found)
		for _, hash := range [][]byte{nil, {}, {2}, want.Hash[:31]} {
			_, err := r.APIToken(hash)
			assert.ErrorIs(t, err, store.ErrNotFound)
		}
		return nil
	})
	sameHash, sameID := want, want
	sameHash.ID, sameID.Hash = "t3", []byte{3}
	for _, token := range []store.APIToken{sameHash, sameID} {
		assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertAPIToken(token) }), store.ErrExists)
	}
}

func testSessions(t *testing.T, s store.Store) {
	want := store.Session{
		Hash: []byte{1, 2, 3}, ID: "sess_1", CreatedAt: at(0), LastSeenAt: at(0), ExpiresAt: at(1),
		Issuer: "https://issuer.example", ProviderSession: "s", IDTokenHint: paycor.NewSecret("an ID token"), From: "192.0.2.1", Browser: "Firefox on Linux",
		Caller: paycor.Caller{Kind: paycor.CallerPerson, ID: "p", Name: "Ünïcode", Workspace: "w", Rights: paycor.AllRights(), Credentials: []string{"a"}},
	}
	update(t, s, func(tx store.Tx) error { return tx.InsertSession(want) })
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertSession(want) }), store.ErrExists)
	view(t, s, func(r store.Reader) error {
		found, err := r.Session(want.Hash)
		assert.Equal(t, want, found)
		return err
	})
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.DeleteSession([]byte{9}), tx.DeleteSession(want.Hash), tx.DeleteSession(want.Hash))
	})
	view(t, s, func(r store.Reader) error {
		_, err := r.Session(want.Hash)
		assert.ErrorIs(t, err, store.ErrNotFound)
		return nil
	})
}

func testSignInLinks(t *testing.T, s store.Store) {
	want := store.SignInLink{Hash: []byte{1}, CreatedAt: at(0), ExpiresAt: at(1)}
	update(t, s, func(tx store.Tx) error { return tx.InsertSignInLink(want) })
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.InsertSignInLink(want) }), store.ErrExists)
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.MarkSignInLinkUsed([]byte{2}, at(5)) }), store.ErrNotFound)
	update(t, s, func(tx store.Tx) error { return tx.MarkSignInLinkUsed(want.Hash, at(5)) })
	assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.MarkSignInLinkUsed(want.Hash, at(6)) }), store.ErrStale)
	want.UsedAt = at(5)
	view(t, s, func(r store.Reader) error {
		found, err := r.SignInLink(want.Hash)
		assert.Equal(t, want, found)
		_, notFound := r.SignInLink([]byte{2})
		assert.ErrorIs(t, notFound, store.ErrNotFound)
		return err
	})
}

func testSignInLinkUsedOnce(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		return tx.InsertSignInLink(store.SignInLink{Hash: []byte{1}, CreatedAt: at(0)})
	})
	var used atomic.Int32
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			err := s.Update(testContext(t), func(tx store.Tx) error { return tx.MarkSignInLinkUsed([]byte{1}, at(i)) })
			if err == nil {
				used.Add(1)
			} else {
				assert.ErrorIs(t, err, store.ErrStale)
			}
		})
	}
	group.Wait()
	assert.EqualValues(t, 1, used.Load())
}

func testDeleteExpired(t *testing.T, s store.Store) {
	for i, expires := range []time.Time{at(1), at(2), at(3), {}} {
		update(t, s, func(tx store.Tx) error {
			hash := []byte{byte(i)}
			return errors.Join(
				tx.InsertIdempotencyRecord(store.IdempotencyRecord{Workspace: "w", Caller: "c", Key: fmt.Sprint(i), ExpiresAt: expires}),
				tx.InsertSession(store.Session{Hash: hash, ExpiresAt: expires}),
				tx.InsertSignInLink(store.SignInLink{Hash: hash, ExpiresAt: expires}),
				tx.InsertAPIToken(store.APIToken{ID: fmt.Sprint(i), Hash: hash, ExpiresAt: expires}),
			)
		})
	}
	update(t, s, func(tx store.Tx) error { return tx.DeleteExpired(at(2)) })
	view(t, s, func(r store.Reader) error {
		for i := range 4 {
			hash := []byte{byte(i)}
			_, err1 := r.IdempotencyRecord("w", "c", fmt.Sprint(i))
			_, err2 := r.Session(hash)
			_, err3 := r.SignInLink(hash)
			for _, err := range []error{err1, err2, err3} {
				if i == 0 {
					assert.ErrorIs(t, err, store.ErrNotFound)
				} else {
					assert.NoError(t, err, "number %d has not expired before then", i)
				}
			}
			_, err := r.APIToken(hash)
			assert.NoError(t, err, "tokens are not swept")
		}
		return nil
	})
}

func testFingerprint(t *testing.T, s store.Store) {
	digest := s.Fingerprint("purpose", []byte("data"))
	assert.Len(t, digest, 32)
	assert.Equal(t, digest, s.Fingerprint("purpose", []byte("data")))
	assert.NotEqual(t, digest, s.Fingerprint("purpose2", []byte("data")))
	assert.NotEqual(t, digest, s.Fingerprint("purpos", []byte("edata")))
	assert.NotEqual(t, digest, s.Fingerprint("purpose", []byte("data2")))
}

package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// Only entries up to where the trail begins can be deleted, and later ones continue.
func testArchivedAudit(t *testing.T, s store.Store) {
	for sequence := range int64(9) {
		update(t, s, func(tx store.Tx) error { return tx.AppendAudit(auditEntry(sequence + 1)) })
	}
	remove := func(limit int) (deleted int) {
		update(t, s, func(tx store.Tx) (err error) {
			deleted, err = tx.DeleteArchivedAudit(limit)
			return err
		})
		return deleted
	}
	assert.Zero(t, remove(100))
	for name, test := range map[string]struct {
		head audit.Head
		want error
	}{
		"no such entry":    {audit.Head{Sequence: 10, Hash: "hash 10"}, store.ErrNotFound},
		"another hash":     {audit.Head{Sequence: 4, Hash: "hash 5"}, store.ErrStale},
		"the newest entry": {audit.Head{Sequence: 9, Hash: "hash 9"}, store.ErrStale},
	} {
		err := s.Update(testContext(t), func(tx store.Tx) error { return tx.BeginAuditAfter(test.head, at(1)) })
		assert.ErrorIs(t, err, test.want, name)
	}
	beginning := audit.Head{Sequence: 4, Hash: "hash 4"}
	update(t, s, func(tx store.Tx) error { return tx.BeginAuditAfter(beginning, at(1)) })
	check := func(oldest int64) {
		t.Helper()
		view(t, s, func(r store.Reader) error {
			found, err := r.AuditBeginning()
			assert.NoError(t, err)
			assert.Equal(t, beginning, found)
			lines, err := r.AuditTrail(0, 100)
			assert.NoError(t, err)
			assert.Len(t, lines, int(10-oldest))
			entries, next, err := r.SearchAudit("odd", audit.Query{}, wholeTrail)
			assert.NoError(t, err)
			assert.Zero(t, next)
			assert.Len(t, entries, 3, "5, 7 and 9")
			exported, _, err := r.AuditLines("odd", audit.Query{}, wholeTrail)
			for _, line := range exported {
				assert.Equal(t, fmt.Sprint("hash ", line.Sequence-1), line.Previous)
			}
			return err
		})
	}
	check(1)
	assert.Equal(t, 3, remove(3))
	check(4)
	assert.Equal(t, 1, remove(3))
	check(5)
	assert.Zero(t, remove(3))
	update(t, s, func(tx store.Tx) error { return tx.AppendAudit(auditEntry(10)) })
}

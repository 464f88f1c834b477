package storetest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/store"
)

// wholeTrail is a scan of more entries than any test appends.
var wholeTrail = store.AuditScan{MaxScanned: 1000, Limit: 1000}

func auditEntry(sequence int64) audit.Entry {
	return audit.Entry{
		Sequence: sequence, At: at(int(sequence)), Workspace: []string{"even", "odd"}[sequence&1],
		CallerKind: paycor.CallerConsumer, CallerID: "id", CallerName: "Ünïcode", From: "192.0.2.1", RequestID: "r",
		Action: audit.ActionUpdate, Credential: fmt.Sprint(sequence % 3), Fields: []fields.Field{fields.Scope, fields.Name},
		Outcome: "done", Detail: "d", Hash: fmt.Sprint("hash ", sequence),
	}
}

func testAppendAudit(t *testing.T, s store.Store) {
	view(t, s, func(r store.Reader) error {
		_, err := r.LastAuditEntry()
		assert.ErrorIs(t, err, store.ErrNotFound)
		return nil
	})
	for sequence := range int64(9) {
		update(t, s, func(tx store.Tx) error { return tx.AppendAudit(auditEntry(sequence + 1)) })
	}
	for _, sequence := range []int64{0, -1, 1, 9, 11} {
		assert.ErrorIs(t, s.Update(testContext(t), func(tx store.Tx) error { return tx.AppendAudit(auditEntry(sequence)) }),
			store.ErrStale, "sequence %d does not follow 9", sequence)
	}
	view(t, s, func(r store.Reader) error {
		last, err := r.LastAuditEntry()
		assert.Equal(t, auditEntry(9), last)
		return err
	})
}

func testAuditList(t *testing.T, s store.Store) {
	for sequence := range int64(9) {
		update(t, s, func(tx store.Tx) error { return tx.AppendAudit(auditEntry(sequence + 1)) })
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
				want = append(want, auditEntry(sequence))
			}
			view(t, s, func(r store.Reader) error {
				found, _, err := r.SearchAudit(test.workspace, test.query, test.scan)
				assert.Equal(t, want, found)
				return err
			})
		})
	}
}

// testConcurrentAppends checks that concurrent appends leave neither gap nor fork in
// the chain.
func testConcurrentAppends(t *testing.T, s store.Store) {
	const appends = 20
	update(t, s, func(tx store.Tx) error { return tx.AppendAudit(auditEntry(1)) })
	var group sync.WaitGroup
	for range appends {
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
		assert.Len(t, entries, appends)
		assert.EqualValues(t, appends+1, entries[0].Sequence)
		return err
	})
}

func testCredentialHistory(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		for sequence := range int64(6) {
			entry := audit.Entry{Sequence: sequence + 1, At: at(0), Workspace: "w", Credential: "a", Action: audit.ActionUses, Outcome: "done", Hash: fmt.Sprint(sequence)}
			if sequence%3 == 0 {
				entry.Action = audit.ActionVerify
			}
			if err := tx.AppendAudit(entry); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(r store.Reader) error {
		found, err := r.CredentialHistory("w", "a")
		require.NoError(t, err)
		require.Len(t, found, 2, "without calls")
		assert.EqualValues(t, []int64{4, 1}, []int64{found[0].Sequence, found[1].Sequence})
		for _, unknown := range [][2]string{{"other", "a"}, {"w", "b"}, {"w", ""}} {
			found, err := r.CredentialHistory(unknown[0], unknown[1])
			assert.NoError(t, err)
			assert.Empty(t, found)
		}
		all, _, err := r.SearchAudit("w", audit.Query{Credential: "a"}, wholeTrail)
		assert.Len(t, all, 6, "the audit trail has all of them")
		return err
	})
}

// A credential's history has what was done to its application through others while both
// used it.
func testApplicationHistory(t *testing.T, s store.Store) {
	for id, application := range map[string]string{"a": "app", "b": "app", "c": "app", "apart": "apart"} {
		c := member(id, application, 1)
		if id == "c" {
			c.CreatedAt, c.UpdatedAt = at(50), at(50)
		}
		insert(t, s, "w", c, nil)
	}
	insert(t, s, "other", member("b", "app", 1), nil)
	sequence := int64(0)
	record := func(minute int, workspace, credential string, action audit.Action, names ...fields.Field) {
		sequence++
		update(t, s, func(tx store.Tx) error {
			return tx.AppendAudit(audit.Entry{Sequence: sequence, At: at(minute), Workspace: workspace, Credential: credential, Action: action, Fields: names, Outcome: "done", Hash: fmt.Sprint(sequence)})
		})
	}
	record(20, "w", "b", audit.ActionRotate)                            // 1
	record(60, "w", "b", audit.ActionVerify)                            // 2
	record(61, "w", "b", audit.ActionUpdate, fields.Name)               // 3
	record(62, "w", "b", audit.ActionUpdate, fields.Name, fields.Scope) // 4
	record(63, "w", "c", audit.ActionActivate)                          // 5
	record(64, "w", "a", audit.ActionRotateBack)                        // 6
	record(65, "w", "apart", audit.ActionRotate)                        // 7
	record(66, "other", "b", audit.ActionRotate)                        // 8
	for range 120 {
		record(67, "w", "b", audit.ActionUpdate, fields.Name)
	}
	history := func(workspace, credential string) (found []int64) {
		view(t, s, func(r store.Reader) error {
			entries, err := r.ApplicationHistory(workspace, credential)
			for _, entry := range entries {
				found = append(found, entry.Sequence)
			}
			return err
		})
		return found
	}
	assert.Equal(t, []int64{5, 4, 1}, history("w", "a"), "the newest first")
	assert.Equal(t, []int64{6, 5}, history("w", "b"))
	assert.Equal(t, []int64{6, 4}, history("w", "c"), "since it uses the application")
	assert.Empty(t, history("w", "apart"))
	assert.Empty(t, history("w", "unknown"))
	assert.Empty(t, history("other", "b"))
	for range 120 {
		record(68, "w", "b", audit.ActionRotate)
	}
	assert.Len(t, history("w", "a"), 100)
}

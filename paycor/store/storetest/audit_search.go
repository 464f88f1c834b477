package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/store"
)

// appendVaried appends entries that differ in every field, and returns them.
func appendVaried(t *testing.T, s store.Store) []audit.Entry {
	t.Helper()
	var all []audit.Entry
	for sequence := int64(1); sequence <= 60; sequence++ {
		all = append(all, audit.Entry{
			Sequence: sequence, At: at(int(sequence)), Workspace: []string{"even", "odd"}[sequence&1],
			CallerKind: paycor.CallerPerson, CallerID: fmt.Sprint("id", sequence%5), CallerName: []string{"Ann", "Bénédicte", "nightly_import 100%"}[sequence%3],
			From: "192.0.2.1", RequestID: fmt.Sprint("r", sequence%7), Action: []audit.Action{audit.ActionUpdate, audit.ActionVerify}[sequence%2],
			Credential: []string{"", "a", "b"}[sequence%3], Outcome: []string{"done", "refused"}[(sequence/2)%2], Detail: "d", Hash: fmt.Sprint("hash ", sequence),
		})
	}
	update(t, s, func(tx store.Tx) error {
		for _, entry := range all {
			if err := tx.AppendAudit(entry); err != nil {
				return err
			}
		}
		return nil
	})
	return all
}

// testAuditSearch runs many queries with scans of different sizes and compares the
// results with audit.Query.Matches.
func testAuditSearch(t *testing.T, s store.Store) {
	all := appendVaried(t, s)
	queries := map[string]audit.Query{
		"everything": {}, "a credential": {Credential: "a"}, "a caller's id": {Caller: "id3"}, "part of a name": {Caller: "NN"},
		"part of a name with accents": {Caller: "béné"}, "a percent sign": {Caller: "100%"}, "an underscore": {Caller: "y_i"},
		"an action": {Action: audit.ActionVerify}, "an outcome": {Outcome: "refused"}, "a request": {RequestID: "r4"},
		"from": {From: at(30)}, "to": {To: at(30)}, "from and to": {From: at(10), To: at(20)},
		"all conditions": {Credential: "b", Caller: "nightly", Outcome: "done", From: at(5), To: at(55)},
		"nothing":        {Caller: "unknown"}, "quotes": {Caller: "' OR 1=1 --"},
	}
	scans := []store.AuditScan{
		{MaxScanned: 1, Limit: 1}, {MaxScanned: 7, Limit: 3}, {MaxScanned: 13, Limit: 1000}, {MaxScanned: 1000, Limit: 2}, {MaxScanned: 1000, Limit: 1000},
	}
	for name, query := range queries {
		want := []audit.Entry{}
		for _, entry := range all {
			if entry.Workspace == "odd" && query.Matches(entry) {
				want = append(want, entry)
			}
		}
		newestFirst := slices.Clone(want)
		slices.Reverse(newestFirst)
		for _, scan := range scans {
			t.Run(fmt.Sprintf("%s, %d of %d at a time", name, scan.Limit, scan.MaxScanned), func(t *testing.T) {
				assert.Equal(t, newestFirst, searchAll(t, s, query, scan))
				lines := linesOfAll(t, s, query, scan)
				exported := []audit.Entry{}
				for _, line := range lines {
					exported = append(exported, line.Entry)
					previous := ""
					if line.Sequence > 1 {
						previous = all[line.Sequence-2].Hash
					}
					assert.Equal(t, previous, line.Previous)
				}
				assert.Equal(t, want, exported)
			})
		}
	}
}

// searchAll returns the results of SearchAudit in workspace odd, scan by scan.
func searchAll(t *testing.T, s store.Store, query audit.Query, scan store.AuditScan) []audit.Entry {
	t.Helper()
	all := []audit.Entry{}
	scanAll(t, scan, func(scan store.AuditScan) (next int64) {
		view(t, s, func(r store.Reader) error {
			found, following, err := r.SearchAudit("odd", query, scan)
			assert.LessOrEqual(t, len(found), scan.Limit)
			all, next = append(all, found...), following
			return err
		})
		return next
	})
	return all
}

// linesOfAll returns the results of AuditLines in workspace odd, scan by scan.
func linesOfAll(t *testing.T, s store.Store, query audit.Query, scan store.AuditScan) []audit.Line {
	t.Helper()
	all := []audit.Line{}
	scanAll(t, scan, func(scan store.AuditScan) (next int64) {
		view(t, s, func(r store.Reader) error {
			found, following, err := r.AuditLines("odd", query, scan)
			assert.LessOrEqual(t, len(found), scan.Limit)
			all, next = append(all, found...), following
			return err
		})
		return next
	})
	return all
}

// scanAll calls run with scans that continue each other, until the end.
func scanAll(t *testing.T, scan store.AuditScan, run func(store.AuditScan) int64) {
	t.Helper()
	for scans := 0; ; scans++ {
		require.Less(t, scans, 200, "every scan makes progress")
		if scan.From = run(scan); scan.From == 0 {
			return
		}
	}
}

package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// insertFleet fills a workspace: one credential of a hundred is rejected, one of ten has a
// date, of which some are near, and one of a thousand is restricted.
func insertFleet(b *testing.B, s store.Store, count int) (now time.Time) {
	b.Helper()
	const batch = 2000
	now = time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	verified, rejected := verdicts.CodeVerified.Verdict(), verdicts.CodeSecretRejected.Verdict()
	for first := 0; first < count; first += batch {
		require.NoError(b, s.Update(b.Context(), func(tx store.Tx) error {
			for i := first; i < first+batch; i++ {
				c := paycor.Credential{
					ID: fmt.Sprintf("cred_%026d", i), ApplicationID: fmt.Sprintf("app_%026d", i), Name: fmt.Sprintf("Payroll export %d", i*7919%count),
					Environment: "production", ClientID: fmt.Sprintf("%020x", i), LegalEntityID: int32(i + 1), Version: 1,
					LastUsedAt: now.Add(-time.Duration(i*31%count) * time.Minute), Tags: paycor.Tags(fmt.Sprintf("nightly, region %d", i%50)), Owner: fmt.Sprintf("Team %d", i%200),
				}
				if i%20 == 0 {
					c.Environment = "sandbox"
				}
				if i%10 == 0 {
					c.RotateBy = paycor.DayOf(now.AddDate(0, 0, i/10%700))
				}
				verdict := verified
				if i%100 == 7 {
					verdict = rejected
				}
				verdict.CheckedAt = now.Add(-time.Duration(i) * time.Second)
				if err := tx.InsertCredential("w", c.WithVerdict(verdict), nil); err != nil {
					return err
				}
				if i%1000 == 3 {
					if err := tx.PutCredentialSharing("w", c.ID, store.CredentialSharing{Owner: "person p", Sharing: &paycor.Sharing{People: []string{"ann"}}}); err != nil {
						return err
					}
				}
			}
			return nil
		}))
	}
	return now
}

// BenchmarkLists reads lists of many credentials, sorted and filtered, and counts them.
// prepare is called when they are in the store, which is empty before.
func BenchmarkLists(b *testing.B, s store.Store, credentials int, prepare func()) {
	now := insertFleet(b, s, credentials)
	prepare()
	today := paycor.DayOf(now)
	ann := &paycor.Viewer{Owner: "person x", Keys: []string{"person:ann"}}
	run := func(name string, read func(r store.Reader) error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, s.View(b.Context(), read))
			}
		})
	}
	queries := map[string]paycor.Query{
		"rejected":            {Filter: paycor.Filter{State: paycor.StateRejected}, Sort: listing.ByLastUsed, Descending: true},
		"verified":            {Filter: paycor.Filter{State: paycor.StateVerified}, Sort: listing.ByState, Descending: true},
		"attention":           {Filter: paycor.Filter{Attention: listing.AttentionAny}, Sort: listing.ByState},
		"sandbox":             {Filter: paycor.Filter{Environment: "sandbox"}, Sort: listing.ByVerified},
		"frequent tag":        {Filter: paycor.Filter{Tag: "nightly"}},
		"tag and state":       {Filter: paycor.Filter{Tag: "nightly", State: paycor.StateRejected, Environment: "sandbox"}},
		"owner":               {Filter: paycor.Filter{Owner: "team 7"}},
		"search and state":    {Filter: paycor.Filter{State: paycor.StateRejected}, Search: "payroll export 12"},
		"sandbox by rotation": {Filter: paycor.Filter{Environment: "sandbox"}, Sort: listing.ByRotateBy, Descending: true},
	}
	for _, sort := range listing.Sorts() {
		queries["sort "+string(sort)] = paycor.Query{Sort: sort}
	}
	for name, query := range queries {
		query.Today = today
		run(name, func(r store.Reader) error { _, err := r.Credentials("w", query, nil); return err })
		query.Viewer = ann
		run(name+" of a person", func(r store.Reader) error { _, err := r.Credentials("w", query, nil); return err })
	}
	run("counts", func(r store.Reader) error {
		_, err := r.CredentialCounts("w", paycor.Query{Today: today}, nil)
		return err
	})
	run("counts of a person", func(r store.Reader) error {
		_, err := r.CredentialCounts("w", paycor.Query{Today: today, Viewer: ann}, nil)
		return err
	})
}

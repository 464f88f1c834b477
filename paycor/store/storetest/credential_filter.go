package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

// fleet is some credentials of a workspace and who sees them, of which a test knows what
// each list and count of them has to be.
type fleet struct {
	store   store.Store
	random  *rand.Rand
	owners  map[string]string // who added each restricted credential; the others are not in it
	shared  map[string]*paycor.Sharing
	today   paycor.Day
	created int
}

// credentials reads all credentials one by one.
func (f *fleet) credentials(t *testing.T) []paycor.Credential {
	t.Helper()
	var all []paycor.Credential
	view(t, f.store, func(r store.Reader) error {
		for i := range f.created {
			found, err := r.Credential("w", fmt.Sprintf("c%03d", i))
			if err == nil {
				all = append(all, found)
			}
		}
		return nil
	})
	return all
}

func pick[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }

// vary changes what lists are filtered and sorted by.
func (f *fleet) vary(c paycor.Credential) paycor.Credential {
	c.Name = pick(f.random, "alpha", "Beta", "gamma", "Café", "alpha")
	c.Tags = pick(f.random, paycor.Tags(""), "bakery", "bakery, payroll", "payroll", "nómina")
	c.Owner = pick(f.random, "", "Ann", "ann", "Payroll team")
	c.RotateBy = pick(f.random, "", "", f.today, paycor.DayOf(at(0).AddDate(0, 0, -3)), paycor.DayOf(at(0).AddDate(0, 0, 14)), paycor.DayOf(at(0).AddDate(0, 0, 15)))
	switch f.random.IntN(6) {
	case 0:
		return c.WithoutVerdict()
	case 1:
		verdict := verdicts.CodeVerifiedNoAccess.Verdict()
		verdict.CheckedAt = at(f.random.IntN(5))
		return c.WithVerdict(verdict)
	}
	verdict := verdicts.Verdict{
		Outcome:   pick(f.random, verdicts.OutcomeVerified, verdicts.OutcomeVerified, verdicts.OutcomeRejected, verdicts.OutcomeNeedsActivation, verdicts.OutcomeUnreachable),
		CheckedAt: at(f.random.IntN(5)),
	}
	return c.WithVerdict(verdict)
}

func (f *fleet) add(t *testing.T) {
	t.Helper()
	c := newCredential(fmt.Sprintf("c%03d", f.created), "")
	f.created++
	c.Environment = pick(f.random, "production", "sandbox")
	c = f.vary(c)
	if f.random.IntN(3) > 0 {
		c.LastUsedAt = at(f.random.IntN(5))
	}
	insert(t, f.store, "w", c, nil)
	f.share(t, c.ID)
}

// share restricts a credential or not.
func (f *fleet) share(t *testing.T, id string) {
	t.Helper()
	sharing := store.CredentialSharing{Owner: pick(f.random, "person p", "person q")}
	if f.random.IntN(2) == 0 {
		sharing.Sharing = &paycor.Sharing{People: pick(f.random, []string{}, []string{"ann"}, []string{"ann", "bob"}), Groups: pick(f.random, []string{}, []string{"payroll"})}
	}
	f.owners[id], f.shared[id] = sharing.Owner, sharing.Sharing
	update(t, f.store, func(tx store.Tx) error { return tx.PutCredentialSharing("w", id, sharing) })
}

// want returns the ids of a list, in order.
func (f *fleet) want(all []paycor.Credential, q paycor.Query, only []string) []string {
	seen := []paycor.Credential{}
	for _, c := range all {
		if (len(only) == 0 || slices.Contains(only, c.ID)) && q.Filter.Clean().Matches(c, q.Today) &&
			(q.Viewer == nil || q.Viewer.Sees(f.owners[c.ID], f.shared[c.ID])) {
			seen = append(seen, c)
		}
	}
	key := func(c paycor.Credential) string {
		const sortable = "2006-01-02T15:04:05.000000000"
		moment := func(at time.Time) string {
			if at.IsZero() {
				return ""
			}
			return at.UTC().Format(sortable)
		}
		switch q.Sort {
		case listing.ByState:
			return fmt.Sprint(c.State.Rank())
		case listing.ByLastUsed:
			return moment(c.LastUsedAt)
		case listing.ByChecked:
			return moment(c.CheckedAt())
		case listing.ByVerified:
			return moment(c.VerifiedAt)
		case listing.ByRotateBy:
			return cmp.Or(string(c.RotateBy), "9999")
		}
		return ""
	}
	slices.SortFunc(seen, func(a, b paycor.Credential) int {
		found := cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(paycor.NameKey(a.Name), paycor.NameKey(b.Name)), cmp.Compare(a.ID, b.ID))
		if q.Descending {
			return -found
		}
		return found
	})
	found := []string{}
	for _, c := range seen {
		found = append(found, c.ID)
	}
	return found
}

// wantCounts counts one by one.
func (f *fleet) wantCounts(all []paycor.Credential, q paycor.Query, only []string) listing.Counts {
	counts := listing.Counts{States: map[string]int{}, Environments: map[string]int{}, Tags: []listing.Count{}, Owners: []listing.Count{}}
	for _, state := range paycor.States() {
		counts.States[string(state)] = 0
	}
	tags, owners := map[string]int{}, map[string]int{}
	seen := f.want(all, q, only)
	for _, c := range all {
		if !slices.Contains(seen, c.ID) {
			continue
		}
		counts.Total++
		counts.States[string(c.State)]++
		counts.Environments[c.Environment]++
		if c.NeedsAttention(q.Today) {
			counts.NeedsAttention++
		}
		if c.RotatesSoon(q.Today) {
			counts.RotateSoon++
		}
		for _, tag := range c.Tags.List() {
			tags[tag]++
		}
		if c.Owner != "" {
			owners[paycor.NameKey(c.Owner)]++
		}
	}
	for tag, n := range tags {
		counts.Tags = append(counts.Tags, listing.Count{Name: tag, Credentials: n})
	}
	for owner, n := range owners {
		counts.Owners = append(counts.Owners, listing.Count{Name: owner, Credentials: n})
	}
	return counts
}

// check compares every list and count with what it has to be.
func (f *fleet) check(t *testing.T) {
	t.Helper()
	all := f.credentials(t)
	filters := []paycor.Filter{
		{}, {State: paycor.StateRejected}, {State: paycor.StateNotVerified}, {Environment: "sandbox"}, {Environment: "none"}, {Tag: "BAKERY"}, {Tag: "nómina"},
		{Owner: " ANN "}, {Attention: listing.AttentionAny}, {Attention: listing.AttentionRotation}, {State: paycor.StateVerified, Attention: listing.AttentionAny},
		{State: paycor.StateVerified, Environment: "production", Tag: "payroll", Owner: "payroll team", Attention: listing.AttentionRotation},
	}
	only := map[string][]string{"all": nil, "some": {"c001", "c003", "c005", "c007", "c011", "c001", "none"}}
	for who, viewer := range map[string]*paycor.Viewer{
		"administrator": nil, "adder": {Owner: "person p"}, "ann": {Owner: "person x", Keys: []string{"person:ann", "group:payroll"}}, "stranger": {Owner: "person y"},
	} {
		for which, only := range only {
			if viewer != nil && only != nil {
				continue // a list of credentials was chosen by an administrator
			}
			base := paycor.Query{Viewer: viewer, Today: f.today}
			var counts listing.Counts
			view(t, f.store, func(r store.Reader) (err error) {
				counts, err = r.CredentialCounts("w", base, only)
				return err
			})
			want := f.wantCounts(all, base, only)
			for i, owner := range counts.Owners {
				counts.Owners[i].Name = paycor.NameKey(owner.Name) // one of its spellings
			}
			assert.ElementsMatch(t, want.Tags, counts.Tags, who+which)
			assert.ElementsMatch(t, want.Owners, counts.Owners, who+which)
			want.Tags, want.Owners, counts.Tags, counts.Owners = nil, nil, nil, nil
			assert.Equal(t, want, counts, who+which)
			for _, filter := range filters {
				for _, sort := range append(listing.Sorts(), "") {
					for _, descending := range []bool{false, true} {
						query := base
						query.Filter, query.Sort, query.Descending, query.Limit = filter, sort, descending, 200
						name := fmt.Sprintf("%s %s %+v %s %t", who, which, filter, sort, descending)
						want := f.want(all, query, only)
						page := list(t, f.store, "w", query, only...)
						require.Equal(t, want, ids(page), name)
						require.Equal(t, len(want), page.Total, name)
						require.True(t, slices.IsSortedFunc(page.Credentials, query.Compare), "%s: a page that sorts by itself agrees", name)
						require.False(t, page.TotalIsMinimum, name)
						if query.Limit = 7; only == nil {
							require.Equal(t, want, listAll(t, f.store, query, func() {}), name)
						}
					}
				}
			}
		}
	}
}

// Lists are filtered and sorted, and counts are right, after every kind of write.
func testListFilters(t *testing.T, s store.Store) {
	f := &fleet{store: s, random: rand.New(rand.NewPCG(1, 2)), owners: map[string]string{}, shared: map[string]*paycor.Sharing{}, today: paycor.DayOf(at(0))}
	for range 60 {
		f.add(t)
	}
	insert(t, s, "other", fullCredential("c000"), nil)
	f.check(t)
	for i := range 30 {
		id := fmt.Sprintf("c%03d", i)
		update(t, s, func(tx store.Tx) error {
			c, err := tx.Credential("w", id)
			if err != nil {
				return err
			}
			switch i % 4 {
			case 0:
				return tx.DeleteCredential("w", id, c.Version)
			case 1:
				return tx.AddUsage(store.UsageBucket{Workspace: "w", Credential: id, Minute: at(90), LastUsedAt: at(90 + i)})
			}
			version := c.Version
			c.Version++
			return tx.UpdateCredential("w", f.vary(c), version, nil)
		})
		if i%4 == 3 {
			f.share(t, id)
		}
	}
	f.check(t)
}

// The date to replace secrets by is that of all credentials of an application.
func testListFilterOfApplication(t *testing.T, s store.Store) {
	first, second := newCredential("a", "One"), newCredential("b", "Two")
	second.ApplicationID = first.ApplicationID
	insert(t, s, "w", first, nil)
	insert(t, s, "w", second, nil)
	today := paycor.DayOf(at(0))
	due := func() []string {
		return ids(list(t, s, "w", paycor.Query{Filter: paycor.Filter{Attention: listing.AttentionRotation}, Today: today}))
	}
	assert.Empty(t, due())
	for _, step := range []struct {
		rotateBy paycor.Day
		want     []string
	}{{today, []string{"a", "b"}}, {"", []string{}}} {
		update(t, s, func(tx store.Tx) error {
			c, err := tx.Credential("w", "a")
			require.NoError(t, err)
			version := c.Version
			c.RotateBy, c.Version = step.rotateBy, version+1
			return tx.UpdateCredential("w", c, version, nil)
		})
		assert.Equal(t, step.want, due(), "due by %q", step.rotateBy)
	}
	update(t, s, func(tx store.Tx) error {
		c, err := tx.Credential("w", "b")
		require.NoError(t, err)
		version := c.Version
		c.RotateBy, c.Version = today, version+1
		return tx.UpdateCredential("w", c, version, nil)
	})
	third := newCredential("c", "Three")
	third.ApplicationID = first.ApplicationID
	insert(t, s, "w", third, nil)
	assert.ElementsMatch(t, []string{"a", "b", "c"}, due(), "a new credential has its application's date")
}

// A cursor belongs to one sort and one direction.
func testCursorOfSort(t *testing.T, s store.Store) {
	for i := range 3 {
		insert(t, s, "w", newCredential(fmt.Sprint(i), "same"), nil)
	}
	orders := []paycor.Query{{Limit: 1}, {Limit: 1, Descending: true}, {Limit: 1, Sort: listing.ByState}, {Limit: 1, Sort: listing.ByState, Descending: true}, {Limit: 1, Sort: listing.ByRotateBy}}
	for i, order := range orders {
		cursor := list(t, s, "w", order).Next
		require.NotEmpty(t, cursor)
		for k, other := range orders {
			other.Cursor = cursor
			err := s.View(testContext(t), func(r store.Reader) error {
				_, err := r.Credentials("w", other, nil)
				return err
			})
			if i == k {
				assert.NoError(t, err)
			} else {
				assert.Equal(t, paycor.KindMalformed, paycor.KindOf(err))
			}
		}
	}
}

package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
)

func namesOf(items []paycor.Credential) string {
	var names []string
	for _, c := range items {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ")
}

// Of a change, the page reads the changed tile and the counts with one request, and nothing
// where neither changes.
func TestOnlyChangedTilesAreRead(t *testing.T) {
	of := func(action audit.Action, ids ...string) (changes []events.Change) {
		for _, id := range ids {
			changes = append(changes, events.Change{ID: id, Action: action})
		}
		return changes
	}
	alpha, beta, delta := sample("id1", "alpha"), sample("id2", "Beta"), sample("id4", "delta")
	for name, test := range map[string]struct {
		now     []paycor.Credential
		total   int
		next    string // cursor of the next page
		changes []events.Change
		read    [][]string // ids of each request; nil for the list or its count
		want    string
	}{
		"a tile":                {[]paycor.Credential{alpha, sample("id2", "Beta"), delta}, 3, "", of(audit.ActionVerify, "id2", "id2"), [][]string{{"id2"}}, "alpha Beta delta"},
		"several":               {[]paycor.Credential{alpha, beta, delta}, 3, "", of(audit.ActionVerify, "id2", "id1"), [][]string{{"id2", "id1"}}, "alpha Beta delta"},
		"not shown":             {[]paycor.Credential{alpha, beta, delta}, 4, "more", of(audit.ActionVerify, "id9"), [][]string{nil}, "alpha Beta delta"},
		"used, not shown":       {nil, 0, "more", of(audit.ActionToken, "id9"), nil, "alpha Beta delta"},
		"renamed":               {[]paycor.Credential{sample("id1", "Gamma"), beta, delta}, 3, "", of(audit.ActionUpdate, "id1"), [][]string{{"id1"}}, "Beta delta Gamma"},
		"renamed, out of sight": {[]paycor.Credential{sample("id1", "zeta"), beta, delta}, 4, "more", of(audit.ActionUpdate, "id1"), [][]string{{"id1"}}, "Beta delta"},
		"new":                   {[]paycor.Credential{alpha, beta, sample("id3", "CHARLIE"), delta}, 4, "", of(audit.ActionCreate, "id3"), [][]string{{"id3"}}, "alpha Beta CHARLIE delta"},
		"new, out of sight":     {[]paycor.Credential{alpha, beta, delta, sample("id3", "zeta")}, 5, "more", of(audit.ActionCreate, "id3"), [][]string{{"id3"}}, "alpha Beta delta"},
		"deleted":               {[]paycor.Credential{alpha, delta}, 2, "", of(audit.ActionDelete, "id2"), [][]string{{"id2"}}, "alpha delta"},
		"no longer shared":      {[]paycor.Credential{alpha, delta}, 2, "", of(audit.ActionShare, "id2"), [][]string{{"id2"}}, "alpha delta"},
		"deleted, out of sight": {[]paycor.Credential{alpha, beta, delta}, 3, "more", of(audit.ActionDelete, "id9"), [][]string{nil}, "alpha Beta delta"},
		"shared with me":        {[]paycor.Credential{alpha, beta, delta}, 3, "", of(audit.ActionShare, "id9"), [][]string{{"id9"}}, "alpha Beta delta"},
		"missed":                {[]paycor.Credential{beta}, 1, "", []events.Change{{Missed: true}}, [][]string{nil}, "Beta"},
		"a token":               {nil, 0, "", of(audit.ActionToken, ""), nil, "alpha Beta delta"},
	} {
		t.Run(name, func(t *testing.T) {
			start := startList(sample("id1", "alpha"), sample("id2", "Beta"), sample("id4", "delta"))
			start.List.Next = test.next
			p, service, _ := newTestPage(start)
			service.page = paycor.CredentialPage{Credentials: test.now, Total: test.total}
			p.screen.apply(test.changes)
			var read [][]string
			for _, query := range service.searches {
				read = append(read, query.IDs)
			}
			assert.Equal(t, test.read, read)
			assert.Equal(t, test.want, namesOf(p.list.items))
			if len(test.read) > 0 && test.read[len(test.read)-1] == nil || test.next == "" && test.now != nil {
				assert.Equal(t, test.total, p.list.total)
			}
		})
	}
}

// Changes that come during a request are applied after it, because its response may be
// older.
func TestChangesWaitForARequest(t *testing.T) {
	p, service, _ := newTestPage(startList(sample("id1", "Alpha")))
	var pending []func()
	p.loop.Async = func(do func()) { pending = append(pending, do) }
	p.list.refresh()
	p.screen.apply([]events.Change{{ID: "id1", Action: audit.ActionVerify}})
	require.Len(t, pending, 1)
	service.page = paycor.CredentialPage{Credentials: []paycor.Credential{sample("id1", "Alpha")}, Total: 1}
	pending[0]()
	require.Len(t, pending, 2)
	pending[1]()
	assert.Equal(t, []string{"id1"}, service.searches[1].IDs)
	assert.Zero(t, p.list.busy)
}

// The selection follows its credential, and ends with it.
func TestTheSelectionFollowsChanges(t *testing.T) {
	p, service, _ := newTestPage(startList(sample("id1", "Alpha"), sample("id2", "Beta")))
	p.list.next = "more"
	p.list.selectCredential("id2")
	service.page = paycor.CredentialPage{Credentials: []paycor.Credential{sample("id1", "Alpha"), sample("id2", "Aaron")}, Total: 2}
	p.screen.apply([]events.Change{{ID: "id2", Action: audit.ActionUpdate}})
	assert.Equal(t, "Aaron", p.list.selected.Name)
	service.page.Credentials = slices.Clone(service.page.Credentials[:1])
	p.screen.apply([]events.Change{{ID: "id2", Action: audit.ActionDelete}})
	assert.Empty(t, p.list.selected.ID)
	assert.Contains(t, render(t, p).ID(t, "status").Text(), "deleted by someone else")
}

// Of a list that is filtered and sorted, the server says whether a changed credential
// belongs to it, and its place is that of the sort.
func TestChangesOfAFilteredList(t *testing.T) {
	rejected := func(id, name string, used int) paycor.Credential {
		c := sample(id, name)
		c.State, c.LastUsedAt = paycor.StateRejected, noon.Add(time.Duration(used)*time.Hour)
		return c
	}
	start := startList(rejected("id1", "Alpha", 3), rejected("id2", "Beta", 2))
	start.Query = "sort=-last_used&state=rejected"
	p, service, _ := newTestPage(start)
	service.page = paycor.CredentialPage{Credentials: []paycor.Credential{rejected("id1", "Alpha", 3), rejected("id3", "Coda", 5)}, Total: 2}
	p.list.selectCredential("id2")
	p.screen.apply([]events.Change{{ID: "id3", Action: audit.ActionVerify}, {ID: "id2", Action: audit.ActionVerify}})
	require.Len(t, service.searches, 1)
	assert.Equal(t, []string{"id3", "id2"}, service.searches[0].IDs)
	assert.Equal(t, paycor.StateRejected, service.searches[0].Filter.State)
	assert.True(t, service.searches[0].WithCounts)
	assert.Equal(t, "Coda Alpha", namesOf(p.list.items))
	assert.Equal(t, 2, p.list.total)
	assert.Equal(t, "Beta", p.list.selected.Name, "a selection stays when the filter no longer shows it")
	p.screen.apply([]events.Change{{ID: "id2", Action: audit.ActionDelete}})
	assert.Empty(t, p.list.selected.ID)

	p.list.next = "more" // the counts do not say how many match
	service.searches = nil
	service.page.Total = 7
	p.screen.apply([]events.Change{{ID: "id1", Action: audit.ActionUpdate}})
	require.Len(t, service.searches, 2)
	assert.Empty(t, service.searches[1].IDs)
	assert.Equal(t, 7, p.list.total)
}

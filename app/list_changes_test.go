package app

import (
	"slices"
	"strings"
	"testing"

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

// Of a change, the page reads the changed tile only, and nothing where no tile changes.
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
		"not shown":             {[]paycor.Credential{alpha, beta, delta}, 4, "more", of(audit.ActionVerify, "id9"), nil, "alpha Beta delta"},
		"renamed":               {[]paycor.Credential{sample("id1", "Gamma"), beta, delta}, 3, "", of(audit.ActionUpdate, "id1"), [][]string{{"id1"}}, "Beta delta Gamma"},
		"renamed, out of sight": {[]paycor.Credential{sample("id1", "zeta"), beta, delta}, 4, "more", of(audit.ActionUpdate, "id1"), [][]string{{"id1"}}, "Beta delta"},
		"new":                   {[]paycor.Credential{alpha, beta, sample("id3", "CHARLIE"), delta}, 4, "", of(audit.ActionCreate, "id3"), [][]string{{"id3"}, nil}, "alpha Beta CHARLIE delta"},
		"new, out of sight":     {[]paycor.Credential{alpha, beta, delta, sample("id3", "zeta")}, 5, "more", of(audit.ActionCreate, "id3"), [][]string{{"id3"}, nil}, "alpha Beta delta"},
		"deleted":               {[]paycor.Credential{alpha, delta}, 2, "", of(audit.ActionDelete, "id2"), [][]string{{"id2"}}, "alpha delta"},
		"no longer shared":      {[]paycor.Credential{alpha, delta}, 2, "", of(audit.ActionShare, "id2"), [][]string{{"id2"}}, "alpha delta"},
		"deleted, out of sight": {[]paycor.Credential{alpha, beta, delta}, 3, "more", of(audit.ActionDelete, "id9"), [][]string{nil}, "alpha Beta delta"},
		"shared with me":        {[]paycor.Credential{alpha, beta, delta}, 3, "", of(audit.ActionShare, "id9"), [][]string{nil}, "alpha Beta delta"},
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

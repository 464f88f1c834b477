package app

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/listing"
)

// fleet starts the list of 42 credentials, of which some need attention.
func fleet(query string) api.Start {
	start := startList(sample("id1", "Alpha"), sample("id2", "Beta"))
	start.Query = query
	start.List.Counts = &listing.Counts{
		Total: 42, NeedsAttention: 9, RotateSoon: 4,
		States:       map[string]int{"rejected": 7, "needs_activation": 0, "not_reachable": 0, "not_verified": 3, "verified": 32},
		Environments: map[string]int{"production": 30, "sandbox": 12},
		Tags:         []listing.Count{{Name: "bakery", Credentials: 5}, {Name: "payroll", Credentials: 8}},
		Owners:       []listing.Count{{Name: "Ann Example", Credentials: 42}},
	}
	return start
}

func TestTheListCountsWhatItFilters(t *testing.T) {
	p, _, _ := newTestPage(fleet("state=rejected&q=a"))
	page := render(t, p)
	for id, want := range map[string]string{
		"filter-all": "All 42", "filter-attention": "Needs attention 9", "filter-rejected": "Rejected 7", "filter-needs_activation": "Needs activation 0",
		"filter-not_reachable": "Not reachable 0", "filter-not_verified": "Not verified 3", "filter-rotation": "Rotate soon 4",
	} {
		assert.Equal(t, want, page.ID(t, id).Text())
	}
	assert.False(t, page.Has("filter-verified"))
	assert.Equal(t, "true", page.ID(t, "filter-rejected").Attribute("aria-current"))
	assert.Empty(t, page.ID(t, "filter-all").Attribute("aria-current"))
	assert.Equal(t, "/?attention=any&q=a", page.ID(t, "filter-attention").Attribute("href"), "the search stays, the state is another choice")
	assert.Equal(t, "/?q=a", page.ID(t, "filter-all").Attribute("href"))
	assert.Equal(t, "a", page.ID(t, searchID).Attribute("value"))
	assert.True(t, page.Has(filterEnvironmentID) && page.Has(filterTagID) && page.Has(sortID))
	assert.False(t, page.Has(filterOwnerID), "there is one owner only")
	assert.Len(t, page.All(func(n domtest.Tree) bool { return n.Attribute("id") == addID }), 1)

	verified, _, _ := newTestPage(fleet("state=verified"))
	assert.Equal(t, "Verified 32", render(t, verified).ID(t, "filter-verified").Text())
}

func TestFewCredentialsNeedNoFilters(t *testing.T) {
	start := fleet("")
	start.List.Counts.Total = maxUnfiltered
	few, _, _ := newTestPage(start)
	page := render(t, few)
	assert.False(t, page.Has("filter-all") || page.Has(sortID))
	assert.Contains(t, page.ID(t, addID).Attribute("class"), "tile")
	start.Query = "state=rejected" // a shared link
	p, service, _ := newTestPage(start)
	service.counts = *start.List.Counts
	page = render(t, p)
	require.True(t, page.Has("show-all"), "it can be undone")
	p.list.filters.open(p.list.filters.everything())
	assert.False(t, render(t, p).Has("filter-all"))
}

func TestFiltersAreInTheAddress(t *testing.T) {
	p, service, document := newTestPage(fleet(""))
	service.counts = *p.list.filters.counts
	p.list.filters.choose(sortID, "-last_used")
	p.list.filters.choose(filterTagID, optionOf("bakery"))
	assert.Equal(t, []string{"/?sort=-last_used", "/?sort=-last_used&tag=bakery"}, document.History)
	assert.Equal(t, paycor.Filter{Tag: "bakery"}, service.searches[1].Filter)
	assert.Equal(t, listing.ByLastUsed, service.searches[1].Sort)
	assert.Equal(t, optionOf("bakery"), document.Values[filterTagID])
	assert.Equal(t, 9, document.Attention)

	p.list.searchFor("caf")
	assert.Equal(t, "/?q=caf&sort=-last_used&tag=bakery", document.Address)
	assert.Len(t, document.History, 2, "typing makes no history")

	p.list.choosePurpose(paycor.PurposeDestination)
	assert.Equal(t, "/?purpose=destination&q=caf&sort=-last_used&tag=bakery", document.Address)

	service.searches = nil
	p.list.filters.showAddress("sort=-last_used")
	assert.Equal(t, []paycor.Query{{Sort: listing.ByLastUsed, Descending: true, Limit: pageSize, WithCounts: true}}, service.searches)
	assert.Empty(t, document.Values[searchID])
	assert.Equal(t, paycor.PurposeSource, p.list.purpose)
	p.list.filters.showAddress("sort=-last_used")
	assert.Len(t, service.searches, 1, "going to another part of the page reads nothing")
}

// Each letter would render the whole list again otherwise, while the person types.
func TestOnlyTheLastLetterSearches(t *testing.T) {
	p, service, _ := newTestPage(fleet(""))
	var later []func()
	var rendered []bool
	p.loop.Async = func(do func()) { later = append(later, do) }
	p.loop.UpdateIf = func(do func() bool) { rendered = append(rendered, do()) }
	p.list.searchFor("c")
	p.list.searchFor("ca")
	p.loop.Async = func(do func()) { do() }
	for _, do := range later {
		do()
	}
	assert.Equal(t, []bool{false, true}, rendered)
	require.Len(t, service.searches, 1)
	assert.Equal(t, "ca", service.searches[0].Search)
}

// A choice that was made before the program ran is taken.
func TestAnEarlyChoiceIsTaken(t *testing.T) {
	p, service, document := newTestPage(fleet(""))
	document.Values = map[string]string{sortID: "state", filterTagID: optionAll, filterEnvironmentID: optionAll}
	p.list.restore("", "", "")
	require.Len(t, service.searches, 1)
	assert.Equal(t, listing.ByState, service.searches[0].Sort)
}

func TestEmptyResultsSayWhatToDo(t *testing.T) {
	for query, want := range map[string]string{
		"attention=any":       say("list.no-attention"),
		"state=rejected":      say("list.no-match"),
		"state=rejected&q=zz": say("list.no-hit", "zz"),
		"q=zz":                say("list.no-hit", "zz"),
	} {
		start := fleet(query)
		start.List.Credentials, start.List.Total = nil, 0
		p, _, _ := newTestPage(start)
		page := render(t, p)
		assert.Contains(t, page.ID(t, "notice").Text(), want)
		assert.Equal(t, "/", page.ID(t, "show-everything").Attribute("href"))
		assert.False(t, page.Has("show-all"), "one way is enough")
		assert.Equal(t, say("list.some", "0", "42"), page.ID(t, "list-count").Text())
	}
}

// A credential that was just saved is seen, whatever was filtered.
func TestASavedCredentialIsSeen(t *testing.T) {
	p, service, document := newTestPage(fleet("state=rejected&sort=state"))
	p.list.addSaved(sample("id9", "New"))
	require.Len(t, service.searches, 1)
	assert.Equal(t, paycor.Query{Sort: listing.ByState, Limit: pageSize, WithCounts: true}, service.searches[0])
	assert.Equal(t, "/?sort=state", document.Address)
}

func TestCredentialsOfOneNameAreToldApart(t *testing.T) {
	p, _, _ := newTestPage(startList(sample("id1", "Alpha"), sample("id2", "ALPHA"), sample("id3", "Beta")))
	p.list.selectCredential("id1")
	assert.Contains(t, render(t, p).ID(t, "unchosen").Text(), say("list.which", "Sandbox", say("entity", "654321")))
	p.list.selectCredential("id3")
	assert.NotContains(t, render(t, p).ID(t, "unchosen").Text(), "Sandbox")
}

func TestATileShowsFewTags(t *testing.T) {
	tagged := sample("id1", "Alpha")
	tagged.Tags = "a, b, c, d, e"
	p, _, _ := newTestPage(startList(tagged))
	text := render(t, p).Text()
	assert.Contains(t, text, "a b c "+say("tags.more.other", "2"))
}

package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/paycortest"
)

// saveFleet saves some credentials: one rejected, one to rotate soon, and others that were
// never verified, two of them with one name.
func saveFleet(t testing.TB, p *program, others int) {
	t.Helper()
	bakery, harbor := sample(t, paycortest.SunriseBakery).body(t), sample(t, paycortest.HarborLogistics).body(t)
	p.save(bakery.with("name", "Broken key").with("client_secret", wrongSecret).with("tags", []string{"payroll"}).with("owner", "Ann Example"), "")
	p.save(harbor.with("name", "Café timesheets").with("tags", []string{"bakery", "nightly", "payroll", "warehouse"}).with("owner", "Data team").
		with("rotate_by", string(paycor.DayOf(time.Now()))), "?verify=false")
	for i := range others {
		p.save(bakery.with("name", fmt.Sprintf("Branch N%02d", i/2)).with("legal_entity_id", 700000+i), "?verify=false")
	}
}

// shownTiles returns the names on the tiles, in order.
func (b *tab) shownTiles() []string {
	b.t.Helper()
	return eval[[]string](b, `[...document.querySelectorAll(".tile:not(.tile-add) .tile-name")].map(e => e.textContent)`)
}

// listIs waits until the tiles have these names.
func (b *tab) listIs(names ...string) {
	b.t.Helper()
	b.until("the tiles "+strings.Join(names, ", "), func() bool { return strings.Join(b.shownTiles(), ", ") == strings.Join(names, ", ") })
}

// scrollAway scrolls to the end of the page.
func (b *tab) scrollAway() {
	b.t.Helper()
	eval[any](b, `scrollTo(0, document.body.scrollHeight), null`)
	b.awaitPaint()
}

// Filters, sort and search are in the address: it can be shared, and Back and Forward
// work.
func TestTheListIsFilteredByItsAddress(t *testing.T) {
	t.Parallel()
	p := start(t)
	saveFleet(t, p, 8)
	b := open(t, p).signIn()
	b.until("the title", func() bool {
		return eval[string](b, `document.title`) == "(2) "+say("authenticate")+" · "+say("brand")
	})
	assert.Contains(t, eval[string](b, `document.querySelector("link[rel=icon]").href`), "attention")
	at := func(query string) {
		t.Helper()
		b.until("the address "+query, func() bool { return b.address() == p.address+"/"+query })
	}

	b.press("link", "Rejected 1")
	at("?state=rejected")
	b.listIs("Broken key")
	b.status(say("list.some", "1", "10"))
	b.press("link", "Needs attention 2")
	b.listIs("Broken key", "Café timesheets")
	on[any](b, b.get("combobox", say("list.sort")), `function() { this.value = "state"; this.dispatchEvent(new Event("change", {bubbles: true})) }`)
	at("?attention=any&sort=state")
	on[any](b, b.get("combobox", say("list.sort")), `function() { this.value = "-name"; this.dispatchEvent(new Event("change", {bubbles: true})) }`)
	b.listIs("Café timesheets", "Broken key")
	b.press("searchbox", say("search"))
	b.key("cafe")
	at("?attention=any&q=cafe&sort=-name")
	b.listIs("Café timesheets")

	eval[any](b, `history.back(), null`)
	at("?attention=any&sort=state")
	b.listIs("Broken key", "Café timesheets")
	assert.Equal(t, "state", on[string](b, b.get("combobox", say("list.sort")), `function() { return this.value }`))
	assert.Empty(t, eval[string](b, `document.getElementById("search").value`))
	eval[any](b, `history.back(), history.back(), null`)
	at("?state=rejected")
	b.listIs("Broken key")
	eval[any](b, `history.go(3), null`)
	at("?attention=any&q=cafe&sort=-name")
	b.listIs("Café timesheets")

	again := b.another()
	again.visit("/?attention=any&q=cafe&sort=-name")
	assert.Equal(t, []string{"Café timesheets"}, again.shownTiles(), "a shared address shows the same")
	assert.Equal(t, "cafe", eval[string](again, `document.getElementById("search").value`))
	again.press("link", say("list.show-all"))
	again.until("all", func() bool { return len(again.shownTiles()) == 10 })
	assert.Equal(t, p.address+"/?sort=-name", again.address())
	again.visit("/?state=nonsense")
	assert.Len(t, again.shownTiles(), 10)
	assert.Equal(t, "true", on[string](again, again.get("link", "All 10"), `function() { return this.getAttribute("aria-current") }`))
}

// What others change moves counts, title and tiles, with one request for each change.
func TestCountsFollowChanges(t *testing.T) {
	t.Parallel()
	p := start(t)
	saveFleet(t, p, 8)
	bakery := sample(t, paycortest.SunriseBakery)
	b := open(t, p).signIn()
	b.press("link", "Rejected 1")
	b.listIs("Broken key")
	var broken paycor.CredentialPage
	p.api("GET", "/credentials?state=rejected", nil).into(t, &broken)
	p.api("PATCH", "/credentials/"+broken.Credentials[0].ID, body{"client_secret": bakery.ClientSecret})
	b.listIs()
	b.get("link", "Rejected 0")
	b.seesText(say("list.no-match"))
	b.until("the title", func() bool { return strings.HasPrefix(eval[string](b, `document.title`), "(1) ") })
	b.press("link", say("list.show-all"))
	b.until("all", func() bool { return len(b.shownTiles()) == 10 })
}

// A filter that is pressed before the program runs is a link, and a choice made then counts.
func TestTheListIsFilteredBeforeTheProgramRuns(t *testing.T) {
	t.Parallel()
	p := start(t)
	saveFleet(t, p, 8)
	b := open(t, p)
	b.hold(wasmFiles)
	b.enter()
	on[any](b, b.get("combobox", say("list.sort")), `function() { this.value = "-name" }`)
	b.release()
	b.mounted()
	b.until("the sort", func() bool { return b.address() == p.address+"/?sort=-name" })
	assert.Equal(t, "/?sort=-name&state=rejected", on[string](b, b.get("link", "Rejected 1"), `function() { return this.getAttribute("href") }`))
}

// Add Credential stays in reach, and nothing that has the focus is under a bar.
func TestAddCredentialStaysInReach(t *testing.T) {
	t.Parallel()
	p := start(t)
	saveFleet(t, p, 24)
	b := open(t, p).signIn()
	for _, width := range []int64{320, 1440} {
		b.size(width, 700)
		b.scrollAway()
		assert.True(t, eval[bool](b, `(() => { const r = document.getElementById("add").getBoundingClientRect();
			return scrollY > 200 && r.top >= 0 && r.bottom < innerHeight && document.elementFromPoint(r.left + 5, r.top + 5).closest("#add") !== null })()`), "%d px", width)
		hidden := eval[[]string](b, `[...document.querySelectorAll("#tiles a")].filter(a => { a.focus(); const r = a.getBoundingClientRect();
			const at = document.elementFromPoint(r.left + 2, r.top + r.height / 2); return !at || !at.closest("a, .tile") }).map(a => a.href)`)
		assert.Empty(t, hidden, "%d px: links with the focus that a bar covers", width)
	}
	b.press("button", say("add"))
	b.get("dialog", say("add.title"))
}

// A frame has the filters, and the embedding site's history and address stay its own.
func TestTheListIsFilteredInAFrame(t *testing.T) {
	t.Parallel()
	p := start(t)
	saveFleet(t, p, 8)
	c := newConsole(t, p, "view,edit")
	b := visitHost(t, p, chrom, c.address)
	before := eval[int](b, `history.length`)
	address, title := b.address(), eval[string](b, `document.title`)
	b.mount(``)
	f := b.frame(p)
	b.waitForMessage("ready")
	f.press("button", "Rejected 1")
	f.listIs("Broken key")
	assert.Equal(t, "true", f.get("button", "Rejected 1").property("pressed"))
	f.press("button", say("list.show-all"))
	f.until("all", func() bool { return len(f.shownTiles()) == 10 })
	assert.Equal(t, before, eval[int](b, `history.length`))
	assert.Equal(t, address, b.address())
	assert.Equal(t, title, eval[string](b, `document.title`))
	assert.NotContains(t, f.address(), "state")
}

// A link to a filtered list opens in another tab like any other link.
func TestAFilterOpensInAnotherTab(t *testing.T) {
	t.Parallel()
	p := start(t)
	saveFleet(t, p, 8)
	b := open(t, p).signIn()
	eval[any](b, `addEventListener("click", e => { window.kept = e.defaultPrevented; e.preventDefault() }), null`)
	link := b.get("link", "Rejected 1")
	on[any](b, link, `function() { this.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true, ctrlKey: true})) }`)
	require.False(t, eval[bool](b, `window.kept`))
	on[any](b, link, `function() { this.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true})) }`)
	require.True(t, eval[bool](b, `window.kept`))
	b.listIs("Broken key")
}

// The table is for managing many credentials: it has pages, sorts by its heads, and saves
// what it shows as a file.
func TestTheTable(t *testing.T) {
	t.Parallel()
	p := start(t)
	saveFleet(t, p, 60)
	b := open(t, p).signIn()
	b.press("link", say("list.view.table"))
	b.get("heading", say("tiles"))
	b.until("the address", func() bool { return b.address() == p.address+"/?view=table" })
	rows := func() []string {
		return eval[[]string](b, `[...document.querySelectorAll("tbody th a")].map(e => e.textContent)`)
	}
	b.until("a page", func() bool { return len(rows()) == 50 })
	b.status(say("list.range", "1", "50", "62"))
	b.press("button", say("list.next-page"))
	b.until("the other page", func() bool { return len(rows()) == 12 })
	b.status(say("list.range", "51", "62", "62"))
	b.press("button", say("list.previous"))
	b.until("the first page", func() bool { return len(rows()) == 50 })
	b.press("link", say("list.column.state"))
	b.until("the worst first", func() bool { return rows()[0] == "Broken key" })
	assert.Equal(t, "ascending", on[string](b, b.get("columnheader", say("list.column.state")), `function() { return this.getAttribute("aria-sort") }`))
	b.press("link", "Rejected 1")
	b.until("one", func() bool { return strings.Join(rows(), "") == "Broken key" })
	assert.Equal(t, p.address+"/?sort=state&state=rejected&view=table", b.address())

	eval[any](b, `window.saved = null, URL.createObjectURL = (blob) => { window.saved = blob; return "#" }, null`)
	b.press("button", say("list.export"))
	b.status(say("list.exported.one"))
	text := eval[string](b, `window.saved.text()`)
	assert.Contains(t, text, "Broken key")
	assert.NotContains(t, text, wrongSecret)

	b.press("link", "Broken key")
	b.get("heading", "Broken key")
	b.mounted()
	eval[any](b, `history.back(), null`)
	b.until("the table again", func() bool {
		return b.address() == p.address+"/?sort=state&state=rejected&view=table" && strings.Join(rows(), "") == "Broken key"
	})
}

// A list that could not be read is read again once the network is back. The connection for
// events may have outlived that, and reports nothing.
func TestAListOnceTheNetworkIsBack(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	p.save(sample(t, paycortest.SummitDental).body(t), "?verify=false")
	b := open(t, p).signIn()
	b.watch.expect("net::ERR_INTERNET_DISCONNECTED")
	offline := func(is bool) {
		call(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: is, DownloadThroughput: -1, UploadThroughput: -1}},
		})
		call(b, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: is, DownloadThroughput: -1, UploadThroughput: -1})
	}
	offline(true)
	b.press("searchbox", say("search"))
	b.paste("sunrise")
	b.seesText(say("list.failed"))
	offline(false)
	b.listIs("Sunrise Bakery")
}

// Several credentials are tagged, verified and deleted at once. What fails stays selected.
func TestSeveralCredentialsAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t)
	saveFleet(t, p, 60)
	b := open(t, p).signIn()
	b.visit("/?view=table&q=branch")
	b.press("checkbox", say("list.select-page"))
	b.seesText(say("list.selected.other", "50"))
	b.press("button", say("list.select-all", "60"))
	b.seesText(say("list.selected.other", "60"))
	b.press("button", say("bulk.tag"))
	b.get("dialog", say("bulk.title", say("bulk.tag"), "60"))
	b.focusOn("textbox", say("label.tags"))
	b.key("Branch, west")
	b.press("button", say("bulk.tag"))
	b.status(say("bulk.done.tag.other", "60"))
	b.focusOn("button", say("bulk.dismiss"))
	var tagged paycor.CredentialPage
	p.api("GET", "/credentials?tag=west", nil).into(t, &tagged)
	assert.Equal(t, 60, tagged.Total)
	assert.Equal(t, paycor.Tags("branch, west"), tagged.Credentials[0].Tags)

	b.visit("/?view=table&q=broken")
	b.press("checkbox", "~Broken key")
	b.press("button", say("bulk.verify"))
	b.status(say("bulk.done.verify.one"))
	b.press("DisclosureTriangle", say("bulk.all"))
	b.seesText("Broken key", say("state.rejected"))

	b.visit("/?view=table&q=branch")
	b.press("checkbox", "~700000")
	b.press("checkbox", "~700001")
	b.press("button", say("bulk.delete"))
	b.get("dialog", say("bulk.title", say("bulk.delete"), "2"))
	b.key("3")
	b.key(kb.Enter)
	b.alert(say("bulk.delete-mismatch", "2"))
	b.fill(say("bulk.delete-label", "2"), "2")
	b.press("button", say("bulk.delete"))
	b.status(say("bulk.done.delete.other", "2"))
	assert.Len(t, p.names(), 60)

	// One that somebody deletes meanwhile fails by itself.
	b.visit("/?view=table&q=branch")
	b.press("checkbox", "~700002")
	b.press("checkbox", "~700003")
	b.press("button", say("bulk.rotate_by"))
	b.get("dialog", say("bulk.title", say("bulk.rotate_by"), "2"))
	var gone paycor.CredentialPage
	p.api("GET", "/credentials?q=700002", nil).into(t, &gone)
	b.watch.expect("status of 404")
	p.api("DELETE", "/credentials/"+gone.Credentials[0].ID, nil)
	eval[any](b, `document.getElementById("bulk-rotate_by").value = "2031-05-06", null`)
	b.press("button", say("bulk.rotate_by"))
	b.status(say("bulk.partly", say("bulk.rotate_by"), "1", "2"))
	b.seesText(say("bulk.stay-selected"))
}

// An import says first what it would change, and adds credentials to an application.
func TestAnImport(t *testing.T) {
	t.Parallel()
	p := start(t)
	saveFleet(t, p, 4)
	var all paycor.CredentialPage
	p.api("GET", "/credentials?q=700000", nil).into(t, &all)
	one := all.Credentials[0]
	b := open(t, p).signIn()
	b.visit("/?view=table")
	b.press("button", say("import"))
	b.get("dialog", say("import.title"))
	b.press("button", say("import.check"))
	b.alert(say("import.unreadable"))
	text := "id,application_id,name,tags,legal_entity_id\n" + one.ID + ",,Renamed,west," + fmt.Sprint(one.LegalEntityID) + "\n," + one.ApplicationID + ",Added by import,west,712345\ncred_00000000000000000000000000,,Gone,,1\n"
	eval[any](b, fmt.Sprintf(`(() => { const files = new DataTransfer(), input = document.getElementById("import-file");
		files.items.add(new File([%q], "import.csv")); input.files = files.files; input.dispatchEvent(new Event("change", {bubbles: true})) })()`, text))
	b.seesText(say("import.counts", "2", "0", "1"))
	assert.NotContains(t, p.names(), "Renamed", "nothing is changed yet")
	b.press("button", say("import.go.other", "2"))
	b.status(say("bulk.done.import.other", "2"))
	names := p.names()
	assert.Contains(t, names, "Renamed")
	assert.Contains(t, names, "Added by import")
	assert.Len(t, names, 7)
}

// listScenes are the list of a fleet.
func listScenes(p *program) []scene {
	return []scene{
		{"list with filters", func(b *tab) {
			saveFleet(b.t, p, 8)
			b.visit("/")
			b.get("link", "Rejected 2")
		}},
		{"list with filters, one chosen", func(b *tab) { b.press("link", "~"+say("list.filter.attention")); b.status("of") }},
		{"list with filters, two of one name", func(b *tab) {
			b.visit("/?q=branch&sort=-verified")
			b.press("radio", "~700000")
			b.seesText("Selected:", "700000")
		}},
		{"list with filters, nothing found", func(b *tab) { b.visit("/?state=needs_activation&tag=bakery"); b.seesText(say("list.no-match")) }},
		{"list as a table", func(b *tab) { b.visit("/?view=table&sort=-verified"); b.get("heading", say("tiles")) }},
		{"list as a table, some selected", func(b *tab) {
			b.press("checkbox", "~Harbor Logistics")
			b.press("checkbox", "~Test kitchen")
			b.seesText(say("list.selected.other", "2"))
		}},
		{"list as a table, tags to add", func(b *tab) { b.press("button", say("bulk.tag")); b.get("dialog", "~"+say("bulk.tag")) }},
		{"list as a table, credentials to delete", func(b *tab) {
			b.press("button", say("cancel"))
			b.press("button", say("bulk.delete"))
			b.get("dialog", "~"+say("bulk.delete"))
		}},
		{"list as a table, verified", func(b *tab) {
			b.press("button", say("cancel"))
			b.press("button", say("bulk.verify"))
			b.get("button", say("bulk.dismiss"))
		}},
		{"import", func(b *tab) { b.press("button", say("import")); b.get("dialog", say("import.title")) }},
		{"import with a plan", func(b *tab) {
			b.fill(say("import.text"), "id,name\ncred_00000000000000000000000000,Gone\n")
			b.press("button", say("import.check"))
			b.seesText(say("import.counts", "0", "0", "1"))
		}},
		{"list as a table, nothing found", func(b *tab) { b.visit("/?view=table&q=zzz"); b.seesText(beginning("list.no-hit")) }},
	}
}

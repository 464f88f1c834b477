package app

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/verdicts"
)

func TestTheTableHasARowForEachCredential(t *testing.T) {
	start := fleet("view=table&sort=-last_used&state=rejected")
	broken := sample("id1", "Alpha").WithVerdict(verdicts.CodeClientRejected.Verdict())
	broken.Tags, broken.Owner, broken.RotateBy, broken.LastUsedAt = "bakery, payroll", "Ann", "2026-03-10", noon
	start.List.Credentials[0] = broken
	p, _, _ := newTestPage(start)
	page := render(t, p)
	rows := page.Tags("tbody")[0].Tags("tr")
	require.Len(t, rows, 2)
	text := rows[0].Text()
	for _, want := range []string{"Alpha", "Rejected: Client ID or Client Secret", "Sandbox", "654321", "bakery", "Ann", say("ago.now"), "Mar 10, 2026"} {
		assert.Contains(t, text, want)
	}
	assert.Equal(t, "/credentials/id1", page.ID(t, rowID("id1")).Attribute("href"))
	head := page.All(func(n domtest.Tree) bool { return n.Data == "th" && n.Attribute("aria-sort") != "" })
	require.Len(t, head, 1)
	assert.Equal(t, "descending", head[0].Attribute("aria-sort"))
	assert.Equal(t, "/?sort=last_used&state=rejected&view=table", page.ID(t, "by-used").Attribute("href"), "pressed again, it sorts the other way")
	assert.Equal(t, "/?sort=state&state=rejected&view=table", page.ID(t, "by-state").Attribute("href"))
	assert.Equal(t, "/?sort=-last_used&state=rejected", page.ID(t, "view-tiles").Attribute("href"))
	assert.False(t, page.Has("continue"), "the table is for managing")
}

func TestTheTableHasPages(t *testing.T) {
	start := fleet("view=table")
	start.List.Next, start.List.Total = "second", 120
	p, service, document := newTestPage(start)
	service.page = paycor.CredentialPage{Credentials: []paycor.Credential{sample("id3", "Coda"), sample("id5", "Epsilon")}, Next: "third", Total: 120}
	assert.Equal(t, say("list.range", "1", "2", "120"), render(t, p).ID(t, "list-count").Text())
	p.list.table.turn(true)
	require.Len(t, service.searches, 1)
	assert.Equal(t, "second", service.searches[0].Cursor)
	assert.Equal(t, api.TablePage, service.searches[0].Limit)
	assert.Equal(t, "Coda Epsilon", namesOf(p.list.items))
	assert.Equal(t, "table", document.HasFocus)
	assert.Equal(t, say("list.range", "51", "52", "120"), render(t, p).ID(t, "list-count").Text())

	// What belongs before this page or after it is not on it.
	for _, name := range []string{"Aaron", "Zeta"} {
		service.page.Credentials = append(service.page.Credentials, sample("id9", name))
		p.screen.apply([]events.Change{{ID: "id9", Action: audit.ActionCreate}})
		assert.Equal(t, "Coda Epsilon", namesOf(p.list.items))
		service.page.Credentials = service.page.Credentials[:2]
	}
	p.list.table.turn(false)
	assert.Empty(t, service.searches[len(service.searches)-1].Cursor)
	p.list.table.turn(true)
	p.list.filters.narrow(paycor.Query{Filter: paycor.Filter{State: paycor.StateRejected}})
	assert.Empty(t, service.searches[len(service.searches)-1].Cursor, "another list begins with its first page")
	p.list.refresh()
	assert.Len(t, service.searches, 7, "one request reads a page or a change")
}

func TestTheExportHasEveryPage(t *testing.T) {
	start := fleet("view=table&tag=bakery")
	p, service, document := newTestPage(start)
	evil := sample("id1", `=HYPERLINK("http://x")`)
	evil.Description, evil.Tags, evil.Owner = "two\nlines, \"quoted\"", "bakery, payroll", "+1 555"
	service.page = paycor.CredentialPage{Credentials: []paycor.Credential{evil}, Next: "more"}
	pages := 0
	service.paged = func() paycor.CredentialPage {
		pages++
		if pages == 1 {
			return service.page
		}
		return paycor.CredentialPage{Credentials: []paycor.Credential{sample("id2", "Plain")}}
	}
	p.list.table.export()
	require.Equal(t, "credentials.csv", document.Downloaded)
	assert.Equal(t, "bakery", service.searches[0].Filter.Tag)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(document.File, "\ufeff"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 3)
	assert.Equal(t, exportColumns, rows[0])
	assert.Equal(t, `'=HYPERLINK("http://x")`, rows[1][2])
	assert.Equal(t, evil.Description, rows[1][3])
	assert.Equal(t, "'+1 555", rows[1][10])
	assert.Equal(t, "id2", rows[2][0])
	assert.NotContains(t, strings.Join(exportColumns, " "), "secret")
	assert.Contains(t, render(t, p).ID(t, "status").Text(), say("list.exported.other", "2"))

	document.Downloaded = ""
	service.err = errors.New("down")
	p.list.table.export()
	assert.Empty(t, document.Downloaded)
	assert.False(t, p.list.table.exporting)
}

func TestSortsOfTheTableTurnAround(t *testing.T) {
	p, _, _ := newTestPage(fleet("view=table"))
	assert.True(t, p.list.table.sortedBy(listing.ByName).query.Descending, "by name is what it is sorted by at first")
	assert.False(t, p.list.table.sortedBy(listing.ByState).query.Descending)
}

// The keys of a grid move the focus among the links of the rows, and among their checkboxes.
func TestArrowKeysMoveThroughTheTable(t *testing.T) {
	p, _, _ := newTestPage(fleet("view=table"))
	many := make([]paycor.Credential, 15)
	for i := range many {
		many[i] = sample(fmt.Sprint("id", i), fmt.Sprint("Store ", i))
	}
	p.list.items = many
	for _, test := range []struct{ focused, key, want string }{
		{"row-id0", "ArrowDown", "row-id1"},
		{"row-id0", "ArrowUp", "row-id0"},
		{"select-id1", "ArrowUp", "select-id0"},
		{"row-id14", "ArrowDown", "row-id14"},
		{"row-id3", "PageDown", "row-id13"},
		{"row-id13", "PageDown", "row-id14"},
		{"select-id4", "PageUp", "select-id0"},
		{"row-id5", "Home", "row-id0"},
		{"row-id5", "End", "row-id14"},
		{"select-id5", "ArrowRight", "row-id5"},
		{"row-id5", "ArrowLeft", "select-id5"},
		{"row-id5", "Enter", ""},
		{"select-page", "ArrowDown", ""},
		{"by-name", "ArrowDown", ""},
		{"row-gone", "ArrowDown", ""},
	} {
		assert.Equal(t, test.want, p.list.table.focusAfter(test.focused, test.key), "%s from %s", test.key, test.focused)
	}
	start := fleet("view=table")
	start.Caller.Rights = paycor.Rights{paycor.RightView}
	p, _, _ = newTestPage(start)
	assert.Empty(t, p.list.table.focusAfter(rowID(p.list.items[0].ID), "ArrowLeft"), "there are no checkboxes")
}

package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/dom/domtest"
	"paycorcred/paycor"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"paycorcred/paycor/verdicts"
)

// newTestTable returns the table with three credentials.
func newTestTable() (*credentialsPage, *fakeService, *domtest.Document) {
	start := fleet("view=table")
	start.List.Credentials = []paycor.Credential{sample("id1", "Alpha"), sample("id2", "Beta"), sample("id3", "Coda")}
	start.List.Total = 3
	p, service, document := newTestPage(start)
	service.page = start.List
	return p, service, document
}

func TestSelectingRows(t *testing.T) {
	p, service, _ := newTestTable()
	selection := p.list.table.selection
	page := render(t, p)
	assert.Equal(t, say("list.select", "Alpha", say("entity", "654321")), page.ID(t, "select-id1").Attribute("aria-label"))
	assert.False(t, page.Has(bulkButton(bulkVerify)), "nothing is selected")

	selection.choose(true, p.list.items[0])
	page = render(t, p)
	assert.Contains(t, page.Text(), say("list.selected.one"))
	assert.True(t, page.Has("select-all"))
	selection.chooseAll()
	assert.Equal(t, "Alpha Beta Coda", namesOf(selection.all()))
	assert.Equal(t, readAllPage, service.searches[len(service.searches)-1].Limit)
	assert.True(t, selection.hasPage())
	assert.False(t, render(t, p).Has("select-all"))
	selection.choose(false, p.list.items[1])
	assert.Equal(t, "Alpha Coda", namesOf(selection.all()))

	p.list.filters.narrow(paycor.Query{Search: "x"})
	assert.Empty(t, selection.chosen, "nothing is done to what is not seen")

	p.start.Caller.Rights = paycor.Rights{paycor.RightView}
	assert.False(t, render(t, p).Has("select-id1"))
	p.start.Caller.Rights = paycor.Rights{paycor.RightView, paycor.RightEdit}
	selection.choose(true, p.list.items...)
	page = render(t, p)
	assert.True(t, page.Has(bulkButton(bulkTag)))
	assert.False(t, page.Has(bulkButton(bulkDelete)), "deleting needs another right")
}

func TestABulkVerificationShowsEachResult(t *testing.T) {
	p, service, document := newTestTable()
	table := p.list.table
	table.selection.choose(true, p.list.items...)
	service.verdict = verdicts.CodeVerified.Verdict()
	calls := 0
	service.during = func() {
		calls++
		service.err = nil
		if calls == 2 {
			service.err = &paycor.Error{Kind: paycor.KindUnavailable, Message: message.Text("The store is busy.")}
		}
	}
	table.bulk.begin(bulkVerify)
	assert.Equal(t, 3, calls)
	assert.False(t, table.bulk.run.running())
	page := render(t, p)
	assert.Equal(t, say("bulk.partly", say("bulk.verify"), "2", "3"), page.ID(t, "bulk-text").Text())
	text := page.Text()
	assert.Contains(t, text, "The store is busy.")
	assert.Contains(t, text, say("state.verified"))
	assert.Equal(t, "Beta", namesOf(table.selection.all()), "what failed stays selected")
	assert.NotEmpty(t, document.HasFocus)
}

// What a run changes is read once, at its end, and not with each credential.
func TestABulkRunReadsTheListOnce(t *testing.T) {
	p, service, _ := newTestTable()
	table := p.list.table
	table.selection.choose(true, p.list.items...)
	service.verdict = verdicts.CodeVerified.Verdict()
	searches := len(service.searches)
	service.during = func() {
		p.screen.apply([]events.Change{{ID: p.list.items[0].ID, Action: audit.ActionVerify}})
		assert.Len(t, service.searches, searches)
	}
	table.bulk.begin(bulkVerify)
	assert.False(t, table.bulk.running())
	assert.LessOrEqual(t, len(service.searches), searches+2, "the list, and the changes that came meanwhile")
	assert.Greater(t, len(service.searches), searches)
}

func TestABulkRunIsCanceled(t *testing.T) {
	p, service, _ := newTestTable()
	table := p.list.table
	table.selection.choose(true, p.list.items...)
	service.during = func() { table.bulk.run.cancel() }
	table.bulk.begin(bulkVerify)
	assert.Len(t, table.bulk.run.results, 1)
	assert.Equal(t, "Beta Coda", namesOf(table.selection.all()), "what was not begun stays selected")
	assert.Equal(t, say("bulk.stopped", say("bulk.verify"), "1", "3"), render(t, p).ID(t, "bulk-text").Text())
}

func TestBulkTagsAreAddedAndRemoved(t *testing.T) {
	p, service, document := newTestTable()
	table := p.list.table
	service.one = sample("id1", "Alpha")
	service.one.Tags = "bakery, payroll"
	table.selection.choose(true, p.list.items[0])
	table.bulk.begin(bulkTag)
	require.True(t, table.bulk.IsOpen())
	table.bulk.submit()
	assert.Len(t, table.bulk.Problems, 1, "a tag is needed")
	document.Values[table.bulk.InputID(fields.Tags)] = "Nightly, bakery"
	table.bulk.submit()
	require.Len(t, service.patches, 1)
	assert.Equal(t, paycor.Tags("bakery, nightly, payroll"), *service.patches[0].Tags)
	assert.Equal(t, service.one.ETag(), service.updates[0].IfMatch)
	assert.False(t, table.bulk.IsOpen())

	table.selection.choose(true, p.list.items[0])
	table.bulk.begin(bulkUntag)
	document.Values[table.bulk.InputID(fields.Tags)] = "BAKERY"
	table.bulk.submit()
	assert.Equal(t, paycor.Tags("payroll"), *service.patches[1].Tags)

	table.selection.choose(true, p.list.items[0])
	table.bulk.begin(bulkRotateBy)
	document.Values[table.bulk.InputID(fields.RotateBy)] = "2031-05-06"
	table.bulk.submit()
	assert.Equal(t, paycor.Day("2031-05-06"), *service.patches[2].RotateBy)

	table.selection.choose(true, p.list.items[0])
	table.bulk.begin(bulkShare)
	document.Values[table.bulk.InputID(fields.SharingPeople)] = "ann@example.com"
	table.bulk.submit()
	require.Len(t, service.shared, 1)
	assert.Equal(t, []string{"ann@example.com"}, service.shared[0].People)
}

func TestABulkDeletionAsksForTheNumber(t *testing.T) {
	p, service, document := newTestTable()
	bulk := p.list.table.bulk
	p.list.table.selection.choose(true, p.list.items[0], p.list.items[2])
	bulk.begin(bulkDelete)
	require.True(t, bulk.deletion.IsOpen())
	text := render(t, p).ID(t, bulkDeleteID).Text()
	assert.Contains(t, text, "Alpha")
	assert.NotContains(t, text, "Beta")
	document.Values[bulk.deletion.InputID(fields.Name)] = "3"
	bulk.deletion.Submit()
	assert.Empty(t, service.deleted)
	document.Values[bulk.deletion.InputID(fields.Name)] = " 2 "
	bulk.deletion.Submit()
	assert.Equal(t, []string{"id1", "id3"}, service.deleted)
	assert.Equal(t, say("bulk.done.delete.other", "2"), render(t, p).ID(t, "bulk-text").Text())
	assert.Empty(t, p.list.table.selection.chosen)
}

// A caller who changed much lately waits and goes on.
func TestABulkRunWaitsForTheChangeLimit(t *testing.T) {
	p, service, _ := newTestTable()
	was := bulkPause
	bulkPause = time.Millisecond
	t.Cleanup(func() { bulkPause = was })
	calls := 0
	service.during = func() {
		calls++
		service.err = nil
		if calls == 1 {
			service.err = &paycor.Error{Kind: kindChangeLimit}
		}
	}
	p.list.table.selection.choose(true, p.list.items[0])
	p.list.table.bulk.begin(bulkVerify)
	assert.Equal(t, 2, calls)
	assert.Empty(t, p.list.table.bulk.run.failures())
}

package app

import (
	"net/url"
	"slices"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/events"
)

// loadState is the state of a list that is loaded.
type loadState int

const (
	listReady loadState = iota
	listLoading
	listFailed
)

// pageSize is how many tiles are loaded at once.
const pageSize = 100

// pageSize is how many credentials are loaded at once: tiles add up, a table has pages.
func (l *credentialList) pageSize() int {
	if l.filters.table {
		return api.TablePage
	}
	return pageSize
}

// searchDelay is how long a search waits for the next letter.
const searchDelay = 200 * time.Millisecond

// credentialList is the Authenticate screen.
type credentialList struct {
	page    *credentialsPage
	state   loadState
	items   []paycor.Credential
	next    string // cursor of the next page; empty on the last
	total   int
	many    bool   // more match than total
	missing int    // credentials that the server cannot read
	failure string // why the list is missing or not up to date
	more    bool   // the next page is loading

	searchCount int             // counts inputs, so that only the last search runs
	request     int             // counts requests, so that only the last response counts
	refreshes   int             // counts those for the whole list
	busy        int             // requests under way
	waiting     []events.Change // to apply when none is

	purpose          paycor.Purpose
	selected         paycor.Credential // the zero value for none
	selectionMissing bool              // Continue was pressed without a selection
	filters          *listFilters
	table            *listTable
	useDialog        *useDialog
}

func newCredentialList(p *credentialsPage) *credentialList {
	l := &credentialList{
		page: p, items: p.start.List.Credentials, next: p.start.List.Next,
		total: p.start.List.Total, many: p.start.List.TotalIsMinimum, missing: p.start.List.Unreadable,
		purpose: p.start.Purpose,
	}
	l.filters, l.useDialog = newListFilters(l), newUseDialog(l)
	l.table = newListTable(l)
	if p.start.Failure != "" {
		l.state, l.failure = listFailed, p.start.Failure
	}
	return l
}

// restore takes over what was selected and typed before this program started.
func (l *credentialList) restore(search, selected string, purpose paycor.Purpose) {
	if purpose == paycor.PurposeSource || purpose == paycor.PurposeDestination {
		l.purpose = purpose
	}
	l.selectCredential(selected)
	if search != l.filters.query.Search {
		l.filters.query.Search = search
		l.filters.showSearch() // at once: until then all tiles are back
	}
	l.filters.take()
}

// selectCredential selects a tile and reports whether it exists.
func (l *credentialList) selectCredential(id string) bool {
	at := slices.IndexFunc(l.items, func(credential paycor.Credential) bool { return credential.ID == id })
	if at >= 0 {
		l.selected, l.selectionMissing = l.items[at], false
	}
	return at >= 0
}

// choosePurpose sets what a selection is for.
func (l *credentialList) choosePurpose(purpose paycor.Purpose) {
	l.purpose = purpose
	l.filters.writeAddress(false)
}

// submit is Continue. It asks first about a credential whose calls will fail.
func (l *credentialList) submit() {
	if l.selected.ID == "" {
		l.selectionMissing = true
		l.page.loop.AfterRender(func() { l.page.document.Focus(l.firstChoice()) })
		return
	}
	if isUnusable(l.selected) {
		l.useDialog.ask()
		return
	}
	l.use()
}

// use reports the selection to the embedding site, or opens the detail page.
func (l *credentialList) use() {
	if l.page.embedded() {
		l.page.host.reportSelection(l.selected, l.purpose)
		return
	}
	l.page.document.Open(pathOf(l.selected.ID) + "?purpose=" + url.QueryEscape(string(l.purpose)))
}

// firstChoice returns the ID of the first element to choose.
func (l *credentialList) firstChoice() string {
	switch {
	case len(l.items) > 0 && l.filters.table:
		return rowID(l.items[0].ID)
	case len(l.items) > 0:
		return tileID(l.items[0].ID)
	}
	return addID
}

// searchFor searches once typing pauses.
func (l *credentialList) searchFor(search string) {
	l.filters.query.Search = search
	l.page.afterTyping(&l.searchCount, l.filters.showSearch)
}

// afterTyping calls do once typing pauses, unless count has changed by then: each further
// letter changes it.
func (p *Page) afterTyping(count *int, do func()) {
	*count++
	typed := *count
	p.loop.Async(func() {
		time.Sleep(searchDelay)
		p.loop.UpdateIf(func() bool {
			if typed != *count {
				return false
			}
			do()
			return true
		})
	})
}

// retry reads the list again after an error.
func (l *credentialList) retry() {
	l.state = listLoading
	l.refresh()
}

// reload reads the first page of another list. The tiles stay until it arrives.
func (l *credentialList) reload() {
	l.state = listLoading
	l.table.before = nil
	l.table.selection.clear()
	l.load(1) // page
}

// refresh reads as many tiles as are shown. They stay until the response
// arrives, or if the request fails.
func (l *credentialList) refresh() {
	want := max(len(l.items), pageSize)
	if l.filters.table {
		want = 1 // one page
	}
	l.load(want)
}

// load reads one page, and further ones until there are as many credentials as wanted.
func (l *credentialList) load(want int) {
	l.request++
	l.refreshes++
	l.busy++
	request, query := l.request, l.pageQuery(l.table.cursor(), l.pageSize())
	l.page.loop.Async(func() {
		page, err := l.page.service.Credentials(l.page.ctx, query)
		for err == nil && page.Next != "" && len(page.Credentials) < want {
			query.Cursor, query.WithCounts = page.Next, false
			var further paycor.CredentialPage
			further, err = l.page.service.Credentials(l.page.ctx, query)
			page.Credentials, page.Next = append(page.Credentials, further.Credentials...), further.Next
			page.Unreadable += further.Unreadable
		}
		l.page.loop.Update(func() {
			l.busy--
			if request == l.request {
				l.show(page, err)
			}
			l.applyWaiting()
		})
	})
}

// pageQuery returns the query of one page, with the counts.
func (l *credentialList) pageQuery(cursor string, limit int) paycor.Query {
	query := l.filters.query
	query.Cursor, query.Limit, query.WithCounts = cursor, limit, true
	return query
}

// show shows the response to refresh.
func (l *credentialList) show(page paycor.CredentialPage, err error) {
	if err != nil {
		l.failure = l.page.errorText(err)
		if l.state == listLoading || len(l.items) == 0 {
			l.state = listFailed
		}
		return
	}
	l.state, l.failure = listReady, ""
	before := l.items
	l.items, l.next, l.total, l.many, l.missing = page.Credentials, page.Next, page.Total, page.TotalIsMinimum, page.Unreadable
	l.filters.showCounts(page.Counts)
	l.moved(before)
}

// moved keeps focus and selection on their credentials after the tiles changed.
func (l *credentialList) moved(before []paycor.Credential) {
	l.keepFocus(before)
	chosen := slices.IndexFunc(l.items, func(c paycor.Credential) bool { return c.ID == l.selected.ID })
	switch {
	case chosen >= 0:
		l.selected = l.items[chosen]
	case l.selected.ID != "" && !l.filters.query.Narrows() && l.next == "":
		l.dropSelection()
	}
}

// dropSelection says that the selected credential is gone.
func (l *credentialList) dropSelection() {
	l.page.setStatus(l.page.say("list.selected-gone", l.selected.Name), nil)
	l.selected = paycor.Credential{}
}

// keepFocus keeps the focus on its tile when tiles move. Elements are reused by
// position, so the focus would otherwise be on another credential, and the next key
// would select that one. It leaves a focus alone that moved in the meantime.
func (l *credentialList) keepFocus(before []paycor.Credential) {
	focused := l.page.document.Focused()
	idOf := tileID
	if l.filters.table {
		idOf = rowID
	}
	at := func(items []paycor.Credential) int {
		return slices.IndexFunc(items, func(c paycor.Credential) bool { return idOf(c.ID) == focused })
	}
	index := at(before)
	if index < 0 || index == at(l.items) {
		return
	}
	here := "" // the element that gets the focus by position; empty if it is gone
	if index < len(l.items) {
		here = idOf(l.items[index].ID)
	}
	if at(l.items) < 0 {
		focused = l.firstChoice()
	}
	l.page.loop.AfterRender(func() {
		if l.page.document.Focused() == here {
			l.page.document.Focus(focused)
		}
	})
}

// showMore reads the next page.
func (l *credentialList) showMore() {
	if l.more || l.next == "" {
		return
	}
	l.more = true
	l.page.setStatus("", nil)
	l.request++
	l.busy++
	request, query, first := l.request, l.pageQuery(l.next, pageSize), len(l.items)
	query.WithCounts = false
	l.page.loop.Async(func() {
		page, err := l.page.service.Credentials(l.page.ctx, query)
		l.page.loop.Update(func() {
			l.more = false
			l.busy--
			defer l.applyWaiting()
			switch {
			case request != l.request:
			case err != nil:
				l.page.showError(errorAtMore, l.page.say("list.more-failed", l.page.errorText(err)))
			default:
				l.items, l.next, l.total, l.many = append(l.items, page.Credentials...), page.Next, page.Total, page.TotalIsMinimum
				l.missing += page.Unreadable
				if first < len(l.items) {
					l.page.loop.AfterRender(func() { l.page.document.Focus(tileID(l.items[first].ID)) })
				}
			}
		})
	})
}

// addSaved shows a credential that was just saved, and selects it unless Paycor
// rejected it, because Continue would pass on a credential that does not work. What was
// searched and filtered by could hide it.
func (l *credentialList) addSaved(credential paycor.Credential) {
	l.items = slices.DeleteFunc(slices.Clone(l.items), func(c paycor.Credential) bool { return c.ID == credential.ID })
	l.items = append(l.items, credential)
	l.total = max(l.total, len(l.items))
	if l.selectionMissing = false; credential.State != paycor.StateRejected {
		l.selected = credential
	}
	l.state = listReady
	if l.filters.query.Narrows() {
		l.filters.listView = l.filters.everything()
		l.filters.writeAddress(false)
		l.filters.fill()
	}
	l.refresh()
}

// add opens the overlay for a new credential.
func (l *credentialList) add() { l.page.editor.openFor(opCreate, paycor.Credential{}, addID) }

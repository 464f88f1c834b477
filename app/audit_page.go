package app

import (
	"slices"

	"paycorcred/paycor/audit"
	"paycorcred/paycor/events"
)

// auditPage searches the audit trail. Its filters are a form that loads the page
// again, so they work before this program runs and the address can be bookmarked.
type auditPage struct {
	page    *Page
	state   loadState
	filter  audit.Filter
	query   audit.Query
	entries []audit.Entry
	names   map[string]string // of credentials, by ID
	next    string
	failure string
	more    bool // the next entries are loading
	lost    int  // entries that cannot be read
	request int  // counts requests, so that only the last response counts
}

func newAuditPage(p *Page) *auditPage {
	a := &auditPage{page: p, failure: p.start.Failure}
	if a.failure != "" {
		a.state = listFailed
	}
	if start := p.start.Audit; start != nil {
		a.filter, a.entries, a.next, a.names, a.lost = start.Filter, start.Page.Entries, start.Page.Next, start.Page.Names, start.Page.Unreadable
		a.query, _ = a.filter.Query()
	}
	return a
}

// refresh does nothing: a trail that changes while it is read would be hard to
// read. The form loads the page again.
func (a *auditPage) refresh() {}

func (a *auditPage) apply([]events.Change) {}

// retry reads the entries again after an error.
func (a *auditPage) retry() {
	a.state, a.entries, a.next, a.lost = listLoading, nil, "", 0
	a.read("")
}

// showMore reads the next entries, or searches on if none were found yet.
func (a *auditPage) showMore() {
	if a.more || a.next == "" {
		return
	}
	a.more = true
	a.page.setStatus("", nil)
	a.read(a.next)
}

func (a *auditPage) read(cursor string) {
	a.request++
	request, query, first := a.request, a.query, len(a.entries)
	query.Cursor = cursor
	a.page.loop.Async(func() {
		page, err := a.page.service.Audit(a.page.ctx, query)
		a.page.loop.Update(func() {
			if request != a.request {
				return
			}
			a.more = false
			switch {
			case err != nil && a.state == listLoading:
				a.state, a.failure = listFailed, a.page.errorText(err)
			case err != nil:
				a.page.showError(errorAtMore, a.page.say("list.more-failed", a.page.errorText(err)))
			default:
				a.state = listReady
				a.take(page, first)
			}
		})
	})
}

func (a *auditPage) take(page audit.Page, first int) {
	a.entries, a.next = append(slices.Clone(a.entries), page.Entries...), page.Next
	a.lost += page.Unreadable
	if a.names == nil {
		a.names = map[string]string{}
	}
	for id, name := range page.Names {
		a.names[id] = name
	}
	switch {
	case first < len(a.entries):
		a.page.loop.AfterRender(func() { a.page.document.Focus(entryID(a.entries[first])) })
	case a.next == "":
		a.page.setStatus(a.page.say("audit.no-more"), nil)
	}
}

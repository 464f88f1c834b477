package app

import (
	"net/url"
	"slices"
	"time"

	"paycorcred/paycor"
)

// phase is how a list of things stands.
type phase int

const (
	ready phase = iota
	loading
	failing
)

// pageSize is how many tiles come at once.
const pageSize = 100

// typing is how long a search waits for the next letter.
const typing = 200 * time.Millisecond

// list is the state of the Authenticate screen.
type list struct {
	page    *Page
	phase   phase
	items   []paycor.Credential
	next    string // cursor of the next page, empty on the last
	total   int
	failure string // why it is not there, or not up to date
	more    bool   // the next page is being read

	search  string
	typed   int // counts what was typed, so that only the last search runs
	request int // counts requests, so that only the last answer counts

	purpose  paycor.Purpose
	selected paycor.Credential // the zero value where none is
	unchosen bool              // Continue was pressed with none
}

func newList(p *Page) *list {
	l := &list{
		page: p, items: p.start.List.Credentials, next: p.start.List.Next, total: p.start.List.Total,
		purpose: p.start.Purpose,
	}
	if p.start.Failure != "" {
		l.phase, l.failure = failing, p.start.Failure
	}
	return l
}

// adopt takes what was chosen and typed before the program came.
func (l *list) adopt(search, selected string, purpose paycor.Purpose) {
	if purpose == paycor.PurposeSource || purpose == paycor.PurposeDestination {
		l.purpose = purpose
	}
	l.choose(selected)
	if search != "" {
		l.find(search)
	}
}

// choose selects a tile, and reports whether there is one.
func (l *list) choose(id string) bool {
	at := slices.IndexFunc(l.items, func(credential paycor.Credential) bool { return credential.ID == id })
	if at >= 0 {
		l.selected, l.unchosen = l.items[at], false
	}
	return at >= 0
}

// resume leaves for the credential's own page: standalone, that is what a
// selection yields.
func (l *list) resume() {
	if l.selected.ID == "" {
		l.unchosen = true
		l.page.after(func() { l.page.document.Focus(l.firstChoice()) })
		return
	}
	if l.page.embedded() {
		l.page.chosen(l.selected, l.purpose)
		return
	}
	l.page.document.Open("/credentials/" + url.PathEscape(l.selected.ID) + "?purpose=" + url.QueryEscape(string(l.purpose)))
}

// firstChoice is the id of the element to begin choosing with.
func (l *list) firstChoice() string {
	if len(l.items) > 0 {
		return tileID(l.items[0].ID)
	}
	return addID
}

// find searches once the typing pauses.
func (l *list) find(search string) {
	l.search = search
	l.typed++
	typed := l.typed
	l.page.async(func() {
		time.Sleep(typing)
		l.page.do(func() {
			if typed == l.typed {
				l.phase = loading
				l.refresh()
			}
		})
	})
}

// retry reads the list again after a failure.
func (l *list) retry() {
	l.phase = loading
	l.refresh()
}

// refresh reads as many tiles again as are shown. What is shown stays until
// the answer is there, and stays where none comes.
func (l *list) refresh() {
	l.request++
	request, search, want := l.request, l.search, max(len(l.items), pageSize)
	l.page.async(func() {
		page, err := l.page.service.Credentials(l.page.ctx, paycor.Query{Search: search, Limit: pageSize})
		for err == nil && page.Next != "" && len(page.Credentials) < want {
			var further paycor.CredentialPage
			further, err = l.page.service.Credentials(l.page.ctx, paycor.Query{Search: search, Cursor: page.Next, Limit: pageSize})
			page.Credentials, page.Next = append(page.Credentials, further.Credentials...), further.Next
		}
		l.page.do(func() {
			if request == l.request {
				l.show(page, err)
			}
		})
	})
}

// show takes the answer to refresh.
func (l *list) show(page paycor.CredentialPage, err error) {
	if err != nil {
		l.failure = words(err)
		if l.phase == loading || len(l.items) == 0 {
			l.phase = failing
		}
		return
	}
	l.phase, l.failure = ready, ""
	before := l.items
	l.items, l.next, l.total = page.Credentials, page.Next, page.Total
	l.keepFocus(before)
	chosen := slices.IndexFunc(l.items, func(c paycor.Credential) bool { return c.ID == l.selected.ID })
	switch {
	case chosen >= 0:
		l.selected = l.items[chosen]
	case l.selected.ID != "" && l.search == "" && l.next == "":
		l.page.tell(say("list.selected-gone", l.selected.Name), nil)
		l.selected = paycor.Credential{}
	}
}

// keepFocus keeps the focus on the tile that has it. Elements are used again
// by their place, so without this the focus would stay at the place and be on
// another credential, and the next key would select that one. A focus that was
// moved meanwhile is left where it is.
func (l *list) keepFocus(before []paycor.Credential) {
	focused := l.page.document.Focused()
	at := func(items []paycor.Credential) int {
		return slices.IndexFunc(items, func(c paycor.Credential) bool { return tileID(c.ID) == focused })
	}
	place := at(before)
	if place < 0 || place == at(l.items) {
		return
	}
	here := "" // what the focus will be on; nothing where the place is gone
	if place < len(l.items) {
		here = tileID(l.items[place].ID)
	}
	if at(l.items) < 0 {
		focused = l.firstChoice()
	}
	l.page.after(func() {
		if l.page.document.Focused() == here {
			l.page.document.Focus(focused)
		}
	})
}

// showMore reads the next page.
func (l *list) showMore() {
	if l.more || l.next == "" {
		return
	}
	l.more = true
	l.page.tell("", nil)
	l.request++
	request, search, cursor, first := l.request, l.search, l.next, len(l.items)
	l.page.async(func() {
		page, err := l.page.service.Credentials(l.page.ctx, paycor.Query{Search: search, Cursor: cursor, Limit: pageSize})
		l.page.do(func() {
			l.more = false
			switch {
			case request != l.request:
			case err != nil:
				l.page.fail(atMore, say("list.more-failed", words(err)))
			default:
				l.items, l.next, l.total = append(l.items, page.Credentials...), page.Next, page.Total
				if first < len(l.items) {
					l.page.after(func() { l.page.document.Focus(tileID(l.items[first].ID)) })
				}
			}
		})
	})
}

// added shows a credential that was just saved, selected. One that Paycor
// rejected is shown and not selected: whoever goes on would go on with what
// does not work.
func (l *list) added(credential paycor.Credential) {
	l.items = slices.DeleteFunc(slices.Clone(l.items), func(c paycor.Credential) bool { return c.ID == credential.ID })
	l.items = append(l.items, credential)
	l.total = max(l.total, len(l.items))
	if l.unchosen = false; credential.State != paycor.StateRejected {
		l.selected = credential
	}
	l.search, l.phase = "", ready
	l.page.document.SetValue(searchID, "")
	l.refresh()
}

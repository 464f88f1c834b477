package app

import (
	"maps"
	"slices"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
)

// maxSelected is how many credentials can be selected at once.
const maxSelected = 5000

// listSelection is which credentials of the table are selected, on any page, to do
// something with all of them. Another list begins without a selection, so that nothing is
// done to a credential that is not seen.
type listSelection struct {
	table *listTable
	list  *credentialList
	page  *credentialsPage

	chosen map[string]paycor.Credential // by ID
	adding bool                         // those of all pages are being read
}

// offered reports whether credentials can be selected.
func (s *listSelection) offered() bool { return s.page.can(paycor.RightEdit) }

// clear selects nothing.
func (s *listSelection) clear() { s.chosen, s.adding = nil, false }

// all returns the selected credentials by name.
func (s *listSelection) all() []paycor.Credential {
	return slices.SortedFunc(maps.Values(s.chosen), paycor.Query{}.Compare)
}

// choose selects credentials, or selects them no longer.
func (s *listSelection) choose(on bool, credentials ...paycor.Credential) {
	if s.chosen == nil {
		s.chosen = map[string]paycor.Credential{}
	}
	for _, credential := range credentials {
		delete(s.chosen, credential.ID)
		if on && len(s.chosen) < maxSelected {
			s.chosen[credential.ID] = credential
		}
	}
}

// keep keeps only those credentials of the selection.
func (s *listSelection) keep(credentials []paycor.Credential) {
	s.clear()
	s.choose(true, credentials...)
}

// has reports whether a credential is selected.
func (s *listSelection) has(id string) bool {
	_, has := s.chosen[id]
	return has
}

// hasPage reports whether every credential of the page is selected.
func (s *listSelection) hasPage() bool {
	return len(s.list.items) > 0 && !slices.ContainsFunc(s.list.items, func(c paycor.Credential) bool { return !s.has(c.ID) })
}

// chooseAll selects every credential that the list finds, on all pages.
func (s *listSelection) chooseAll() {
	if s.adding {
		return
	}
	s.adding = true
	request := s.list.request
	s.table.readAll(maxSelected, func(all []paycor.Credential, err error) {
		s.adding = false
		switch {
		case request != s.list.request: // another list
		case err != nil:
			s.page.showError(errorAtTop, s.page.say("list.select-failed", s.page.errorText(err)))
		default:
			s.choose(true, all...)
		}
	})
}

// renderPageBox renders the checkbox of all rows of the page.
func (s *listSelection) renderPageBox() any {
	if !s.offered() {
		return nil
	}
	return dom.El("th", dom.Attr("scope", "col"), dom.Attr("role", "columnheader"), dom.Class("row-box"),
		s.renderBox("select-page", s.page.say("list.select-page"), s.hasPage(), func(on bool) { s.choose(on, s.list.items...) }))
}

// boxID returns the ID of the checkbox of a row.
func boxID(id string) string { return "select-" + id }

// renderRowBox renders the checkbox of a row.
func (s *listSelection) renderRowBox(credential paycor.Credential) any {
	if !s.offered() {
		return nil
	}
	id := credential.ID
	return dom.El("td", dom.Attr("role", "cell"), dom.Class("row-box"),
		s.renderBox(boxID(id), s.page.say("list.select", credential.Name, entity(s.page.words, credential)), s.has(id), func(on bool) {
			if at := slices.IndexFunc(s.list.items, hasID(id)); at >= 0 {
				s.choose(on, s.list.items[at])
			}
		}))
}

func (s *listSelection) renderBox(id, label string, checked bool, choose func(on bool)) goapp.UI {
	return dom.El("input", dom.Attr("type", "checkbox"), dom.Attr("id", id), dom.Attr("aria-label", label), dom.Property("checked", checked),
		dom.Flag("disabled", goapp.IsServer), // until the program runs
		dom.On("change", id, func(event goapp.Event) { choose(event.Get("target").Get("checked").Bool()) }))
}

// countText says how many credentials are selected.
func (s *listSelection) countText() string { return s.page.count(len(s.chosen), "list.selected") }

// renderAll renders the button that selects what the list finds on all pages.
func (s *listSelection) renderAll() any {
	more := !s.list.many && s.list.total <= maxSelected && s.list.total > len(s.chosen)
	if !more {
		return nil
	}
	label := s.page.say("list.select-all", s.page.number(s.list.total))
	if s.adding {
		label = s.page.say("list.loading")
	}
	return dom.Button("quiet", "select-all", label, dom.Click("select-all", s.chooseAll))
}

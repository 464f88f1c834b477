package app

import (
	"maps"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
	"paycorcred/paycor/listing"
)

// maxUnfiltered is up to how many credentials are seen at a glance, so that the list has
// nothing to filter and sort by.
const maxUnfiltered = 5

// IDs of the choices above the list.
const (
	filterEnvironmentID = "filter-environment"
	filterTagID         = "filter-tag"
	filterOwnerID       = "filter-owner"
	sortID              = "sort"
)

// listFilters is what the list searches, filters and sorts by, and the choices for it.
type listFilters struct {
	listView // as in the address

	list   *credentialList
	page   *credentialsPage
	counts *listing.Counts // of all credentials that the caller sees; nil if unknown
}

func newListFilters(l *credentialList) *listFilters {
	f := &listFilters{list: l, page: l.page, counts: l.page.start.List.Counts}
	f.listView, _ = readListAddress(l.page.start.Query)
	return f
}

// shown reports whether the list has filters: there are many credentials, or it is
// filtered, sorted or a table already.
func (f *listFilters) shown() bool {
	unsorted := f.query
	unsorted.Search = ""
	return f.counts != nil && (f.counts.Total > maxUnfiltered || f.table || len(unsorted.Values()) > 0)
}

// showCounts shows counts, if there are any.
func (f *listFilters) showCounts(counts *listing.Counts) {
	if counts == nil {
		return
	}
	f.counts = counts
	f.page.document.ShowAttention(counts.NeedsAttention)
	f.fill() // an option that came or went may have changed which one is chosen
}

// quickFilter is a filter with a count, to choose with one press.
type quickFilter struct {
	id, label string
	count     int
	state     paycor.State
	attention listing.Attention
}

// quick returns these filters. The last, for credentials that are fine, is offered
// only while it is chosen.
func (f *listFilters) quick() []quickFilter {
	filters := []quickFilter{
		{"all", f.page.say("list.filter.all"), f.counts.Total, "", ""},
		{"attention", f.page.say("list.filter.attention"), f.counts.NeedsAttention, "", listing.AttentionAny},
	}
	for _, state := range paycor.States() {
		if state != paycor.StateVerified || f.query.Filter.State == state {
			filters = append(filters, quickFilter{string(state), f.page.say("state." + string(state)), f.counts.States[string(state)], state, ""})
		}
	}
	return append(filters, quickFilter{"rotation", f.page.say("list.filter.rotation"), f.counts.RotateSoon, "", listing.AttentionRotation})
}

// renderAllChoices renders the choices, if there are many credentials.
func (f *listFilters) renderAllChoices() goapp.UI {
	if !f.shown() {
		return dom.Slot()
	}
	return dom.Slot(dom.El("div", dom.Class("list-choices"),
		f.renderChoices(filterEnvironmentID), f.renderChoices(filterTagID), f.renderChoices(filterOwnerID), f.renderChoices(sortID)))
}

// renderQuick renders the filters with counts, if there are many credentials.
func (f *listFilters) renderQuick() goapp.UI {
	if !f.shown() {
		return dom.Slot()
	}
	items := []any{dom.Class("quick-filters")}
	for _, filter := range f.quick() {
		style := "quick-filter"
		if filter.count == 0 {
			style += " is-none"
		}
		chosen := filter.state == f.query.Filter.State && filter.attention == f.query.Filter.Attention
		items = append(items, dom.El("li", f.renderLink("filter-"+filter.id, style, chosen,
			func() listView {
				view := f.listView
				view.query.Filter.State, view.query.Filter.Attention = filter.state, filter.attention
				return view
			},
			dom.El("span", filter.label), " ", dom.El("span", dom.Class("quick-count"), f.page.number(filter.count)))))
	}
	return dom.Slot(dom.El("nav", dom.Attr("aria-label", f.page.say("list.filters")), dom.El("ul", items...)))
}

// renderLink renders a link to another list, which works before the program runs and
// opens in another tab. A frame has no address of its own, so it has a button there. The
// id must say which list that is.
func (f *listFilters) renderLink(id, style string, chosen bool, to func() listView, parts ...any) goapp.UI {
	show := func() { f.open(to()) }
	if f.page.embedded() {
		pressed := "false"
		if chosen {
			pressed = "true"
		}
		return dom.El("button", append([]any{dom.Attr("type", "button"), dom.Attr("id", id), dom.Class(style), dom.Attr("aria-pressed", pressed), dom.Click(id, show)}, parts...)...)
	}
	return dom.El("a", append([]any{dom.Attr("id", id), dom.Class(style), dom.Attr("href", f.address(to())), dom.Attr("aria-current", dom.AriaBool(chosen)), dom.Follow(id, show)}, parts...)...)
}

// choices is a choice above the list.
type choices struct {
	label   string
	options []choiceOption // the first one filters nothing
	chosen  string         // the value of the chosen option
}

type choiceOption struct{ value, label string }

// Values of the options of names: a name could be any text, and an option needs a value.
const (
	optionAll  = "all"
	optionName = "name "
)

// optionOf returns the value of the option of a name, or of all without one.
func optionOf(name string) string {
	if name == "" {
		return optionAll
	}
	return optionName + name
}

// choicesOf returns one of the choices, or none if there is nothing to choose.
func (f *listFilters) choicesOf(id string) choices {
	filter := f.query.Filter
	switch id {
	case filterEnvironmentID:
		var counted []listing.Count
		for _, name := range slices.Sorted(maps.Keys(f.counts.Environments)) {
			if n := f.counts.Environments[name]; n > 0 {
				counted = append(counted, listing.Count{Name: name, Credentials: n})
			}
		}
		return f.counted("environment", filter.Environment, counted, func(name string) string { return f.page.sentence(f.page.environment(name).Title()) })
	case filterTagID:
		return f.counted("tag", filter.Tag, f.counts.Tags, nil)
	case filterOwnerID:
		return f.counted("owner", filter.Owner, f.counts.Owners, nil)
	}
	sorts := choices{label: f.page.say("list.sort")}
	for _, sort := range listing.Sorts() {
		for _, value := range []string{string(sort), "-" + string(sort)} {
			sorts.options = append(sorts.options, choiceOption{value, f.page.say("list.sort." + value)})
		}
	}
	if sorts.chosen = f.query.Values().Get("sort"); sorts.chosen == "" {
		sorts.chosen = string(listing.ByName)
	}
	return sorts
}

// counted returns the choice of one of several names, of which each says how many
// credentials have it.
func (f *listFilters) counted(kind, chosen string, counts []listing.Count, title func(string) string) choices {
	if len(counts) < 2 && chosen == "" {
		return choices{}
	}
	same := func(c listing.Count) bool { return paycor.NameKey(c.Name) == paycor.NameKey(strings.TrimSpace(chosen)) }
	if at := slices.IndexFunc(counts, same); at >= 0 {
		chosen = counts[at].Name
	} else if chosen != "" {
		counts = append(slices.Clone(counts), listing.Count{Name: chosen})
	}
	offered := choices{label: f.page.say("list." + kind), options: []choiceOption{{optionAll, f.page.say("list." + kind + ".all")}}, chosen: optionOf(chosen)}
	for _, count := range counts {
		label := count.Name
		if title != nil {
			label = title(count.Name)
		}
		offered.options = append(offered.options, choiceOption{optionOf(count.Name), f.page.say("list.option", label, f.page.number(count.Credentials))})
	}
	return offered
}

func (f *listFilters) renderChoices(id string) goapp.UI {
	offered := f.choicesOf(id)
	if len(offered.options) == 0 {
		return dom.Slot()
	}
	parts := []any{dom.Attr("id", id), dom.Class("input"), dom.Attr("autocomplete", "off"),
		dom.On("change", id, func(event goapp.Event) { f.choose(id, dom.String(event.Get("target").Get("value"))) })}
	for _, option := range offered.options {
		parts = append(parts, dom.El("option", dom.Attr("value", option.value), dom.InitiallySelected(option.value == offered.chosen), option.label))
	}
	return dom.Slot(dom.El("label", dom.Attr("for", id), offered.label), dom.El("select", parts...))
}

// choose shows the list with one of the choices.
func (f *listFilters) choose(id, value string) {
	query := f.query
	chosen, _ := strings.CutPrefix(value, optionName)
	if value == optionAll {
		chosen = ""
	}
	switch id {
	case filterEnvironmentID:
		query.Filter.Environment = chosen
	case filterTagID:
		query.Filter.Tag = chosen
	case filterOwnerID:
		query.Filter.Owner = chosen
	case sortID:
		name, descending := strings.CutPrefix(value, "-")
		query.Sort, query.Descending = listing.Sort(name), descending
	}
	f.narrow(query)
}

// take shows the list with what was chosen before this program started.
func (f *listFilters) take() {
	if !f.shown() {
		return
	}
	for _, id := range []string{filterEnvironmentID, filterTagID, filterOwnerID, sortID} {
		offered, value := f.choicesOf(id), f.page.document.Value(id)
		if value != offered.chosen && slices.ContainsFunc(offered.options, func(o choiceOption) bool { return o.value == value }) {
			f.choose(id, value)
		}
	}
}

// fill fills search and choices with what the list shows.
func (f *listFilters) fill() {
	f.page.loop.AfterRender(func() {
		if search := f.query.Search; f.page.document.Value(searchID) != search {
			f.page.document.SetValue(searchID, search)
		}
		if !f.shown() {
			return
		}
		for _, id := range []string{filterEnvironmentID, filterTagID, filterOwnerID, sortID} {
			f.page.document.SetValue(id, f.choicesOf(id).chosen)
		}
	})
}

// renderTools renders what stays in reach while the tiles scroll: how many credentials
// are shown, the way back to all of them, and the button that adds one.
func (f *listFilters) renderTools() goapp.UI {
	if !f.shown() {
		return dom.Slot()
	}
	return dom.El("div", dom.Class("list-tools"),
		dom.El("p", dom.Class("quiet-line"), dom.Attr("id", "list-count"), dom.Attr("role", "status"), f.countText()),
		f.renderShowAll(),
		dom.El("div", dom.Class("list-actions"), f.renderViews(), f.renderAddButton()),
		f.renderBulk())
}

// renderBulk renders the buttons for the selected credentials.
func (f *listFilters) renderBulk() any {
	if !f.table {
		return nil
	}
	return f.list.table.bulk.render()
}

// renderViews links to the tiles, to choose one, and to the table, to manage many. A
// frame is for choosing.
func (f *listFilters) renderViews() any {
	if f.page.embedded() {
		return nil
	}
	link := func(name string, table bool) goapp.UI {
		return f.renderLink("view-"+name, "view-link", f.table == table, func() listView { return listView{f.query, table} }, f.page.say("list.view."+name))
	}
	return dom.El("nav", dom.Class("views"), dom.Attr("aria-label", f.page.say("list.views")), link("tiles", false), link("table", true))
}

// countText says how many credentials the list has.
func (f *listFilters) countText() string {
	all := f.page.number(f.counts.Total)
	switch {
	case f.list.state == listLoading:
		return f.page.say("list.loading")
	case f.list.state == listFailed:
		return ""
	case f.table && len(f.list.items) > 0 && f.list.total > len(f.list.items):
		first := f.list.table.first()
		return f.page.say("list.range", f.page.number(first+1), f.page.number(first+len(f.list.items)), f.page.number(f.list.total))
	case !f.query.Narrows():
		return f.page.count(f.counts.Total, "list.count")
	case f.list.many:
		return f.page.say("list.some-many", f.page.number(f.list.total), all)
	}
	return f.page.say("list.some", f.page.number(f.list.total), all)
}

// renderShowAll links to all credentials if the list has only some.
func (f *listFilters) renderShowAll() goapp.UI {
	if !f.query.Narrows() || len(f.list.items) == 0 && f.list.state == listReady { // the notice has it
		return dom.Slot()
	}
	return dom.Slot(f.renderLink("show-all", "link", false, f.everything, f.page.say("list.show-all")))
}

// renderAddButton renders the button that opens the overlay, in place of the tile.
func (f *listFilters) renderAddButton() any {
	if !f.page.canAdd() {
		return nil
	}
	return dom.El("button", dom.Attr("type", "button"), dom.Attr("id", addID), dom.Class("button"), dom.Attr("data-opens", editorID), dom.Attr("aria-haspopup", "dialog"),
		dom.Click("add", f.list.add), dom.Icon("plus"), dom.El("span", f.page.say("add")))
}

package app

import (
	"slices"
	"strconv"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/listing"
)

// readAllPage is how many credentials a request for all of them reads.
const readAllPage = 200

// rowID returns the ID of the link of a row.
func rowID(id string) string { return "row-" + id }

// listTable shows the list as a table, to manage many credentials, a page at a time.
type listTable struct {
	list *credentialList
	page *credentialsPage

	before    []string // cursors of the pages up to this one; none on the first
	exporting bool
	selection *listSelection
	bulk      *listBulk
	imports   *importDialog
}

func newListTable(l *credentialList) *listTable {
	t := &listTable{list: l, page: l.page}
	t.selection = &listSelection{table: t, list: l, page: l.page}
	t.bulk = newListBulk(l.page, t.selection)
	t.imports = newImportDialog(l.page, t.bulk)
	return t
}

// readAll reads all credentials that the list finds, on all pages, up to a limit.
func (t *listTable) readAll(most int, done func([]paycor.Credential, error)) {
	query := t.list.pageQuery("", readAllPage)
	query.WithCounts = false
	t.page.loop.Async(func() {
		page, err := t.page.service.Credentials(t.page.ctx, query)
		all := page.Credentials
		for err == nil && page.Next != "" && len(all) < most {
			query.Cursor = page.Next
			page, err = t.page.service.Credentials(t.page.ctx, query)
			all = append(all, page.Credentials...)
		}
		t.page.loop.Update(func() { done(all, err) })
	})
}

// cursor returns the cursor of the page.
func (t *listTable) cursor() string {
	if len(t.before) == 0 {
		return ""
	}
	return t.before[len(t.before)-1]
}

// first returns the position of the page's first credential, from 0.
func (t *listTable) first() int { return len(t.before) * t.list.pageSize() }

// turn shows the next page, or the previous one.
func (t *listTable) turn(next bool) {
	switch {
	case next && t.list.next != "":
		t.before = append(slices.Clone(t.before), t.list.next)
	case !next && len(t.before) > 0:
		t.before = t.before[:len(t.before)-1]
	default:
		return
	}
	t.list.state = listLoading
	t.list.load(1)
	t.page.document.Focus("table")
}

func (t *listTable) render() goapp.UI {
	l := t.list
	return dom.El("div", dom.Class("screen"),
		l.renderHead(t.page.say("tiles"), t.page.say("list.table.lead"), nil, dom.Slot()),
		dom.El("section", dom.Attr("id", "table"), dom.Attr("tabindex", "-1"), dom.Class("list-table"), dom.Attr("aria-label", t.page.say("tiles")),
			t.bulk.renderRun(), l.renderNotice(), dom.Slot(t.renderRows())),
		dom.El("div", dom.Class("list-foot"), t.renderPages(), dom.El("div", dom.Class("list-files"), t.imports.renderButton(), t.renderExport())),
		dom.Slot(t.bulk.renderDialogs()...),
		t.imports.render(),
	)
}

// columns are those of the table, each with what it is sorted by, if anything.
var columns = []struct {
	name string
	sort listing.Sort
}{
	{"name", listing.ByName}, {"state", listing.ByState}, {"environment", ""}, {"entity", ""}, {"tags", ""}, {"owner", ""},
	{"used", listing.ByLastUsed}, {"checked", listing.ByChecked}, {"rotate_by", listing.ByRotateBy},
}

func (t *listTable) renderRows() any {
	if len(t.list.items) == 0 || t.list.state == listFailed {
		return nil
	}
	head := []any{dom.Attr("role", "row"), t.selection.renderPageBox()}
	for _, column := range columns {
		head = append(head, t.renderHead(column.name, column.sort))
	}
	rows := []any{dom.Attr("role", "rowgroup")}
	for _, credential := range t.list.items {
		rows = append(rows, t.renderRow(credential))
	}
	// The roles remain where the style shows each row as a block.
	return dom.El("table", dom.Attr("role", "table"), dom.Class("rows"), dom.Attr("aria-rowcount", t.rowCount()), dom.On("keydown", "rows", t.moveFocus),
		dom.El("caption", dom.Class("visually-hidden"), t.page.say("tiles")),
		dom.El("thead", dom.Attr("role", "rowgroup"), dom.El("tr", head...)),
		dom.El("tbody", rows...))
}

// rowCount returns the number of rows on all pages, with the head, or "-1" if there are
// more than were counted.
func (t *listTable) rowCount() string {
	if t.list.many {
		return "-1"
	}
	return strconv.Itoa(t.list.total + 1)
}

// renderHead renders the head of a column, which sorts by it. The sort that is in use is
// reversed.
func (t *listTable) renderHead(name string, sort listing.Sort) goapp.UI {
	query, label := t.list.filters.query, t.page.say("list.column."+name)
	if sort == "" {
		return dom.El("th", dom.Attr("scope", "col"), dom.Attr("role", "columnheader"), label)
	}
	current := query.Sort == sort || query.Sort == "" && sort == listing.ByName
	sorted, style := "", "sort-link"
	switch {
	case current && query.Descending:
		sorted, style = "descending", "sort-link is-descending"
	case current:
		sorted, style = "ascending", "sort-link is-ascending"
	}
	return dom.El("th", dom.Attr("scope", "col"), dom.Attr("role", "columnheader"), dom.Attr("aria-sort", sorted),
		t.list.filters.renderLink("by-"+name, style, false, func() listView { return t.sortedBy(sort) }, label))
}

// sortedBy returns the view sorted by something, or the other way around if it is.
func (t *listTable) sortedBy(sort listing.Sort) listView {
	view := t.list.filters.listView
	current := view.query.Sort == sort || view.query.Sort == "" && sort == listing.ByName
	view.query.Sort, view.query.Descending = sort, current && !view.query.Descending
	return view
}

func (t *listTable) renderRow(credential paycor.Credential) goapp.UI {
	w, now := t.page.words, t.page.now()
	cell := func(column string, content ...any) goapp.UI {
		return dom.El("td", append([]any{dom.Attr("role", "cell"), dom.Attr("data-label", w.say("list.column."+column))}, content...)...)
	}
	used := any(dom.El("span", dom.Class("muted"), w.say("list.never")))
	if !credential.LastUsedAt.IsZero() {
		used = timeElement(w.relativeText(credential.LastUsedAt, now), credential.LastUsedAt)
	}
	checked := any(dom.El("span", dom.Class("muted"), w.say("list.never")))
	if credential.Verdict != nil {
		checked = timeElement(w.relativeText(credential.Verdict.CheckedAt, now), credential.Verdict.CheckedAt)
	}
	entity := []any{strconv.Itoa(int(credential.LegalEntityID))}
	if credential.LegalEntityName != "" {
		entity = append(entity, " ", dom.El("span", dom.Class("muted"), credential.LegalEntityName))
	}
	return dom.El("tr", dom.Attr("role", "row"), t.selection.renderRowBox(credential),
		dom.El("th", dom.Attr("scope", "row"), dom.Attr("role", "rowheader"),
			dom.El("a", dom.Attr("id", rowID(credential.ID)), dom.Attr("href", pathOf(credential.ID)), credential.Name), t.renderRestricted(credential)),
		cell("state", badge(w, credential)),
		cell("environment", w.sentence(t.page.environment(credential.Environment).Title())),
		cell("entity", dom.El("span", entity...)),
		cell("tags", renderTags(w, credential.Tags)),
		cell("owner", credential.Owner),
		cell("used", used),
		cell("checked", checked),
		cell("rotate_by", t.renderRotateBy(credential)),
	)
}

func (t *listTable) renderRestricted(credential paycor.Credential) any {
	if credential.Sharing == nil {
		return nil
	}
	return []any{dom.Icon("restricted"), dom.VisuallyHidden(t.page.say("sharing.mark"))}
}

// renderRotateBy renders the date to rotate by, as a reminder once it is near.
func (t *listTable) renderRotateBy(credential paycor.Credential) any {
	by, ok := credential.RotateBy.Time()
	if !ok {
		return nil
	}
	text := t.page.formatTime(by, locale.CalendarDay)
	days, remind := credential.RotationDue(t.page.now())
	switch {
	case days < 0:
		return reminderLine("late", text)
	case remind:
		return reminderLine("odd", text)
	}
	return text
}

// renderPages renders the buttons for further pages, if there are any.
func (t *listTable) renderPages() goapp.UI {
	if t.list.next == "" && len(t.before) == 0 || t.list.state == listFailed {
		return dom.Slot()
	}
	return dom.Slot(dom.El("nav", dom.Class("pages"), dom.Attr("aria-label", t.page.say("list.pages")),
		dom.Button("", "page-previous", t.page.say("list.previous"), dom.Flag("disabled", len(t.before) == 0), dom.Click("page-previous", func() { t.turn(false) })),
		dom.Button("", "page-next", t.page.say("list.next-page"), dom.Flag("disabled", t.list.next == ""), dom.Click("page-next", func() { t.turn(true) }))))
}

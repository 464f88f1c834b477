package app

import (
	"net/url"

	"paycorcred/app/client"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

// queryPurpose in the address is what a selection is for.
const queryPurpose = "purpose"

// listView is what the list shows: what it searches, filters and sorts by, as tiles or as
// a table.
type listView struct {
	query paycor.Query
	table bool
}

// readListAddress returns what the query of the list's address asks for. It leaves out
// what is invalid.
func readListAddress(text string) (view listView, purpose paycor.Purpose) {
	purpose = paycor.PurposeSource
	values, err := url.ParseQuery(text)
	if err != nil {
		return listView{}, purpose
	}
	view.query.Read(values)
	view.table = values.Get(api.QueryView) == api.ViewTable
	if values.Get(queryPurpose) == string(paycor.PurposeDestination) {
		purpose = paycor.PurposeDestination
	}
	return view, purpose
}

// address returns the address of the list with a view.
func (f *listFilters) address(view listView) string {
	values := view.query.Values()
	if view.table {
		values.Set(api.QueryView, api.ViewTable)
	}
	if f.list.purpose == paycor.PurposeDestination {
		values.Set(queryPurpose, string(f.list.purpose))
	}
	return client.WithQuery("/", values)
}

// writeAddress writes what the list shows into the address, so that it can be shared and
// a reload keeps it. With history, Back returns to what was shown before.
func (f *listFilters) writeAddress(history bool) {
	f.page.document.SetAddress(f.address(f.listView), history)
}

// narrow shows another list, in the same view.
func (f *listFilters) narrow(query paycor.Query) { f.open(listView{query, f.table}) }

// open shows another list.
func (f *listFilters) open(view listView) {
	f.listView = view
	f.writeAddress(true)
	f.fill()
	f.list.reload()
}

// showSearch shows what the search finds. That is no step for Back to return to.
func (f *listFilters) showSearch() {
	f.writeAddress(false)
	f.list.reload()
}

// showAddress shows the list of an address that the person went back or forward to.
func (f *listFilters) showAddress(text string) {
	view, purpose := readListAddress(text)
	before := f.address(f.listView)
	f.list.purpose = purpose
	if f.address(view) == before {
		return // the way to another part of the page, such as its main content
	}
	f.listView = view
	f.fill()
	f.list.reload()
}

// everything returns the view of all credentials in the same order.
func (v listView) everything() listView {
	v.query.Search, v.query.Filter = "", paycor.Filter{}
	return v
}

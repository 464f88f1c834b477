package app

import (
	"net/url"

	"paycorcred/app/client"
	"paycorcred/paycor"
)

// queryPurpose in the address is what a selection is for.
const queryPurpose = "purpose"

// readListAddress returns what the query of the list's address asks for. It leaves out
// what is invalid.
func readListAddress(text string) (query paycor.Query, purpose paycor.Purpose) {
	values, err := url.ParseQuery(text)
	if err != nil {
		return paycor.Query{}, paycor.PurposeSource
	}
	query.Read(values)
	purpose = paycor.PurposeSource
	if values.Get(queryPurpose) == string(paycor.PurposeDestination) {
		purpose = paycor.PurposeDestination
	}
	return query, purpose
}

// address returns the address of the list with a query.
func (f *listFilters) address(query paycor.Query) string {
	values := query.Values()
	if f.list.purpose == paycor.PurposeDestination {
		values.Set(queryPurpose, string(f.list.purpose))
	}
	return client.WithQuery("/", values)
}

// writeAddress writes what the list shows into the address, so that it can be shared and
// a reload keeps it. With history, Back returns to what was shown before.
func (f *listFilters) writeAddress(history bool) {
	f.page.document.SetAddress(f.address(f.query), history)
}

// narrow shows another list.
func (f *listFilters) narrow(query paycor.Query) {
	f.query = query
	f.writeAddress(true)
	f.fill()
	f.list.reload()
}

// showAddress shows the list of an address that the person went back or forward to.
func (f *listFilters) showAddress(text string) {
	query, purpose := readListAddress(text)
	if same := f.query.Values().Encode() == query.Values().Encode(); same && purpose == f.list.purpose {
		return // the way to another part of the page, such as its main content
	}
	f.query, f.list.purpose = query, purpose
	f.fill()
	f.list.reload()
}

// everything returns the query that finds all credentials in the same order.
func everything(query paycor.Query) paycor.Query {
	query.Search, query.Filter = "", paycor.Filter{}
	return query
}

package records

import (
	"cmp"

	"paycorcred/paycor"
	"paycorcred/paycor/listing"
)

// listOrder is the order of a list: by a column of the search documents, then by name
// and id.
type listOrder struct {
	column, index string
	descending    bool
	key           func(paycor.Credential) string // the value of the column
}

// listOrders has the order of each sort, from an index.
var listOrders = map[listing.Sort]listOrder{
	listing.ByName:     {column: "name_key", index: "search_documents_name", key: nameKeyOf},
	listing.ByState:    {column: "state_rank", index: "search_documents_by_state", key: stateRank},
	listing.ByLastUsed: {column: "last_used_at", index: "search_documents_by_last_used", key: func(c paycor.Credential) string { return timestampText(c.LastUsedAt) }},
	listing.ByChecked:  {column: "checked_at", index: "search_documents_by_checked", key: func(c paycor.Credential) string { return timestampText(c.CheckedAt()) }},
	listing.ByVerified: {column: "verified_at", index: "search_documents_by_verified", key: func(c paycor.Credential) string { return timestampText(c.VerifiedAt) }},
	listing.ByRotateBy: {column: "rotate_by", index: "search_documents_by_rotate_by", key: rotateByKey},
}

func orderOf(query paycor.Query) listOrder {
	order := listOrders[cmp.Or(query.Sort, listing.ByName)]
	order.descending = query.Descending
	return order
}

// comparison returns how a later position compares with an earlier one.
func (o listOrder) comparison() string {
	if o.descending {
		return "<"
	}
	return ">"
}

// from returns the statement that reads positions of documents in this order.
func (o listOrder) from(restricted string) string {
	return o.selects() + `FROM search_documents d INDEXED BY ` + o.index + ` WHERE d.workspace = ?1 AND d.restricted = ` + restricted
}

// fromShared returns the statement that reads positions of what is shared with the viewer.
func (o listOrder) fromShared() string {
	return `SELECT DISTINCT d.` + o.column + `, d.name_key, d.credential ` + fromShared
}

// selects returns the columns of a position.
func (o listOrder) selects() string { return `SELECT d.` + o.column + `, d.name_key, d.credential ` }

// page returns the end of a statement that reads a page after a position, or the first.
func (o listOrder) page(after listPosition) string {
	later, columns, direction := ``, []string{o.column, "name_key", "credential"}, ``
	if o.column == "name_key" {
		columns = columns[1:]
	}
	if after != (listPosition{}) {
		later = ` AND (d.` + o.column + `, d.name_key, d.credential) ` + o.comparison() + ` (?13, ?2, ?3)`
		if len(columns) == 2 {
			later = ` AND (d.name_key, d.credential) ` + o.comparison() + ` (?2, ?3)`
		}
	}
	if o.descending {
		direction = ` DESC`
	}
	sorted := ` ORDER BY `
	for i, column := range columns {
		if i > 0 {
			sorted += `, `
		}
		sorted += `d.` + column + direction
	}
	return later + sorted + ` LIMIT ?4`
}

// compare compares two positions.
func (o listOrder) compare(a, b listPosition) int {
	found := cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.nameKey, b.nameKey), cmp.Compare(a.id, b.id))
	if o.descending {
		return -found
	}
	return found
}

// position returns the position after a credential.
func (o listOrder) position(c paycor.Credential) listPosition {
	return listPosition{o.key(c), nameKeyOf(c), c.ID}
}

func nameKeyOf(c paycor.Credential) string { return paycor.NameKey(c.Name) }

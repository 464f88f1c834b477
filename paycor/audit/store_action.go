package audit

import "strings"

// Actions on the database as a whole.
const (
	ActionMigrate Action = "store.migrate"  // the schema was migrated; Detail has the versions and the number of records that were authenticated
	ActionAltered Action = "record.altered" // a record that something else wrote was refused; see AlteredRecord
)

// AlteredDetail returns the Detail of an entry about an altered record.
func AlteredDetail(record, id string) string { return record + " " + id }

// AlteredRecord returns the kind and the id of the record that an entry of
// ActionAltered is about.
func AlteredRecord(detail string) (record, id string) {
	record, id, _ = strings.Cut(detail, " ")
	return record, id
}

package audit

import (
	"strconv"
	"strings"
)

// Actions on the database as a whole.
const (
	ActionMigrate   Action = "store.migrate"       // the schema was migrated; Detail has the versions and the number of records that were authenticated
	ActionAddress   Action = "environment.address" // another address of an environment was accepted; Detail has the name and the address
	ActionArchive   Action = "audit.archive"       // the oldest entries were moved to a file; Detail has the number of the first and the head of the last one
	ActionKeyAdd    Action = "key.add"             // a key was added that encrypts what is stored from then on; Detail has its ID
	ActionKeyRewrap Action = "key.rewrap"          // the keys were encrypted with another key outside of the database; Detail has its ID and that of the earlier one
	ActionKeyRemove Action = "key.remove"          // keys that are no longer needed were removed; Detail has their IDs
	ActionAltered   Action = "record.altered"      // a record that something else wrote was refused; see AlteredRecord
)

// AlteredDetail returns the Detail of an entry about an altered record.
func AlteredDetail(record, id string) string { return record + " " + id }

// AlteredRecord returns the kind and the id of the record that an entry of
// ActionAltered is about.
func AlteredRecord(detail string) (record, id string) {
	record, id, _ = strings.Cut(detail, " ")
	return record, id
}

// ArchiveDetail returns the Detail of an entry about archived entries: the number of the
// first one and the head of the last.
func ArchiveDetail(first int64, last Head) string {
	return strconv.FormatInt(first, 10) + " " + last.String()
}

// ArchivedRange returns the numbers of the first and the last entry that an entry of
// ActionArchive is about.
func ArchivedRange(detail string) (first, last string, ok bool) {
	first, head, ok := strings.Cut(detail, " ")
	last, _, found := strings.Cut(head, ":")
	return first, last, ok && found
}

package sqlite

import (
	"fmt"
	"io/fs"

	"paycorcred/paycor"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/newfile"
)

// ExecOnWriter runs a statement on the connection that writes.
func ExecOnWriter(s *DB, statement string) error { return s.writer.execControl(statement) }

// UsesWALIndex reports whether versions are read from the WAL index.
func UsesWALIndex(s *DB) bool { return s.versions.walIndex != nil }

// DisableWALIndex makes versions come from a query.
func DisableWALIndex(s *DB) { s.versions.walIndex = nil }

// WithMigrations replaces the migrations of the schema.
func WithMigrations(config Config, files fs.FS) Config {
	config.migrations = files
	return config
}

// Migrations are the migrations of this program.
var Migrations fs.FS = migrations

// QueueLength returns the number of waiting updates.
func QueueLength(s *DB) int {
	s.writer.mutex.Lock()
	defer s.writer.mutex.Unlock()
	return len(s.writer.waiting)
}

// PathOf returns the path of the database.
func PathOf(s *DB) string { return s.config.Path }

// ListStatements are the statements that lists and searches run, by what they do.
func ListStatements() map[string]string {
	statements := map[string]string{
		"hits":                orderOf(paycor.Query{}).selects() + fromTrigrams + matchesText + isVisible + ` LIMIT ?4`,
		"allow-list":          orderOf(paycor.Query{}).selects() + fromIDs + matchesText + isVisible,
		"count":               selectGroups,
		"count of shared":     countShared + `)`,
		"count of IDs":        selectGroupsOf + seenIDs + groupsOf,
		"shared groups":       selectGroupsOf + sharedIDs + groupsOf,
		"labels":              frequentLabels,
		"labels of IDs":       selectLabelsOf + seenIDs + labelsOf,
		"shared labels":       selectLabelsOf + sharedIDs + labelsOf,
		"count of label":      countLabel,
		"page":                selectPage,
		"application history": applicationHistory,
		"duplicates by name":  `SELECT c.id FROM ` + sameName,
		"duplicates by value": `SELECT c.id FROM ` + sameValues,
	}
	for _, sort := range listing.Sorts() {
		for _, descending := range []bool{false, true} {
			order := orderOf(paycor.Query{Sort: sort, Descending: descending})
			for name, after := range map[string]listPosition{"first": {}, "next": {key: "a", nameKey: "b", id: "c"}} {
				end := order.page(after)
				name = fmt.Sprint(" ", name, " by ", sort, " ", descending)
				statements["list"+name] = order.from("0") + end
				statements["restricted"+name] = order.from("1") + end
				statements["frequent"+name] = order.from("0") + matchesText + end
				statements["shared"+name] = order.fromShared() + end
			}
		}
	}
	all := filterState.condition + filterEnvironment.condition + filterTag.condition + filterOwner.condition + filterAttention[listing.AttentionAny].condition
	for name, part := range map[string]filterPart{
		"state": filterState, "environment": filterEnvironment, "tag": filterTag, "owner": filterOwner,
		"attention": filterAttention[listing.AttentionAny], "rotation": filterAttention[listing.AttentionRotation],
	} {
		statements["filter by "+name] = orderOf(paycor.Query{}).selects() + part.from + part.condition + all + isVisible + ` LIMIT ?4`
	}
	return statements
}

// IsFull reports whether the last write found the disk full.
func IsFull(s *DB) bool { return s.writer.full.Load() }

// WithoutLinks makes every file system one without hard links until the function it
// returns is called.
func WithoutLinks() (restore func()) {
	supportsLinks = func(string) bool { return false }
	return func() { supportsLinks = newfile.SupportsLinks }
}

// FrequentQueries are statements of calls and verifications, which must not read a whole
// workspace.
var FrequentQueries = map[string]string{"callAccess": callAccess, "applicationCredentials": applicationCredentials}

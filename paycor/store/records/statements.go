package records

import (
	"fmt"

	"paycorcred/paycor"
	"paycorcred/paycor/listing"
)

// FrequentStatements are statements of calls and verifications, by what they do, for an
// engine's tests: none may read a whole workspace.
func FrequentStatements() map[string]string {
	return map[string]string{"callAccess": callAccess, "applicationCredentials": applicationCredentials}
}

// ListStatements are the statements that lists and searches run, by what they do, for an
// engine's tests.
func ListStatements(dialect *Dialect) map[string]string {
	search := dialect.Search
	statements := map[string]string{
		"hits":                orderOf(paycor.Query{}).selects() + search.From + search.Matches + isVisible + ` LIMIT ?4`,
		"allow-list":          orderOf(paycor.Query{}).selects() + fromIDs + search.Matches + isVisible,
		"count":               selectGroups,
		"count of shared":     countShared + endCountShared,
		"count of IDs":        selectGroupsOf + seenIDs + groupsOf,
		"shared groups":       selectGroupsOf + sharedIDs + groupsOf,
		"labels":              frequentLabels,
		"labels of IDs":       selectLabelsOf + seenIDs + labelsOf,
		"shared labels":       selectLabelsOf + sharedIDs + labelsOf,
		"count of label":      countLabel,
		"page":                selectPage,
		"application history": applicationHistory(dialect),
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
				statements["frequent"+name] = order.from("0") + search.Matches + end
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

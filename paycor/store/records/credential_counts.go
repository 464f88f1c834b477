package records

import (
	"cmp"
	"maps"
	"slices"

	"paycorcred/paycor"
	"paycorcred/paycor/listing"
)

// documentGroup is how many search documents of a workspace are of one kind.
type documentGroup struct {
	restricted         bool
	environment, state string
	problem            bool
	credentials        int
	due                int // those of them whose secrets are to be replaced soon
}

// matching returns how many of the documents a filter without labels lets through.
func (g documentGroup) matching(f paycor.Filter) int {
	switch {
	case f.State != "" && string(f.State) != g.state, f.Environment != "" && f.Environment != g.environment:
		return 0
	case f.Attention == listing.AttentionRotation, f.Attention == listing.AttentionAny && !g.problem:
		return g.due
	}
	return g.credentials
}

func sizeOf(groups []documentGroup, f paycor.Filter) (size int) {
	for _, group := range groups {
		size += group.matching(f)
	}
	return size
}

const (
	selectGroups = `SELECT restricted = 1, environment, state, problem = 1, sum(credentials), coalesce(sum(credentials) FILTER (WHERE rotate_by <= ?2), 0)
		FROM search_counts WHERE workspace = ?1 GROUP BY restricted, environment, state, problem`

	// The credentials that a caller with a list of them sees, or those that are shared with
	// a viewer, are counted one by one. ?2 is the list, ?3 what names the viewer.
	seenIDs   = `(SELECT DISTINCT value AS id FROM json_each(?2))`
	sharedIDs = `(SELECT DISTINCT s.credential AS id FROM json_each(?3) key CROSS JOIN credential_shares s ON s.workspace = ?1 AND s.viewer = key.value)`

	groupsOf = ` seen CROSS JOIN search_documents d ON d.workspace = ?1 AND d.credential = seen.id
		WHERE ?3 IS NULL OR d.restricted = 1 GROUP BY 1, 2, 3, 4`
	selectGroupsOf = `SELECT d.restricted = 1, d.environment, d.state, d.problem = 1, count(*), count(*) FILTER (WHERE d.rotate_by <= ?4) FROM `

	selectLabelsOf = `SELECT l.label, max(l.name), count(*) FROM `
	labelsOf       = ` seen CROSS JOIN search_labels l ON l.workspace = ?1 AND l.credential = seen.id
		WHERE l.kind = ?4 AND (?3 IS NULL OR l.restricted = 1) GROUP BY l.label`

	// The most frequent labels, and those that are counted one by one (?4). ?3 is whether
	// restricted credentials count.
	frequentLabels = `SELECT c.label, max(c.name), sum(c.credentials) FROM (
			SELECT label FROM (SELECT label FROM search_label_counts WHERE workspace = ?1 AND kind = ?2 AND restricted = 0 ORDER BY credentials DESC, label LIMIT ?5) ranked
			UNION SELECT label FROM (SELECT label FROM search_label_counts WHERE workspace = ?1 AND kind = ?2 AND restricted = 1 AND ?3 = 1 ORDER BY credentials DESC, label LIMIT ?5) ranked
			UNION SELECT value FROM json_each(?4)) frequent
		CROSS JOIN search_label_counts c ON c.workspace = ?1 AND c.kind = ?2 AND c.restricted IN (0, ?3) AND c.label = frequent.label GROUP BY c.label`
)

func (t credentialTx) CredentialCounts(workspace string, query paycor.Query, only []string) (listing.Counts, error) {
	counts, err := t.counts(workspace, query, only)
	if IsDamage(err) {
		return t.salvagedCounts(workspace, query, only)
	}
	return counts, err
}

// noCounts returns the counts of no credential.
func noCounts() listing.Counts {
	counts := listing.Counts{States: map[string]int{}, Environments: map[string]int{}}
	for _, state := range paycor.States() {
		counts.States[string(state)] = 0
	}
	return counts
}

func (t credentialTx) counts(workspace string, query paycor.Query, only []string) (listing.Counts, error) {
	counts := noCounts()
	groups, err := t.visibleGroups(workspace, query, only)
	for _, g := range groups {
		counts.Total += g.credentials
		counts.NeedsAttention += g.matching(paycor.Filter{Attention: listing.AttentionAny})
		counts.RotateSoon += g.due
		counts.States[g.state] += g.credentials
		counts.Environments[g.environment] += g.credentials
	}
	if err == nil {
		counts.Tags, err = t.labels(workspace, "tag", query.Viewer, only)
	}
	if err == nil {
		counts.Owners, err = t.labels(workspace, "owner", query.Viewer, only)
	}
	return counts, err
}

// documentGroups counts all search documents of a workspace.
func (t credentialTx) documentGroups(workspace string, today paycor.Day) ([]documentGroup, error) {
	return List(t.Transaction, scanGroup, selectGroups, workspace, string(today.RemindsUntil()))
}

// visibleGroups counts those that a caller sees.
func (t credentialTx) visibleGroups(workspace string, query paycor.Query, only []string) ([]documentGroup, error) {
	remind := string(query.Today.RemindsUntil())
	if len(only) > 0 {
		return List(t.Transaction, scanGroup, selectGroupsOf+seenIDs+groupsOf, workspace, jsonList(only), nil, remind)
	}
	groups, err := t.documentGroups(workspace, query.Today)
	if err != nil || query.Viewer == nil {
		return groups, err
	}
	shared, err := List(t.Transaction, scanGroup, selectGroupsOf+sharedIDs+groupsOf, workspace, nil, viewerArgument(query.Viewer), remind)
	return append(slices.DeleteFunc(groups, func(g documentGroup) bool { return g.restricted }), shared...), err
}

func scanGroup(scan Scan) (g documentGroup, err error) {
	return g, scan(&g.restricted, &g.environment, &g.state, &g.problem, &g.credentials, &g.due)
}

// labels counts the most frequent labels of a kind that a caller sees.
func (t credentialTx) labels(workspace, kind string, viewer *paycor.Viewer, only []string) ([]listing.Count, error) {
	counted := map[string]listing.Count{} // by label
	add := func(query string, arguments ...any) error {
		return t.Rows(query, arguments, func(scan Scan) error {
			var label string
			var found listing.Count
			err := scan(&label, &found.Name, &found.Credentials)
			found.Credentials += counted[label].Credentials
			counted[label] = found
			return err
		})
	}
	var err error
	switch {
	case len(only) > 0:
		err = add(selectLabelsOf+seenIDs+labelsOf, workspace, jsonList(only), nil, kind)
	case viewer == nil:
		err = add(frequentLabels, workspace, kind, 1, "[]", listing.MaxCounts)
	default:
		if err = add(selectLabelsOf+sharedIDs+labelsOf, workspace, nil, viewerArgument(viewer), kind); err == nil {
			shared := slices.AppendSeq([]string{}, maps.Keys(counted))
			err = add(frequentLabels, workspace, kind, 0, jsonOf(&shared), listing.MaxCounts)
		}
	}
	return frequent(counted), err
}

// frequent returns the most frequent labels, in the order of their names.
func frequent(counted map[string]listing.Count) []listing.Count {
	counts := slices.SortedFunc(maps.Values(counted), func(a, b listing.Count) int {
		return cmp.Or(cmp.Compare(b.Credentials, a.Credentials), cmp.Compare(a.Name, b.Name))
	})
	counts = counts[:min(len(counts), listing.MaxCounts)]
	slices.SortFunc(counts, func(a, b listing.Count) int {
		return cmp.Or(cmp.Compare(paycor.NameKey(a.Name), paycor.NameKey(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	return counts
}

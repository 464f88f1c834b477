package sqlite

import (
	"encoding/json"
	"slices"
	"strings"
)

// insertDocument returns the statement that stores a document. The number of its workspace
// begins at bit 32 of its own.
func insertDocument(columns, values, restricted string) string {
	return `INSERT INTO search_documents (document, workspace, credential, restricted, ` + columns + `)
		SELECT number << 32 | (last_document + 1), ?1, ?2, ` + restricted + `, ` + values + `
		FROM search_workspaces WHERE workspace = ?1`
}

const (
	// The first few patterns have arguments of their own, because that is far faster
	// than a JSON list. instr, unlike LIKE, has no wildcards, and finds "" in any text.
	inlinePatterns = 4
	matchesText    = ` AND instr(d.text, ?8) AND instr(d.text, ?9) AND instr(d.text, ?10) AND instr(d.text, ?11)
		AND (?12 IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(?12) pattern WHERE NOT instr(d.text, pattern.value)))`

	fromTrigrams = `FROM search_workspaces w
		CROSS JOIN search_trigrams hit ON hit.rowid BETWEEN w.number << 32 AND ((w.number + 1) << 32) - 1
		CROSS JOIN search_documents d ON d.document = hit.rowid
		WHERE w.workspace = ?1 AND search_trigrams MATCH ?7`
)

// searchArguments returns the arguments of matchesText and fromTrigrams.
func searchArguments(patterns []string) (arguments [6]any) {
	arguments[0] = ""
	if len(patterns) > 0 {
		arguments[0] = trigramQuery(patterns)
	}
	for i := range inlinePatterns {
		arguments[1+i] = ""
		if i < len(patterns) {
			arguments[1+i] = patterns[i]
		}
	}
	if len(patterns) > inlinePatterns {
		list, _ := json.Marshal(patterns[inlinePatterns:]) // strings always marshal
		arguments[5] = string(list)
	}
	return arguments
}

// maxTrigrams bounds how many index entries a search compares. More would make it
// slower and hardly more exact, and the texts decide in the end.
const maxTrigrams = 24

// trigramQuery returns the FTS5 expression that the hits of all patterns fulfill.
func trigramQuery(patterns []string) string {
	each := max(1, maxTrigrams/len(patterns))
	var terms []string
	for _, pattern := range patterns[:min(len(patterns), maxTrigrams)] {
		runes := []rune(pattern)
		positions := len(runes) - 2
		step := max(1, (positions+each-1)/each)
		for at := 0; at < positions; at += step {
			terms = append(terms, `"`+strings.ReplaceAll(string(runes[at:at+3]), `"`, `""`)+`"`)
		}
	}
	slices.Sort(terms)
	return strings.Join(slices.Compact(terms), " AND ")
}

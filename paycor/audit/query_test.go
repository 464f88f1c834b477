package audit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/app/locale"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
)

// The audit page offers every declared action.
func TestActionsAreAll(t *testing.T) {
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var declared []audit.Action
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			if spec, ok := node.(*ast.ValueSpec); ok {
				if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Action" {
					value := spec.Values[0].(*ast.BasicLit).Value
					declared = append(declared, audit.Action(value[1:len(value)-1]))
				}
			}
			return true
		})
	}
	require.NotEmpty(t, declared)
	assert.ElementsMatch(t, declared, audit.Actions())
}

func TestAuditFilter(t *testing.T) {
	query, problems := audit.Filter{From: "2031-02-03", To: "2031-02-03", Caller: "ann"}.Query()
	require.Empty(t, problems)
	assert.Equal(t, "ann", query.Caller)
	assert.Equal(t, time.Date(2031, 2, 3, 0, 0, 0, 0, time.UTC), query.From)
	assert.Equal(t, time.Date(2031, 2, 4, 0, 0, 0, 0, time.UTC), query.To, "the last day is within")

	query, problems = audit.Filter{To: "2031-02-03T04:05:06+02:00"}.Query()
	require.Empty(t, problems)
	assert.Equal(t, time.Date(2031, 2, 3, 2, 5, 6, 0, time.UTC), query.To)

	_, problems = audit.Filter{Action: "bogus"}.Query()
	require.Len(t, problems, 1)
	assert.Equal(t, fields.Field("action"), problems[0].Field)
	assert.Contains(t, problems[0].Message.In(locale.English), "credential.update")

	for _, text := range []string{"yesterday", "2031-02-30", "03.02.2031", "0001-01-01T00:00:00Z"} {
		_, problems := audit.Filter{From: text, To: text}.Query()
		require.Len(t, problems, 2, text)
		assert.Equal(t, fields.Field("from"), problems[0].Field)
	}
}

// Matches selects what the filters of a search name, each by itself.
func TestQueryMatches(t *testing.T) {
	entry := sample()
	entry.CallerName = "Ann Baker"
	for name, c := range map[string]struct {
		query audit.Query
		want  bool
	}{
		"everything":             {audit.Query{}, true},
		"the credential":         {audit.Query{Credential: "c"}, true},
		"another credential":     {audit.Query{Credential: "d"}, false},
		"the action":             {audit.Query{Action: audit.ActionUpdate}, true},
		"another action":         {audit.Query{Action: audit.ActionMigrate}, false},
		"the outcome":            {audit.Query{Outcome: "done"}, true},
		"another outcome":        {audit.Query{Outcome: "refused"}, false},
		"the request":            {audit.Query{RequestID: "r"}, true},
		"another request":        {audit.Query{RequestID: "s"}, false},
		"the caller's ID":        {audit.Query{Caller: "id"}, true},
		"part of the name":       {audit.Query{Caller: "bAKER"}, true},
		"another caller":         {audit.Query{Caller: "zoe"}, false},
		"from this moment":       {audit.Query{From: entry.At}, true},
		"from the next one":      {audit.Query{From: entry.At.Add(1)}, false},
		"until this moment":      {audit.Query{To: entry.At}, false},
		"until the next one":     {audit.Query{To: entry.At.Add(1)}, true},
		"one of two not its own": {audit.Query{Credential: "c", Outcome: "refused"}, false},
	} {
		assert.Equal(t, c.want, c.query.Matches(entry), name)
	}
}

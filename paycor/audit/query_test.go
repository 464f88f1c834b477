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

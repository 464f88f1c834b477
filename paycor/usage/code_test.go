package usage_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// The page's sentences and the metrics use these codes.
func TestEveryCodeOfACallIsListed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, 0)
	require.NoError(t, err)
	var written []verdicts.Code
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "CodeCall") {
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			written = append(written, verdicts.Code(code))
		}
		return true
	})
	require.NotEmpty(t, written)
	assert.Equal(t, written, usage.CallCodes())
}

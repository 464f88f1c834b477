package web_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A browser reads over a brace that is missing, and gives what comes after it
// only to those the block was for: to small screens, say.
func TestTheStyleSheetsBlocksAreClosed(t *testing.T) {
	content, err := os.ReadFile("static/app.css")
	require.NoError(t, err)
	bare := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllStringFunc(string(content), func(comment string) string {
		return strings.Repeat("\n", strings.Count(comment, "\n"))
	})
	depth := 0
	for number, line := range strings.Split(bare, "\n") {
		if line != "" && line[0] != ' ' && line[0] != '}' && line[0] != '\t' {
			assert.Zero(t, depth, "line %d begins a rule in a block that is open: %s", number+1, line)
		}
		depth += strings.Count(line, "{") - strings.Count(line, "}")
	}
	assert.Zero(t, depth, "blocks that are open at the end")
}

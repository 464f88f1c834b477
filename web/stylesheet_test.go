package web_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Browsers ignore a missing brace. The rules after it then apply only within the
// unclosed block, such as on small screens.
func TestStylesheetBlocksAreClosed(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("static/app.css")
	require.NoError(t, err)
	bare := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllStringFunc(string(content), func(comment string) string {
		return strings.Repeat("\n", strings.Count(comment, "\n"))
	})
	depth := 0
	for number, line := range strings.Split(bare, "\n") {
		if line != "" && line[0] != ' ' && line[0] != '}' && line[0] != '\t' {
			assert.Zero(t, depth, "line %d starts a rule in an unclosed block: %s", number+1, line)
		}
		depth += strings.Count(line, "{") - strings.Count(line, "}")
	}
	assert.Zero(t, depth, "unclosed blocks at the end")
}

// WebKit takes the zero basis of "flex: 1" literally in a column whose height is
// open. An element that may also shrink to nothing then has no height at all.
func TestNothingCollapsesInWebKit(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("static/app.css")
	require.NoError(t, err)
	for _, rule := range regexp.MustCompile(`[^{}]+\{[^{}]*\}`).FindAllString(string(content), -1) {
		if strings.Contains(rule, "min-block-size: 0") {
			assert.NotRegexp(t, `flex: 1(;| 1 0)`, rule, "write flex: auto")
		}
	}
}

package paycor_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

var update = flag.Bool("update", false, "write the README's table anew")

// The README's table of what a verification can find is made from the
// catalogue itself, so that the two never differ.
func TestTheREADMEShowsEveryCode(t *testing.T) {
	const path, begin, end = "../README.md", "<!-- verdicts:begin -->\n", "<!-- verdicts:end -->"
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(content), begin)
	require.True(t, found)
	table, after, found := strings.Cut(rest, end)
	require.True(t, found)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(before+begin+codeTable()+end+after), 0o644))
		return
	}
	assert.Equal(t, codeTable(), table, "run: go test ./paycor -run README -update")
}

func codeTable() string {
	var b strings.Builder
	b.WriteString("| code | outcome | blames | what the page says |\n|---|---|---|---|\n")
	for _, code := range paycor.Codes() {
		verdict := code.Verdict()
		labels := make([]string, len(verdict.Fields))
		for i, field := range verdict.Fields {
			labels[i] = field.Label()
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", code, verdict.Outcome, strings.Join(labels, " or "),
			strings.TrimSpace(verdict.Message+" "+verdict.Remedy))
	}
	return b.String()
}

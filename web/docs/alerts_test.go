package docs_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The rules fire for what they are about, and for nothing else.
func TestAlertingRules(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	require.NoError(t, err, "promtool is missing: run make tools")
	output, err := exec.CommandContext(t.Context(), promtool, "check", "rules", "alerts.yaml").CombinedOutput()
	assert.NoError(t, err, "%s", output)
	output, err = exec.CommandContext(t.Context(), promtool, "test", "rules", "testdata/alerts.yaml").CombinedOutput()
	assert.NoError(t, err, "%s", output)
}

// The manual describes every metric that a rule uses.
func TestAlertingRulesUseKnownMetrics(t *testing.T) {
	t.Parallel()
	rules, err := os.ReadFile("alerts.yaml")
	require.NoError(t, err)
	manual, err := os.ReadFile("operating.md")
	require.NoError(t, err)
	names := regexp.MustCompile(`paycorcred_\w+`).FindAllString(string(rules), -1)
	assert.NotEmpty(t, names)
	for _, name := range names {
		assert.Contains(t, string(manual), "`"+name+"`")
	}
}

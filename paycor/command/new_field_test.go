package command_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newField is what somebody writes to add the field cost_center, by file: text to
// insert after the first place where the key's text stands.
var newField = map[string]map[string]string{
	"paycor/field_table.go": {
		"type Draft struct {\n": "\tCostCenter string `json:\"cost_center\"`\n",
		"type Patch struct {\n": "\tCostCenter *string `json:\"cost_center\"`\n",
		"var fieldTable = []FieldSpec{\n": `	textRow(FieldSpec{Field: "cost_center", Max: 60, Optional: true},
		func(d *Draft) *string { return &d.CostCenter }, func(p *Patch) **string { return &p.CostCenter }, func(c *Credential) *string { return &c.CostCenter }),
`,
	},
	"paycor/credential.go": {"type Credential struct {\n": "\tCostCenter string `json:\"cost_center\"`\n"},
	"paycor/store/sqlite/migrations/9999_cost_center.sql": {
		"": "ALTER TABLE credentials ADD COLUMN cost_center TEXT NOT NULL DEFAULT '';\n",
	},
	"app/locale/en.domain.json": {"{\n": `"label.cost_center": "Cost Center", "hint.cost_center": "Who pays for it.",` + "\n"},
	"app/locale/es.domain.json": {"{\n": `"label.cost_center": "Centro de costos", "hint.cost_center": "Quién lo paga.",` + "\n"},
}

// Adding a field takes at most five files. The test adds one to a copy of the program
// and tries it: in the form, the API and its description, the database, the check and
// the history.
func TestNewFieldTakesFiveFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the program once more")
	}
	assert.LessOrEqual(t, len(newField), 5)
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	overlay := map[string]map[string]string{"Replace": {
		filepath.Join(root, "paycor/command/cost_center_test.go"): filepath.Join(root, "paycor/command/testdata/cost_center_test.go"),
	}}
	directory := t.TempDir()
	for name, insertions := range newField {
		original := filepath.Join(root, filepath.FromSlash(name))
		changed := filepath.Join(directory, strings.ReplaceAll(name, "/", "-"))
		require.NoError(t, os.WriteFile(changed, []byte(insert(t, original, insertions)), 0o600))
		overlay["Replace"][original] = changed
	}
	text, err := json.Marshal(overlay)
	require.NoError(t, err)
	file := filepath.Join(directory, "overlay.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))

	for pkg, tests := range map[string]string{
		"./paycor":         "TestTheTableHasEveryField|TestEachRowReachesItsOwnMember|TestTargetsPointIntoTheDraftAndThePatch",
		"./web":            "TestAPIDescriptionIsValid|TestResponsesMatchAPIDescription",
		"./paycor/command": "TestCostCenter",
	} {
		command := exec.CommandContext(t.Context(), "go", "test", "-overlay", file, "-run", "^("+tests+")$", pkg)
		command.Dir = root
		output, err := command.CombinedOutput()
		assert.NoError(t, err, "%s", output)
		assert.NotContains(t, string(output), "no tests to run", fmt.Sprint(pkg, " ", tests))
	}
}

// insert returns the text of a file with the insertions. A file that does not exist is
// empty.
func insert(t *testing.T, file string, insertions map[string]string) string {
	t.Helper()
	original, err := os.ReadFile(file)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	text := string(original)
	for after, inserted := range insertions {
		before, rest, found := strings.Cut(text, after)
		require.True(t, found, "%s has no %q", file, after)
		text = before + after + inserted + rest
	}
	return text
}

package docs_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dashboard is what a test reads of Grafana's dashboard model.
type dashboard struct {
	UID, Title    string
	SchemaVersion int
	ID            *int
	Templating    struct {
		List []struct{ Name, Type string }
	}
	Panels []panel
}

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               struct{ Type, UID string }
	GridPos                  struct{ H, W, X, Y int }
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct {
		RefID, Expr, LegendFormat string
		Datasource                struct{ UID string }
	}
}

func readDashboard(t *testing.T) (found dashboard) {
	t.Helper()
	text, err := os.ReadFile("dashboard.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &found))
	return found
}

// Grafana imports the dashboard as it is: it has no id of another Grafana, its panels are
// told apart by their ids and do not overlap, and its data source is chosen at the
// import.
func TestDashboardHasTheShapeThatGrafanaLoads(t *testing.T) {
	t.Parallel()
	d := readDashboard(t)
	assert.Nil(t, d.ID)
	assert.Equal(t, "paycorcred", d.UID)
	assert.NotEmpty(t, d.Title)
	assert.GreaterOrEqual(t, d.SchemaVersion, 36, "the first with data sources as objects")
	require.Len(t, d.Templating.List, 2)
	assert.Equal(t, "datasource", d.Templating.List[0].Type)
	assert.Equal(t, "instance", d.Templating.List[1].Name)
	ids, taken := map[int]bool{}, map[[2]int]string{}
	require.Greater(t, len(d.Panels), 20)
	for _, p := range d.Panels {
		assert.False(t, ids[p.ID], "%s: the id %d exists", p.Title, p.ID)
		assert.Positive(t, p.ID)
		ids[p.ID] = true
		g := p.GridPos
		assert.True(t, g.X >= 0 && g.Y >= 0 && g.W > 0 && g.H > 0 && g.X+g.W <= 24, "%s is outside of the grid", p.Title)
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				assert.Empty(t, taken[[2]int{x, y}], "%s is over it", p.Title)
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		assert.Contains(t, []string{"stat", "timeseries"}, p.Type)
		assert.NotEmpty(t, p.Title)
		assert.True(t, strings.HasSuffix(p.Description, "."), "%s: the description is a sentence", p.Title)
		assert.NotEmpty(t, p.FieldConfig.Defaults.Unit, "the unit of %s", p.Title)
		assert.Equal(t, "${datasource}", p.Datasource.UID)
		assert.NotEmpty(t, p.Targets)
		names := map[string]bool{}
		for _, target := range p.Targets {
			assert.False(t, names[target.RefID], "%s: two queries %s", p.Title, target.RefID)
			names[target.RefID] = true
			assert.NotEmpty(t, target.LegendFormat, "the legend of %s", p.Title)
			assert.Equal(t, "${datasource}", target.Datasource.UID)
			assert.Contains(t, target.Expr, `instance=~"$instance"`, "%s: the chosen server", p.Title)
		}
	}
}

// Prometheus understands each query, once Grafana has filled in its variables.
func TestDashboardHasValidQueries(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	require.NoError(t, err, "promtool is missing: run make tools")
	var rules []map[string]string
	for _, p := range readDashboard(t).Panels {
		for _, target := range p.Targets {
			expr := strings.NewReplacer("$__rate_interval", "5m", "$instance", ".*").Replace(target.Expr)
			assert.NotContains(t, expr, "$", p.Title)
			rules = append(rules, map[string]string{"record": "a:b", "expr": expr})
		}
	}
	text, err := json.Marshal(map[string]any{"groups": []any{map[string]any{"name": "a", "rules": rules}}})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "rules.yaml") // JSON is YAML
	require.NoError(t, os.WriteFile(path, text, 0o600))
	output, err := exec.CommandContext(t.Context(), promtool, "check", "rules", "--lint=none", path).CombinedOutput()
	assert.NoError(t, err, "%s", output)
}

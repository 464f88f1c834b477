package metrics_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

var (
	sampleLine = regexp.MustCompile(`(?m)^(\w+)(?:\{(.*)\})? \S+$`)
	labelName  = regexp.MustCompile(`(\w+)=~?!?"`)
	selector   = regexp.MustCompile(`\b((?:paycorcred|process|go)_\w+)(?:\{((?:[^{}"]|"[^"]*")*)\})?`)
	grouping   = regexp.MustCompile(`\b(?:by|on) \(([^)]*)\)`)
	legend     = regexp.MustCompile(`\{\{ ?(?:\$labels\.)?(\w+)`)
	filter     = regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)`)
)

// exposed returns the labels of every metric, by name. Prometheus adds instance.
func exposed(t *testing.T) map[string][]string {
	t.Helper()
	m := newMetrics()
	m.ObserveRequest("GET /", "GET", 200, time.Millisecond)
	m.ObserveCall(usage.Call{Environment: "production", Status: 429, Code: usage.CodeCallLimit, Took: time.Second, Upstream: time.Second, Waited: time.Second, Tries: 1})
	m.ObserveExchange("sandbox", verdicts.OutcomeVerified)
	m.ObserveVerification("sandbox", verdicts.OutcomeVerified)
	found := map[string][]string{}
	for _, line := range sampleLine.FindAllStringSubmatch(scrape(t, m), -1) {
		labels := []string{"instance"}
		for _, name := range labelName.FindAllStringSubmatch(line[2], -1) {
			labels = append(labels, name[1])
		}
		found[line[1]] = labels
	}
	return found
}

// The alerting rules and the dashboard use metrics that this package has, with labels
// that they have: a query for another one would be valid, and empty for ever.
func TestDocumentsUseMetricsThatExist(t *testing.T) {
	t.Parallel()
	known := exposed(t)
	for path, query := range map[string]*regexp.Regexp{
		"../../web/docs/alerts.yaml":    regexp.MustCompile(`(?ms)^ +- alert: .*?\n +fix: [^\n]*`),
		"../../web/docs/dashboard.json": regexp.MustCompile(`"expr": ("(?:[^"\\]|\\.)*",\s+"legendFormat": "[^"]*")`),
	} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		queries := query.FindAllString(string(text), -1)
		require.Greater(t, len(queries), 8)
		for _, q := range queries {
			q = strings.ReplaceAll(q, `\"`, `"`)
			used := selector.FindAllStringSubmatch(q, -1)
			assert.NotEmpty(t, used, q)
			all := []string{}
			for _, one := range used {
				labels, is := known[one[1]]
				if !assert.True(t, is, "%s: there is no metric %s", path, one[1]) {
					continue
				}
				all = append(all, labels...)
				for _, name := range filter.FindAllStringSubmatch(withoutValues.ReplaceAllString(one[2], `""`), -1) {
					assert.Contains(t, labels, name[1], "%s: a label of %s", path, one[1])
				}
			}
			for _, group := range grouping.FindAllStringSubmatch(q, -1) {
				for name := range strings.SplitSeq(group[1], ",") {
					assert.True(t, slices.Contains(all, strings.TrimSpace(name)), "%s: nothing has the label %s: %s", path, name, q)
				}
			}
			for _, name := range legend.FindAllStringSubmatch(q, -1) {
				if name[1] != "humanize" && !strings.HasPrefix(name[1], "value") {
					assert.True(t, slices.Contains(all, name[1]), "%s: nothing has the label %s: %s", path, name[1], q)
				}
			}
		}
	}
}

var withoutValues = regexp.MustCompile(`"[^"]*"`)

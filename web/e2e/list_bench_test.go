package e2e_test

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/stretchr/testify/require"
)

// listedCredentials is how many credentials the measured list has.
const listedCredentials = 4000

// listPaint measures in ms from a press until the list that it leads to is painted.
const listPaint = `(async (id) => {
	const frame = () => new Promise(requestAnimationFrame), before = location.search, begin = performance.now();
	document.getElementById(id).click();
	while (location.search === before || document.getElementById("list-count")?.textContent === "Loading…") await frame();
	await frame();
	return performance.now() - begin;
})`

// BenchmarkList prints what a list of 4,000 costs: medians in ms of a page through HTTP,
// and in the browser from a press until it is painted, with the processor time of that.
func BenchmarkList(b *testing.B) {
	for b.Loop() {
		// One run measures everything, below, because filling the database takes longest.
	}
	data := b.TempDir()
	fillDatabase(b, filepath.Join(data, "paycorcred.db"), listedCredentials, 0)
	p := launch(b, plain, data, "--environment", "bench=http://localhost:9")
	view := map[string]string{"Authorization": "Bearer " + p.newToken("--rights", "view")}
	for unit, query := range map[string]string{
		"filter-ms": "?state=not_verified&counts=true&limit=50", "sort-ms": "?sort=-last_used&counts=true&limit=50", "search-ms": "?q=team+7&counts=true&limit=50",
	} {
		took := make([]float64, 21)
		for i := range took {
			begin := time.Now()
			require.Equal(b, http.StatusOK, p.do(ask{Method: "GET", Path: "/api/v1/credentials" + query, Header: view}).Status)
			took[i] = milliseconds(time.Since(begin))
		}
		b.ReportMetric(median(took), unit)
	}
	tab := open(b, p).signIn()
	call(tab, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
	busy := func() float64 {
		for _, metric := range call(tab, performance.GetMetrics, cdp.Empty{}).Metrics {
			if metric.Name == "TaskDuration" {
				return 1000 * metric.Value
			}
		}
		b.Fatal("the browser does not say how long it was busy")
		return 0
	}
	painted := func(what string, ids ...string) {
		var took, worked []float64
		for range 7 {
			for _, id := range ids {
				before := busy()
				took = append(took, eval[float64](tab, listPaint+`("`+id+`")`))
				worked = append(worked, busy()-before)
			}
		}
		b.ReportMetric(median(took), what+"-painted-ms")
		b.ReportMetric(median(worked), what+"-cpu-ms")
	}
	painted("tiles", "filter-not_verified", "filter-all")
	tab.visit("/?view=table")
	painted("table", "filter-not_verified", "filter-all")
	painted("sort", "by-used", "by-name")
}

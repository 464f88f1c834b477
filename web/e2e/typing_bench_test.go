package e2e_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// BenchmarkTyping prints the longest task of the browser while a person types in each field
// of the form and in the search of a list of fifty, and how many took more than 50 ms, which
// is what a person notices.
func BenchmarkTyping(b *testing.B) {
	var longest, long []float64
	for b.Loop() {
		p := launch(b, plain, b.TempDir(), "--simulator")
		bakery := sample(b, paycortest.SunriseBakery)
		for i := range 50 {
			p.save(bakery.body(b).with("name", fmt.Sprintf("Bakery %d", i)).with("legal_entity_id", 600001+i), "?verify=false")
		}
		tab := open(b, p).signIn()
		tab.mounted()
		eval[any](tab, `window.tasks = [], new PerformanceObserver(list => tasks.push(...list.getEntries().map(e => e.duration))).observe({type: "longtask"}), null`)
		var tasks []float64
		enter := func(role, label, value string) {
			tab.press(role, label)
			eval[any](tab, `new Promise(done => setTimeout(() => done(tasks = []), 200))`) // without the press
			for _, letter := range value {
				tab.key(string(letter))
			}
			tasks = append(tasks, eval[[]float64](tab, `new Promise(done => setTimeout(() => done(tasks), 500))`)...)
		}
		enter("searchbox", say("search"), "bakery 17")
		tab.until("the search", func() bool { return eval[int](tab, `document.querySelectorAll(".tile-radio").length`) == 1 })
		tab.press("button", say("add"))
		for label, value := range map[string]string{
			"~Credential Name": "Sunrise Bakery", "~Credential Description": "of the north", "Client ID": bakery.ClientID, "Client Secret": bakery.ClientSecret,
			"APIM Subscription Key": bakery.Key, "Legal Entity ID": bakery.LEI,
		} {
			enter("textbox", label, value)
			require.Equal(b, value, tab.value(label))
		}
		longest, long = append(longest, 0), append(long, float64(len(tasks)))
		for _, task := range tasks {
			longest[len(longest)-1] = max(longest[len(longest)-1], task)
		}
	}
	b.ReportMetric(median(longest), "longest-ms")
	b.ReportMetric(median(long), "over-50-ms")
	b.ReportMetric(0, "ns/op")
}

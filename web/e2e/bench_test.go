package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/stretchr/testify/require"
)

// The load times a person sees at 10 Mbit/s and 40 ms.
const (
	throughput = 10_000_000 / 8 // bytes per second
	latency    = 40             // ms
)

// moments are the timings of one page load, in ms from its start.
type moments struct{ paint, typing, mounted float64 }

// readMoments reads the timings from the browser.
const readMoments = `(() => {
	const at = name => performance.getEntriesByName(name)[0]?.startTime ?? -1;
	return [at("first-contentful-paint"), at("form-usable"), at("app-mounted")];
})()`

// measure loads the page over a throttled connection.
func (b *tab) measure() moments {
	b.t.Helper()
	b.visit("/")
	var taken []float64
	b.until("the first paint", func() bool {
		taken = eval[[]float64](b, readMoments)
		return taken[0] >= 0
	})
	return moments{taken[0], taken[1], taken[2]}
}

// BenchmarkVisit prints the times to first paint, until typed text is kept, and
// until the component is mounted: for a first visit with an empty cache and for
// a second one.
func BenchmarkVisit(b *testing.B) {
	for _, visit := range []string{"cold", "second"} {
		b.Run(visit, func(b *testing.B) {
			var paint, typing, mounted []float64
			for b.Loop() {
				p := launch(b, plain, b.TempDir(), "--simulator")
				tab := open(b, p)
				tab.signIn()
				call(tab, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
					MatchedNetworkConditions: []*network.Conditions{{Latency: latency, DownloadThroughput: throughput, UploadThroughput: throughput}},
				})
				if visit == "cold" {
					call(tab, network.ClearBrowserCache, cdp.Empty{})
				}
				taken := tab.measure()
				paint, typing, mounted = append(paint, taken.paint), append(typing, taken.typing), append(mounted, taken.mounted)
			}
			b.ReportMetric(median(paint), "paint-ms")
			b.ReportMetric(median(typing), "typing-kept-ms")
			b.ReportMetric(median(mounted), "mounted-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func median(all []float64) float64 {
	sorted := append([]float64{}, all...)
	for i := range sorted {
		for j := i; j > 0 && sorted[j] < sorted[j-1]; j-- {
			sorted[j], sorted[j-1] = sorted[j-1], sorted[j]
		}
	}
	return sorted[len(sorted)/2]
}

// BenchmarkStart prints how long the server takes until it is ready, with an
// empty and with a used data directory, and how much memory it uses when idle.
func BenchmarkStart(b *testing.B) {
	for _, directory := range []string{"first", "again"} {
		b.Run(directory, func(b *testing.B) {
			var took, memory []float64
			for b.Loop() {
				data := b.TempDir()
				if directory == "again" {
					p := launch(b, plain, data)
					p.stop()
				}
				begin := time.Now()
				p := launch(b, plain, data)
				require.Equal(b, http.StatusOK, p.do(ask{Method: "GET", Path: "/readyz"}).Status)
				took = append(took, float64(time.Since(begin).Microseconds())/1000)
				require.Equal(b, http.StatusOK, p.do(ask{Method: "GET", Path: "/", Header: p.session()}).Status)
				memory = append(memory, p.idles())
				p.stop()
			}
			b.ReportMetric(median(took), "ready-ms")
			b.ReportMetric(median(memory), "idle-MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// idles waits until the memory of the process stops changing.
func (p *program) idles() float64 {
	p.t.Helper()
	last, same := "", 0
	for range 100 {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
		require.NoError(p.t, err)
		_, after, _ := strings.Cut(string(status), "VmRSS:")
		now := strings.TrimSpace(strings.SplitN(after, "kB", 2)[0])
		if same++; now != last {
			last, same = now, 0
		}
		if same == 10 {
			break
		}
		time.Sleep(50 * time.Millisecond) // measures a process without load
	}
	kilobytes, err := strconv.ParseFloat(last, 64)
	require.NoError(p.t, err)
	return kilobytes / 1024
}

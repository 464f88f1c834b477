package proxy_test

import (
	"flag"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// repetitions is how often each subject is measured. They take turns, so that
// other load on the machine affects all of them alike.
const repetitions = 5

// builds are further builds of paycorcred to compare with, as NAME=PATH,….
var builds = flag.String("builds", "", "further builds of paycorcred that BenchmarkCalls compares: NAME=PATH,…")

// BenchmarkCalls compares calls to the same upstream on one machine: direct calls,
// and calls through a bare httputil.ReverseProxy, this program with all features
// on, and nginx and Caddy if they are installed. Each runs in a process of its
// own, and so does the upstream; the load comes from this process. The medians of
// several repetitions are reported. cpu-µs/req is the processor time of the
// subject's processes per request; it varies less than anything that is timed.
func BenchmarkCalls(b *testing.B) {
	upstream, _ := startRole(b, "upstream")
	bare, pid := startRole(b, "bare http://"+upstream)
	subjects := []subject{
		{name: "direct", address: upstream, request: plainRequest("/v1/a", "Authorization: Bearer "+oldToken+"\r\nOcp-Apim-Subscription-Key: "+subscriptionKey+"\r\n")},
		{"bare-ReverseProxy", bare, plainRequest("/v1/a", "Authorization: Bearer x\r\n"), []int{pid}},
		program(b, upstream),
	}
	for one := range strings.SplitSeq(*builds, ",") {
		if name, path, is := strings.Cut(one, "="); is {
			build := run(b, path, upstream)
			build.name = name
			subjects = append(subjects, build)
		}
	}
	if path, err := exec.LookPath("nginx"); err == nil {
		subjects = append(subjects, nginx(b, path, upstream))
	}
	if path, err := exec.LookPath("caddy"); err == nil {
		subjects = append(subjects, caddy(b, path, upstream))
	}
	for _, r := range subjects {
		r.load(b, 32, time.Second, 0) // warm-up
	}
	turns := make([][]measurement, len(subjects))
	for range repetitions {
		for i, r := range subjects {
			turns[i] = append(turns[i], r.measure(b))
		}
	}
	const direct, standard = 0, 1 // what the others are compared with
	for i, r := range subjects {
		b.Run(r.name, func(b *testing.B) {
			for b.Loop() { // everything has been measured
			}
			b.ReportMetric(0, "ns/op")
			report := func(unit string, of func(measurement) float64) {
				b.ReportMetric(median(turns[i], turns[i], func(mine, _ measurement) float64 { return of(mine) }), unit)
			}
			over := func(unit string, of func(measurement) float64) {
				b.ReportMetric(median(turns[i], turns[standard], func(mine, theirs measurement) float64 { return of(mine) / of(theirs) }), unit)
			}
			report("req/s", func(t measurement) float64 { return t.perSecond })
			report("p99-1-µs", func(t measurement) float64 { return t.one })
			report("p99-32-µs", func(t measurement) float64 { return t.many })
			report("p99-500/s-µs", func(t measurement) float64 { return t.fixed })
			if i == direct {
				return
			}
			report("cpu-µs/req", func(t measurement) float64 { return t.cpu })
			over("times-bare-cpu", func(t measurement) float64 { return t.cpu })
			over("times-bare-p99-500/s", func(t measurement) float64 { return t.fixed })
			b.ReportMetric(r.memory(b), "MB")
		})
	}
}

// measurement is one repetition of a subject; times are in microseconds.
type measurement struct{ one, many, fixed, perSecond, cpu float64 }

func (r subject) measure(b testing.TB) measurement {
	b.Helper()
	const span = 3 * time.Second
	t := measurement{one: r.load(b, 1, span/2, 0).p99()}
	before := r.cpu(b)
	many := r.load(b, 32, span, 0)
	t.cpu = float64((r.cpu(b) - before).Microseconds()) / float64(len(many))
	t.many, t.perSecond = many.p99(), float64(len(many))/span.Seconds()
	t.fixed = r.load(b, 16, span+span/2, 500).p99()
	return t
}

// median returns the median over the repetitions of a figure of two subjects.
func median(mine, theirs []measurement, of func(mine, theirs measurement) float64) float64 {
	var all []float64
	for i := range mine {
		all = append(all, of(mine[i], theirs[i]))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

package e2e_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// slowLine forwards connections to an address at 10 Mbit/s and 40 ms.
// Throttling by the browser does not cover the frame, which is a separate
// process.
func slowLine(t testing.TB, to string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	line := &pace{}
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				_ = near.Close()
				continue
			}
			go line.carry(far, near, 0)
			go line.carry(near, far, latency*time.Millisecond)
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return "http://localhost:" + port
}

// pace is the bandwidth limit that all connections share.
type pace struct {
	mu   sync.Mutex
	free time.Time
}

func (p *pace) carry(to, from net.Conn, late time.Duration) {
	defer to.Close()
	type piece struct {
		data []byte
		due  time.Time
	}
	pieces := make(chan piece, 1024)
	go func() {
		defer close(pieces)
		for {
			data := make([]byte, 8<<10)
			n, err := from.Read(data)
			if n > 0 {
				now := time.Now()
				p.mu.Lock()
				if p.free.Before(now) {
					p.free = now
				}
				p.free = p.free.Add(time.Duration(n) * time.Second / throughput)
				due := p.free.Add(late)
				p.mu.Unlock()
				pieces <- piece{data[:n], due}
			}
			if err != nil {
				return
			}
		}
	}()
	for one := range pieces {
		time.Sleep(time.Until(one.due))
		if _, err := to.Write(one.data); err != nil {
			_, _ = io.Copy(io.Discard, from)
			return
		}
	}
}

// BenchmarkEmbed prints the time from the site's mount() to a usable picker
// over a slow connection, and the time to open the page directly over the same
// connection: for a first visit and for a second one.
func BenchmarkEmbed(b *testing.B) {
	for _, visit := range []string{"cold", "warm"} {
		b.Run(visit, func(b *testing.B) {
			var embedded, alone []float64
			for b.Loop() {
				p := launch(b, plain, b.TempDir(), "--simulator")
				p.save(sample(b, paycortest.SunriseBakery).body(b), "?verify=false")
				link := strings.TrimPrefix(p.link, p.address)
				direct := p.address
				p.address = slowLine(b, strings.TrimPrefix(direct, "http://"))
				c := newConsole(b, p, "view,edit")

				host := newTab(b, p, restricted(b))
				host.watch.expect(".*")
				host.navigate(c.address)
				ready := `(async () => { const begin = performance.now(); window.mounted = sdk.mount(place, options({timeout: 60000})); await mounted.ready; return performance.now() - begin; })()`
				host.until("the module", func() bool { loaded, _ := tryEval[bool](host, `!!window.sdk`, 0); return loaded })
				if visit == "warm" {
					eval[float64](host, ready)
					eval[any](host, `mounted.destroy(), null`)
				}
				embedded = append(embedded, eval[float64](host, ready))
				host.navigate("about:blank")

				tab := open(b, p)
				tab.navigate(p.address + link)
				tab.mounted()
				if visit == "cold" {
					call(tab, network.ClearBrowserCache, cdp.Empty{})
				}
				alone = append(alone, tab.measure().mounted)
				p.address = direct
			}
			b.ReportMetric(median(embedded), "embedded-ms")
			b.ReportMetric(median(alone), "alone-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

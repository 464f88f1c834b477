package e2e_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

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

// reactForm serves a form in React with a list of credentials, as a console would write it
// without us. See web/examples/react/src/form.jsx.
func reactForm(b *testing.B, list []map[string]string) string {
	b.Helper()
	script, err := os.ReadFile("../examples/react/dist/form.js")
	require.NoError(b, err)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err = w.Write(script)
	require.NoError(b, err)
	require.NoError(b, w.Close())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><title>Form</title><link rel="icon" href="data:,"><div id="root"></div><script type="module" src="/form.js"></script>`)
	})
	mux.HandleFunc("GET /form.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write(packed.Bytes())
	})
	mux.HandleFunc("GET /credentials.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(list)
	})
	server := httptest.NewServer(mux)
	b.Cleanup(server.Close)
	return slowLine(b, strings.TrimPrefix(server.URL, "http://"))
}

// openForm is the time until a form in a frame can be used.
const openForm = `(async address => {
	const begin = performance.now();
	document.querySelector("iframe")?.remove();
	const frame = document.createElement("iframe");
	const usable = new Promise(done => addEventListener("message", done, {once: true}));
	frame.src = address;
	document.getElementById("place").append(frame);
	await usable;
	return performance.now() - begin;
})(%q)`

// BenchmarkEmbed prints the time from the site's mount() to a screen in which a person can
// choose and add, over a slow connection, and the same of a form in React that loads its
// list over such a connection: for a first visit and two more.
func BenchmarkEmbed(b *testing.B) {
	visits := []string{"first", "second", "third"}
	ours, theirs, mounted := map[string][]float64{}, map[string][]float64{}, map[string][]float64{}
	for b.Loop() {
		p := launch(b, plain, b.TempDir(), "--simulator")
		p.save(sample(b, paycortest.SunriseBakery).body(b), "?verify=false")
		form := reactForm(b, []map[string]string{{"id": "1", "name": paycortest.SunriseBakery, "state": "Not verified"}})
		p.address = slowLine(b, strings.TrimPrefix(p.address, "http://"))
		c := newConsole(b, p, "view,edit")
		embedding := restricted(b)
		host := newTab(b, p, embedding)
		host.watch.expect(".*")
		host.navigate(c.address)
		host.hasModule()
		for _, visit := range visits {
			usable := eval[float64](host, `(async () => { const begin = performance.now(); window.mounted = sdk.mount(place, options({timeout: 60000})); await mounted.ready; return performance.now() - begin; })()`)
			ours[visit] = append(ours[visit], usable)
			frame := host.frame(p)
			frame.mounted()
			mounted[visit] = append(mounted[visit], eval[float64](frame, `performance.getEntriesByName("app-mounted")[0].startTime`))
			eval[any](host, `mounted.destroy(), null`)
		}
		bare := newTab(b, p, embedding)
		bare.watch.expect(".*")
		bare.navigate(c.address + "/bare")
		bare.until("the page", func() bool { loaded, _ := tryEval[bool](bare, `document.readyState === "complete"`, 0); return loaded })
		for _, visit := range visits {
			theirs[visit] = append(theirs[visit], eval[float64](bare, fmt.Sprintf(openForm, form)))
		}
	}
	for _, visit := range visits {
		b.ReportMetric(median(ours[visit]), visit+"-ms")
		b.ReportMetric(median(theirs[visit]), visit+"-form-ms")
		b.ReportMetric(median(ours[visit])/median(theirs[visit]), visit+"-ratio")
		b.ReportMetric(median(mounted[visit]), visit+"-program-ms")
	}
	b.ReportMetric(0, "ns/op")
}

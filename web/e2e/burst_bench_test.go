package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
	"paycorcred/paycor/tokens"
)

// How Paycor answers in BenchmarkBurst.
const (
	burstExchange = 500 * time.Millisecond
	burstCall     = 100 * time.Millisecond
)

// BenchmarkBurst sends many calls at once through HTTP, by one program that waits up to a
// minute, when its access token has just expired. It prints how many token requests that
// causes, how many calls are refused, when half of them and when all are served, and the
// memory of the server at its most. The limit is a thousand calls a minute.
func BenchmarkBurst(b *testing.B) {
	for _, callers := range []int{500, 1000, 1500} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) { benchmarkBurst(b, callers) })
	}
}

func benchmarkBurst(b *testing.B, callers int) {
	for b.Loop() {
		// One run measures everything, below, because it can take a minute.
	}
	var exchanges atomic.Int64
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path != tokens.TokenPath {
			time.Sleep(burstCall)
			_, _ = w.Write([]byte(`{"records":[]}`))
			return
		}
		lifetime := 1800
		if exchanges.Add(1) == 1 {
			lifetime = 1
		} else {
			time.Sleep(burstExchange)
		}
		_, _ = fmt.Fprintf(w, `{"access_token":"invented-%d","expires_in":%d,"token_type":"Bearer"}`, exchanges.Load(), lifetime)
	}))
	defer upstream.Close()
	p := launch(b, plain, b.TempDir(), "--environment", "bench="+upstream.URL, "--call-limit", "1001") // one is made before
	saved := p.save(sample(b, paycortest.SunriseBakery).body(b).with("environment", "bench"), "?verify=false")
	use := p.newToken("--rights", "use")
	status, err := p.patiently(b.Context(), use, saved.ID, "/v1/a")
	require.NoError(b, err)
	require.Equal(b, http.StatusOK, status)
	time.Sleep(1100 * time.Millisecond) // until the token has expired
	before := exchanges.Load()

	ctx, cancel := context.WithTimeout(b.Context(), 2*time.Minute)
	defer cancel()
	stop := p.watchMemory()
	took := make([]float64, callers)
	var refused atomic.Int64
	var calls sync.WaitGroup
	begin := time.Now()
	for i := range callers {
		calls.Go(func() {
			if status, err := p.patiently(ctx, use, saved.ID, "/v1/a"); err != nil || status != http.StatusOK {
				refused.Add(1)
			}
			took[i] = milliseconds(time.Since(begin))
		})
	}
	calls.Wait()
	b.ReportMetric(float64(exchanges.Load()-before), "exchanges")
	b.ReportMetric(float64(refused.Load()), "refused")
	b.ReportMetric(quantile(took, 0.5), "half-ms")
	b.ReportMetric(quantile(took, 1), "all-ms")
	b.ReportMetric(stop(), "peak-MB")
	b.ReportMetric(0, "ns/op")
}

// watchMemory returns a function that ends the watch and returns the most that the process
// has taken meanwhile, in MB.
func (p *program) watchMemory() (stop func() float64) {
	ended, most := make(chan struct{}), make(chan float64)
	go func() {
		peak := 0.0
		for {
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
			_, after, _ := strings.Cut(string(status), "VmRSS:")
			kilobytes, _ := strconv.ParseFloat(strings.TrimSpace(strings.SplitN(after, "kB", 2)[0]), 64)
			peak = max(peak, kilobytes/1024)
			select {
			case <-ended:
				most <- peak
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() float64 { close(ended); return <-most }
}

package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
)

// BenchmarkSchedule prints what it costs to verify 100,000 credentials once a day, each
// of another application, with a Paycor that takes 300 ms for each response: the part
// of one processor that the server takes, also without a schedule.
func BenchmarkSchedule(b *testing.B) {
	const count, measured = 100_000, time.Minute
	for b.Loop() {
		// One run measures everything, below, because filling the database takes longest.
	}
	paycor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(300 * time.Millisecond)
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			_, _ = fmt.Fprintf(w, `{"access_token":"%01000d","token_type":"Bearer","expires_in":1800}`, 1)
			return
		}
		_, _ = w.Write([]byte(`{"userLegalEntities":[{"legalEntityId":1,"legalEntityName":"Bakery"}],"id":1,"name":"Bakery","records":[]}`))
	}))
	defer paycor.Close()
	data := b.TempDir()
	s, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(data, "paycorcred.db")})
	require.NoError(b, err)
	yesterday := time.Now().UTC().Truncate(time.Millisecond).Add(-24 * time.Hour) // the tokens have expired
	for from := 0; from < count; from += 2000 {
		require.NoError(b, s.Update(b.Context(), func(tx store.Tx) (err error) {
			for i := from; i < from+2000; i++ {
				err = errors.Join(err, insertScaled(tx, "default", scaleID(i), i, yesterday.Add(-time.Hour)))
			}
			return err
		}))
	}
	require.NoError(b, s.Close())

	for _, interval := range []string{"0", "24h"} {
		p := launch(b, plain, data, "--environment", "bench="+paycor.URL, "--verify-every", interval)
		require.Eventually(b, func() bool { return interval == "0" || p.verifications() > 0 }, 5*time.Minute, time.Second) // due times are assigned
		time.Sleep(10 * time.Second)
		before, verified, begin := p.cpuTime(), p.verifications(), time.Now()
		time.Sleep(measured)
		took := time.Since(begin).Seconds()
		cpu, verified := p.cpuTime()-before, p.verifications()-verified
		b.ReportMetric(100*cpu.Seconds()/took, "cpu-%-every-"+interval)
		if interval != "0" {
			b.ReportMetric(verified/took*24*60*60, "verifications/day")
		}
		p.stop()
	}
	b.ReportMetric(0, "ns/op")
}

// verifications returns how many verifications of the server's own had a verdict.
func (p *program) verifications() (total float64) {
	for _, line := range strings.Split(string(p.do(ask{Method: "GET", Path: "/metrics", Header: p.bearer()}).Body), "\n") {
		if strings.HasPrefix(line, "paycorcred_verifications_total{") {
			value, err := strconv.ParseFloat(line[strings.LastIndex(line, " ")+1:], 64)
			require.NoError(p.t, err)
			total += value
		}
	}
	return total
}

// cpuTime returns how much processor time the server has used.
func (p *program) cpuTime() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	require.NoError(p.t, err)
	fields := strings.Fields(string(stat)[strings.LastIndex(string(stat), ")")+1:])
	var ticks int64 // hundredths of a second, on all architectures of Linux
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		require.NoError(p.t, err)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

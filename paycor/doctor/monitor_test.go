package doctor_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/doctor"
	"paycorcred/paycor/health"
)

// counted returns a group whose checks take some time, and how often they ran.
func counted(name string, takes, minAge, interval time.Duration) (doctor.Group, *atomic.Int32) {
	runs := new(atomic.Int32)
	return doctor.Group{MinAge: minAge, Interval: interval, Run: func(ctx context.Context) []health.Finding {
		select {
		case <-time.After(takes):
		case <-ctx.Done():
			return []health.Finding{{Check: name, Status: health.Problem}}
		}
		runs.Add(1)
		return []health.Finding{{Check: name, Status: health.OK}}
	}}, runs
}

func TestReportWaitsForCheapChecksOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cheap, cheapRuns := counted("cheap", time.Millisecond, 10*time.Second, time.Hour)
		cheap.Cheap = true
		costly, costlyRuns := counted("costly", time.Minute, 5*time.Minute, time.Hour)
		m := doctor.NewMonitor(ctx, time.Now, cheap, costly)

		began := time.Now().UTC()
		report := m.Report(t.Context())
		require.Len(t, report.Findings, 1)
		assert.Equal(t, "cheap", report.Findings[0].Check)
		assert.True(t, report.Running, "a later report has the rest")
		for range 100 { // does not start them again
			assert.True(t, m.Report(t.Context()).Running)
		}
		assert.EqualValues(t, 1, cheapRuns.Load())
		time.Sleep(11 * time.Second)
		m.Report(t.Context())
		assert.EqualValues(t, 2, cheapRuns.Load())

		time.Sleep(time.Minute)
		report = m.Report(t.Context())
		require.Len(t, report.Findings, 2)
		assert.False(t, report.Running)
		assert.Equal(t, began.Add(time.Minute+time.Millisecond), report.Findings[1].CheckedAt)
		assert.EqualValues(t, 1, costlyRuns.Load())
		time.Sleep(45 * time.Minute)
		m.Report(t.Context())
		assert.EqualValues(t, 1, costlyRuns.Load(), "they rest for fifty times as long as they took")
		time.Sleep(6 * time.Minute)
		assert.True(t, m.Report(t.Context()).Running)
		cancel()
		synctest.Wait()
		assert.Len(t, m.Findings(), 2, "what a stop cut off is not kept")
		for _, finding := range m.Findings() {
			assert.Equal(t, health.OK, finding.Status)
		}
	})
}

func TestMonitorRunsByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		group, runs := counted("one", time.Second, time.Minute, time.Hour)
		m := doctor.NewMonitor(ctx, time.Now, group)
		ended := make(chan struct{})
		go func() { m.Run(); close(ended) }()
		time.Sleep(59 * time.Second)
		assert.Zero(t, runs.Load(), "a start has other work")
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.EqualValues(t, 1, runs.Load())
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.EqualValues(t, 2, runs.Load())
		assert.Len(t, m.Findings(), 1)
		cancel()
		<-ended
		assert.False(t, m.Report(t.Context()).Running, "nothing starts after the end")
	})
}

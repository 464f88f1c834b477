package metrics_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
	"paycorcred/paycor/health"
	"paycorcred/paycor/metrics"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

func scrape(t testing.TB, m *metrics.Metrics) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	require.Equal(t, 200, recorder.Code)
	return recorder.Body.String()
}

func newMetrics() *metrics.Metrics {
	return metrics.New(metrics.Config{
		Version: "v1", Environments: []string{"production", "sandbox"},
		Breakers:     func() map[string]string { return map[string]string{"production": "open", "sandbox": "closed"} },
		PendingCalls: func() int64 { return 7 },
		CallsAllowed: func() error { return errors.New("the disk is full") },
		ScheduleLag:  func() time.Duration { return 90 * time.Minute },
		Server: metrics.Server{
			Inventory: func() *store.Inventory {
				return &store.Inventory{
					Credentials: map[store.CredentialGroup]int{
						{Environment: "production", State: paycor.StateVerified}: 3, {Environment: "gone", State: paycor.StateRejected}: 1,
						{Environment: "lost", State: paycor.StateRejected}: 2,
					},
					NeedAttention: 9,
					Rotations:     map[store.RotationDue]int{store.RotationSoon: 4}, APITokens: map[consumer.State]int{consumer.Active: 5}, TokensEnding: 2,
					Sessions: 6, AuditEntries: 1000, Channels: map[notification.ChannelState]int{notification.ChannelGivenUp: 3},
				}
			},
			Findings: func() []health.Finding {
				return []health.Finding{{Check: "secrets", Status: health.Problem}, {Check: "secrets", Status: health.Problem}, {Check: "space", Status: health.OK}}
			},
			Sizes:       func() metrics.Sizes { return metrics.Sizes{Database: 8192, WAL: 4096, Free: 1 << 30} },
			Backup:      func() (time.Time, time.Duration) { return time.Unix(1772366400, 0), 6 * time.Hour },
			Certificate: func() (time.Time, bool) { return time.Unix(1780000000, 0), true },
			AuditStream: func() (int64, time.Time) { return 12, time.Now().Add(-time.Hour) },
			Streams:     func() int { return 7 },
			Replicas:    func() int { return 3 },
		},
	})
}

func TestHandlerReportsObservations(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	m.ObserveRequest("GET /api/v1/credentials", "GET", 200, 30*time.Millisecond)
	m.ObserveRequest("", "POST", 404, time.Millisecond)
	m.ObserveRequest("", "GET", 0, time.Millisecond)
	call := usage.Call{Environment: "production", Status: 200, Took: 80 * time.Millisecond, Upstream: 60 * time.Millisecond, Tries: 2}
	m.ObserveCall(call)
	call.Status, call.Code, call.Waited, call.Upstream, call.Tries = 429, usage.CodeCallLimit, time.Second, 0, 0
	m.ObserveCall(call)
	m.ObserveExchange("sandbox", verdicts.OutcomeVerified)
	m.ObserveVerification("sandbox", verdicts.OutcomeRejected)
	text := scrape(t, m)
	for _, line := range []string{
		`paycorcred_build_info{version="v1"} 1`,
		`paycorcred_http_requests_total{method="GET",route="GET /api/v1/credentials",status="200"} 1`,
		`paycorcred_http_requests_total{method="POST",route="none",status="404"} 1`,
		`paycorcred_http_requests_total{method="GET",route="none",status="none"} 1`,
		`paycorcred_http_request_duration_seconds_bucket{route="GET /api/v1/credentials",le="0.025"} 0`,
		`paycorcred_http_request_duration_seconds_bucket{route="GET /api/v1/credentials",le="0.05"} 1`,
		`paycorcred_proxy_calls_total{environment="production",outcome="done"} 1`,
		`paycorcred_proxy_calls_total{environment="production",outcome="throttled"} 1`,
		`paycorcred_proxy_calls_total{environment="sandbox",outcome="done"} 0`,
		`paycorcred_proxy_own_answers_total{code="call_limit",environment="production"} 1`,
		`paycorcred_proxy_call_duration_seconds_count{environment="production"} 2`,
		`paycorcred_proxy_upstream_duration_seconds_count{environment="production"} 1`,
		`paycorcred_proxy_upstream_requests_total{environment="production"} 2`,
		`paycorcred_proxy_limiter_wait_seconds_sum{environment="production"} 1`,
		`paycorcred_proxy_limiter_wait_seconds_count{environment="production"} 1`,
		`paycorcred_proxy_breaker_state{environment="production",state="open"} 1`,
		`paycorcred_proxy_breaker_state{environment="production",state="closed"} 0`,
		`paycorcred_proxy_breaker_state{environment="sandbox",state="closed"} 1`,
		`paycorcred_token_exchanges_total{environment="sandbox",outcome="verified"} 1`,
		`paycorcred_verifications_total{environment="sandbox",outcome="rejected"} 1`,
		`paycorcred_uses_waiting 7`,
		`paycorcred_schedule_lag_seconds 5400`,
		`paycorcred_uses_countable 0`,
		`paycorcred_credentials{environment="production",state="verified"} 3`,
		`paycorcred_credentials{environment="other",state="rejected"} 3`,
		`paycorcred_credentials_needing_attention 9`,
		`paycorcred_rotations{due="soon"} 4`,
		`paycorcred_rotations{due="overdue"} 0`,
		`paycorcred_api_tokens{state="active"} 5`,
		`paycorcred_api_tokens{state="revoked"} 0`,
		`paycorcred_api_tokens_ending 2`,
		`paycorcred_sessions 6`,
		`paycorcred_event_streams 7`,
		`paycorcred_audit_entries 1000`,
		`paycorcred_audit_stream_waiting_entries 12`,
		`paycorcred_database_bytes 8192`,
		`paycorcred_wal_bytes 4096`,
		`paycorcred_free_disk_bytes 1.073741824e+09`,
		`paycorcred_backup_last_success_timestamp_seconds 1.7723664e+09`,
		`paycorcred_backup_interval_seconds 21600`,
		`paycorcred_certificate_expiry_timestamp_seconds 1.78e+09`,
		`paycorcred_doctor_findings{check="secrets",status="problem"} 2`,
		`paycorcred_doctor_findings{check="space",status="ok"} 1`,
	} {
		assert.True(t, strings.Contains(text, line+"\n"), line)
	}
	assert.Regexp(t, `paycorcred_audit_stream_lag_seconds 360\d`, text)
	for _, name := range []string{"go_goroutines ", "process_open_fds "} {
		assert.True(t, strings.Contains(text, "\n"+name), name)
	}
}

func TestNamesFollowPrometheusConventions(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	m.ObserveRequest("GET /", "GET", 200, time.Millisecond)
	m.ObserveExchange("sandbox", verdicts.OutcomeVerified)
	m.ObserveVerification("sandbox", verdicts.OutcomeVerified)
	problems, err := promlint.New(strings.NewReader(scrape(t, m))).Lint()
	require.NoError(t, err)
	assert.Empty(t, problems)
}

// Without a schedule of backups and a certificate there is nothing to say about them.
func TestUnknownFiguresAreLeftOut(t *testing.T) {
	t.Parallel()
	text := scrape(t, metrics.New(metrics.Config{Server: metrics.Server{
		Inventory:   func() *store.Inventory { return nil },
		Sizes:       func() metrics.Sizes { return metrics.Sizes{Database: 1, WAL: metrics.Unknown, Free: metrics.Unknown} },
		Backup:      func() (time.Time, time.Duration) { return time.Time{}, 0 },
		Certificate: func() (time.Time, bool) { return time.Time{}, false },
	}}))
	assert.Contains(t, text, "paycorcred_database_bytes 1\n")
	for _, name := range []string{"credentials", "backup", "certificate", "free_disk", "audit_stream", "sessions", "doctor_findings"} {
		assert.NotContains(t, text, "\npaycorcred_"+name)
	}
}

// No input can create an unbounded number of series.
func TestInputCannotAddSeries(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	series := func() int { return strings.Count(scrape(t, m), "\n") }
	for n := range 2000 {
		call := usage.Call{
			Caller:     paycor.Caller{ID: fmt.Sprint("token_", n), Name: fmt.Sprint("canary-", n), Workspace: fmt.Sprint("w", n)},
			Credential: fmt.Sprint("cred_", n), Environment: fmt.Sprint("environment-", n), Method: fmt.Sprint("M", n),
			Status: n - 500, Code: verdicts.Code(fmt.Sprint("code-", n)), CorrelationID: fmt.Sprint("c", n), RequestID: fmt.Sprint("r", n), Took: time.Second,
		}
		m.ObserveCall(call)
		m.ObserveExchange(call.Environment, verdicts.OutcomeVerified)
		m.ObserveVerification(call.Environment, verdicts.OutcomeVerified)
		m.ObserveRequest("", "other", n*7-3000, time.Second)
	}
	before := series()
	for n := range 2000 {
		m.ObserveCall(usage.Call{Environment: fmt.Sprint("more-", n), Status: n})
		m.ObserveRequest("", "other", -n, time.Second)
	}
	assert.Equal(t, before, series())
	assert.Less(t, before, 1500)
	text := scrape(t, m)
	for _, word := range []string{"canary-", `"cred_`, "token_1", "environment-", "code-"} {
		assert.False(t, strings.Contains(text, word), word)
	}
}

func BenchmarkObserveCall(b *testing.B) {
	m := newMetrics()
	call := usage.Call{Environment: "production", Status: 200, Took: 80 * time.Millisecond, Upstream: 60 * time.Millisecond, Tries: 1}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			m.ObserveCall(call)
		}
	})
}

func BenchmarkObserveRequest(b *testing.B) {
	m := newMetrics()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			m.ObserveRequest("ANY /api/v1/credentials/{id}/paycor/{path...}", "GET", 200, time.Millisecond)
		}
	})
}

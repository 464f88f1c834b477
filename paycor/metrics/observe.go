package metrics

import (
	"cmp"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// requestKey has the label values of an HTTP request.
type requestKey struct {
	route, method string
	status        int
}

// requestMetrics has the series of one requestKey.
type requestMetrics struct {
	count    prometheus.Counter
	duration prometheus.Observer
}

// ObserveRequest counts one HTTP request. route is a pattern of the server's
// mux, or empty if none matched. method is a standard method or "other". status
// is 0 if the client disconnected before the response.
func (m *Metrics) ObserveRequest(route, method string, status int, duration time.Duration) {
	series := m.requestSeries(requestKey{route, method, status})
	series.count.Inc()
	series.duration.Observe(duration.Seconds())
}

// requestSeries caches the series of a request: looking them up by labels costs more
// than counting.
func (m *Metrics) requestSeries(key requestKey) requestMetrics {
	m.mu.RLock()
	series, ok := m.cache[key]
	m.mu.RUnlock()
	if ok {
		return series
	}
	route, status := cmp.Or(key.route, "none"), "none"
	if key.status >= 100 && key.status <= 599 {
		status = strconv.Itoa(key.status)
	}
	series = requestMetrics{m.requests.WithLabelValues(route, key.method, status), m.requestDuration.WithLabelValues(route)}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cache[key] = series
	return series
}

// ObserveCall counts one call to Paycor.
func (m *Metrics) ObserveCall(call usage.Call) {
	environment := m.environmentLabel(call.Environment)
	m.calls[environment][call.Class()].Inc()
	m.callDuration[environment].Observe(call.Took.Seconds())
	if call.Upstream > 0 {
		m.upstreamDuration[environment].Observe(call.Upstream.Seconds())
	}
	if call.Waited > 0 {
		m.limiterWait[environment].Observe(call.Waited.Seconds())
	}
	if call.Code != "" {
		m.ownResponses.WithLabelValues(environment, m.codeLabel(call.Code)).Inc()
	}
	if call.Tries > 0 {
		m.upstreamRequests[environment].Add(float64(call.Tries))
	}
}

// ObserveExchange counts one request for an access token.
func (m *Metrics) ObserveExchange(environment string, outcome verdicts.Outcome) {
	m.exchanges.WithLabelValues(m.environmentLabel(environment), string(outcome)).Inc()
}

// ObserveVerification counts one verdict.
func (m *Metrics) ObserveVerification(environment string, outcome verdicts.Outcome) {
	m.verifications.WithLabelValues(m.environmentLabel(environment), string(outcome)).Inc()
}

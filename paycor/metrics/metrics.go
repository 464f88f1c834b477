// Package metrics counts what the server does, for Prometheus. No series names a
// secret, a person or a credential: every label value comes from a list in the
// program or its configuration, so no caller can add series.
//
// The package does not know its callers; paycor/command connects them.
package metrics

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
)

// Config has the sources of the gauges, which are read at each scrape. A gauge
// without a source is left out.
type Config struct {
	Version      string
	Environments []string                 // label values; any other environment is "other"
	Breakers     func() map[string]string // circuit breaker states by environment: closed, half_open or open
	PendingCalls func() int64             // counted calls that are not in the database yet
	CallsAllowed func() error             // nil while calls are allowed
	ScheduleLag  func() time.Duration     // how far scheduled verification is behind
	Server       Server
}

// other is the label value for anything that is not on a list.
const other = "other"

// Metrics holds all metrics. It is safe for concurrent use.
type Metrics struct {
	registry     *prometheus.Registry
	environments []string
	codes        []verdicts.Code // label values for our own responses to calls

	requests        *prometheus.CounterVec
	requestDuration *prometheus.HistogramVec

	calls            map[string]map[usage.Class]prometheus.Counter // by environment, as the next four
	callDuration     map[string]prometheus.Observer
	upstreamDuration map[string]prometheus.Observer
	limiterWait      map[string]prometheus.Observer
	upstreamRequests map[string]prometheus.Counter
	ownResponses     *prometheus.CounterVec
	exchanges        *prometheus.CounterVec
	verifications    *prometheus.CounterVec

	mu    sync.RWMutex
	cache map[requestKey]requestMetrics
}

// Histogram buckets in seconds. Most of Paycor's responses take a tenth of a second,
// some half a minute.
var (
	durationBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
	waitBuckets     = []float64{.01, .05, .1, .5, 1, 5, 15, 30, 60}
)

// New returns empty metrics.
func New(config Config) *Metrics {
	m := &Metrics{
		registry:     prometheus.NewRegistry(),
		environments: append(slices.Clone(config.Environments), other),
		codes:        append(usage.CallCodes(), verdicts.Codes()...),
		calls:        map[string]map[usage.Class]prometheus.Counter{}, callDuration: map[string]prometheus.Observer{},
		upstreamDuration: map[string]prometheus.Observer{}, limiterWait: map[string]prometheus.Observer{},
		upstreamRequests: map[string]prometheus.Counter{}, cache: map[requestKey]requestMetrics{},
	}
	m.requests = m.counter("http_requests_total", "HTTP requests that were answered.", "route", "method", "status")
	m.requestDuration = m.histogram("http_request_duration_seconds", "Time from a request to the end of its response.", durationBuckets, "route")
	m.exchanges = m.counter("token_exchanges_total", "Requests to Paycor for an access token.", "environment", "outcome")
	m.verifications = m.counter("verifications_total", "Completed verifications.", "environment", "outcome")
	m.registerCalls()
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registerGauges(config)
	return m
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	vector := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "paycorcred", Name: name, Help: help}, labels)
	m.registry.MustRegister(vector)
	return vector
}

func (m *Metrics) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	vector := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "paycorcred", Name: name, Help: help, Buckets: buckets}, labels)
	m.registry.MustRegister(vector)
	return vector
}

// registerCalls registers the metrics of calls through the proxy. It looks the series
// of each environment up once, because calls are frequent.
func (m *Metrics) registerCalls() {
	calls := m.counter("proxy_calls_total", "Calls to Paycor through a credential.", "environment", "outcome")
	duration := m.histogram("proxy_call_duration_seconds", "Time from a call to the end of its response.", durationBuckets, "environment")
	upstream := m.histogram("proxy_upstream_duration_seconds", "Time until Paycor's response headers arrived.", durationBuckets, "environment")
	wait := m.histogram("proxy_limiter_wait_seconds", "Time that calls waited for the rate limiter. Calls that did not wait are not counted.", waitBuckets, "environment")
	requests := m.counter("proxy_upstream_requests_total", "Requests sent to Paycor for calls, including retries.", "environment")
	m.ownResponses = m.counter("proxy_own_answers_total", "Calls that this server answered instead of Paycor, or aborted.", "environment", "code")
	for _, environment := range m.environments {
		m.calls[environment] = map[usage.Class]prometheus.Counter{}
		for _, class := range usage.Classes() {
			m.calls[environment][class] = calls.WithLabelValues(environment, string(class))
		}
		m.callDuration[environment] = duration.WithLabelValues(environment)
		m.upstreamDuration[environment] = upstream.WithLabelValues(environment)
		m.limiterWait[environment] = wait.WithLabelValues(environment)
		m.upstreamRequests[environment] = requests.WithLabelValues(environment)
	}
}

// environmentLabel returns the name of a configured environment, or "other".
func (m *Metrics) environmentLabel(name string) string {
	if slices.Contains(m.environments, name) {
		return name
	}
	return other
}

// codeLabel returns a known code, or "other".
func (m *Metrics) codeLabel(code verdicts.Code) string {
	if slices.Contains(m.codes, code) {
		return string(code)
	}
	return other
}

// Handler serves the metrics. It does not authorize the request.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

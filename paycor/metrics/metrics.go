// Package metrics counts what the server does, for Prometheus. It names no
// secret, no person and no credential: every label has a value from a list
// that the program or its operator wrote, so that no caller can make the
// number of series grow.
//
// It imports paycor and the Prometheus client, and knows nobody who calls it:
// server.go connects it with the door, the manager and the proxy.
package metrics

import (
	"cmp"
	"net/http"
	"paycorcred/paycor/usage"
	"paycorcred/paycor/verdicts"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Config says what is looked at when somebody reads the metrics. What is nil
// is not there.
type Config struct {
	Version      string
	Environments []string                 // names; every other one is "other"
	Breakers     func() map[string]string // state of each environment's circuit breaker: closed, half_open or open
	Waiting      func() int64             // uses that are counted and not written yet
	Countable    func() error             // nil as long as uses may be made
}

// other stands for whatever is on no list.
const other = "other"

// Metrics counts. It is safe for concurrent use.
type Metrics struct {
	registry     *prometheus.Registry
	environments []string
	codes        []verdicts.Code // that a call of ours can have

	requests   *prometheus.CounterVec
	requestsIn *prometheus.HistogramVec

	calls     map[string]map[usage.Class]prometheus.Counter // by environment
	took      map[string]prometheus.Observer
	upstream  map[string]prometheus.Observer
	waited    map[string]prometheus.Observer
	tries     map[string]prometheus.Counter
	own       *prometheus.CounterVec
	exchanges *prometheus.CounterVec
	verified  *prometheus.CounterVec

	mu    sync.RWMutex
	known map[request]counters
}

// Bounds of the histograms, in seconds. Most of Paycor's answers take a tenth
// of a second, some of them half a minute.
var (
	answers = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
	waits   = []float64{.01, .05, .1, .5, 1, 5, 15, 30, 60}
)

// New returns metrics in which nothing is counted yet.
func New(config Config) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(), environments: append(slices.Clone(config.Environments), other), codes: append(usage.CallCodes(), verdicts.Codes()...),
		calls: map[string]map[usage.Class]prometheus.Counter{}, took: map[string]prometheus.Observer{},
		known: map[request]counters{}, upstream: map[string]prometheus.Observer{}, waited: map[string]prometheus.Observer{}, tries: map[string]prometheus.Counter{},
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		vector := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "paycorcred", Name: name, Help: help}, labels)
		m.registry.MustRegister(vector)
		return vector
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		vector := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "paycorcred", Name: name, Help: help, Buckets: buckets}, labels)
		m.registry.MustRegister(vector)
		return vector
	}
	m.requests = counter("http_requests_total", "Requests that were answered.", "route", "method", "status")
	m.requestsIn = histogram("http_request_duration_seconds", "From a request to the end of its answer.", answers, "route")
	m.exchanges = counter("token_exchanges_total", "Access tokens that Paycor was asked for.", "environment", "outcome")
	m.verified = counter("verifications_total", "Verifications that came to a verdict.", "environment", "outcome")

	calls := counter("proxy_calls_total", "Calls to Paycor through a credential.", "environment", "outcome")
	took := histogram("proxy_call_duration_seconds", "From a call to the end of its answer.", answers, "environment")
	upstream := histogram("proxy_upstream_duration_seconds", "Until Paycor's headers were there.", answers, "environment")
	waited := histogram("proxy_limiter_wait_seconds", "Waits for the limiter's leave, of the calls that had to wait.", waits, "environment")
	tries := counter("proxy_upstream_requests_total", "Requests that Paycor was sent for calls, repeated ones included.", "environment")
	m.own = counter("proxy_own_answers_total", "Calls that this server answered instead of Paycor, or cut off.", "environment", "code")
	for _, environment := range m.environments {
		m.calls[environment] = map[usage.Class]prometheus.Counter{}
		for _, class := range usage.Classes() {
			m.calls[environment][class] = calls.WithLabelValues(environment, string(class))
		}
		m.took[environment], m.upstream[environment] = took.WithLabelValues(environment), upstream.WithLabelValues(environment)
		m.waited[environment], m.tries[environment] = waited.WithLabelValues(environment), tries.WithLabelValues(environment)
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.watch(config)
	return m
}

// watch registers what is looked at when somebody reads.
func (m *Metrics) watch(config Config) {
	gauge := func(name, help string, labels prometheus.Labels, value func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "paycorcred", Name: name, Help: help, ConstLabels: labels}, value))
	}
	gauge("build_info", "Is 1; the label names the version.", prometheus.Labels{"version": config.Version}, func() float64 { return 1 })
	if config.Waiting != nil {
		gauge("uses_waiting", "Calls that are counted and not written yet.", nil, func() float64 { return float64(config.Waiting()) })
	}
	if config.Countable != nil {
		gauge("uses_countable", "1 as long as calls are allowed, 0 while earlier ones cannot be written down.", nil, func() float64 {
			return truth(config.Countable() == nil)
		})
	}
	if config.Breakers != nil {
		m.registry.MustRegister(breakers{config.Breakers, m.environment, prometheus.NewDesc(
			"paycorcred_proxy_breaker_state", "1 for the state that an environment's circuit breaker is in.", []string{"environment", "state"}, nil)})
	}
}

func truth(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// environment returns the name where it is a known one.
func (m *Metrics) environment(name string) string {
	if slices.Contains(m.environments, name) {
		return name
	}
	return other
}

// code returns the code where it is a known one.
func (m *Metrics) code(code verdicts.Code) string {
	if slices.Contains(m.codes, code) {
		return string(code)
	}
	return other
}

// breakers collects the state of every circuit breaker.
type breakers struct {
	states      func() map[string]string
	environment func(string) string
	description *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (b breakers) Describe(into chan<- *prometheus.Desc) { into <- b.description }

// Collect implements prometheus.Collector.
func (b breakers) Collect(into chan<- prometheus.Metric) {
	known := map[string]string{}
	for name, state := range b.states() {
		known[b.environment(name)] = state
	}
	for environment, is := range known {
		for _, state := range []string{"closed", "half_open", "open"} {
			into <- prometheus.MustNewConstMetric(b.description, prometheus.GaugeValue, truth(is == state), environment, state)
		}
	}
}

// request is what a request is counted by.
type request struct {
	route, method string
	status        int
}

// counters are those of one sort of request.
type counters struct {
	requests prometheus.Counter
	took     prometheus.Observer
}

// Request counts one request of the door. route is a pattern of the door's
// own, or empty where there was none; method is one of HTTP's, or "other".
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	one := m.countersOf(request{route, method, status})
	one.requests.Inc()
	one.took.Observe(took.Seconds())
}

// countersOf remembers the counters of a request: to find them by their labels
// costs more than to count.
func (m *Metrics) countersOf(r request) counters {
	m.mu.RLock()
	known, is := m.known[r]
	m.mu.RUnlock()
	if is {
		return known
	}
	route := cmp.Or(r.route, "none")
	code := "none" // nobody was there to be answered
	if r.status >= 100 && r.status <= 599 {
		code = strconv.Itoa(r.status)
	}
	known = counters{m.requests.WithLabelValues(route, r.method, code), m.requestsIn.WithLabelValues(route)}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[r] = known
	return known
}

// Used counts one call to Paycor.
func (m *Metrics) Used(use usage.Call) {
	environment := m.environment(use.Environment)
	m.calls[environment][use.Class()].Inc()
	m.took[environment].Observe(use.Took.Seconds())
	if use.Upstream > 0 {
		m.upstream[environment].Observe(use.Upstream.Seconds())
	}
	if use.Waited > 0 {
		m.waited[environment].Observe(use.Waited.Seconds())
	}
	if use.Code != "" {
		m.own.WithLabelValues(environment, m.code(use.Code)).Inc()
	}
	if use.Tries > 0 {
		m.tries[environment].Add(float64(use.Tries))
	}
}

// Exchanged counts one request for an access token.
func (m *Metrics) Exchanged(environment string, outcome verdicts.Outcome) {
	m.exchanges.WithLabelValues(m.environment(environment), string(outcome)).Inc()
}

// Verified counts one verdict.
func (m *Metrics) Verified(environment string, outcome verdicts.Outcome) {
	m.verified.WithLabelValues(m.environment(environment), string(outcome)).Inc()
}

// Handler answers with the metrics, to whoever asks: who may is decided before
// it.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

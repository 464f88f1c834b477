package metrics

import "github.com/prometheus/client_golang/prometheus"

// registerGauges registers values that are read at each scrape.
func (m *Metrics) registerGauges(config Config) {
	gauge := func(name, help string, labels prometheus.Labels, value func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "paycorcred", Name: name, Help: help, ConstLabels: labels}, value))
	}
	gauge("build_info", "Always 1. The label is the version.", prometheus.Labels{"version": config.Version}, func() float64 { return 1 })
	if config.PendingCalls != nil {
		gauge("uses_waiting", "Counted calls that are not in the database yet.", nil, func() float64 { return float64(config.PendingCalls()) })
	}
	if config.CallsAllowed != nil {
		gauge("uses_countable", "1 while calls are allowed, 0 while earlier calls cannot be recorded.", nil, func() float64 {
			return boolValue(config.CallsAllowed() == nil)
		})
	}
	if config.ScheduleLag != nil {
		gauge("schedule_lag_seconds", "How long the credential has been overdue that is due first for scheduled verification.", nil, func() float64 {
			return config.ScheduleLag().Seconds()
		})
	}
	m.registry.MustRegister(serverCollector{config.Server, m.environmentLabel})
	if config.Breakers != nil {
		m.registry.MustRegister(breakerCollector{config.Breakers, m.environmentLabel, prometheus.NewDesc(
			"paycorcred_proxy_breaker_state", "1 for the current state of an environment's circuit breaker.", []string{"environment", "state"}, nil)})
	}
}

// breakerCollector reports the state of each circuit breaker.
type breakerCollector struct {
	states      func() map[string]string
	label       func(environment string) string
	description *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (b breakerCollector) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- b.description
}

// Collect implements prometheus.Collector.
func (b breakerCollector) Collect(collected chan<- prometheus.Metric) {
	current := map[string]string{}
	for environment, state := range b.states() {
		current[b.label(environment)] = state
	}
	for environment, is := range current {
		for _, state := range []string{"closed", "half_open", "open"} {
			collected <- prometheus.MustNewConstMetric(b.description, prometheus.GaugeValue, boolValue(is == state), environment, state)
		}
	}
}

func boolValue(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

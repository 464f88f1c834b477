// Package breaker holds the circuit breakers of Paycor's upstreams. An upstream
// is one environment called with one subscription key, so one customer's
// failing application does not stop anybody else's calls. Within an upstream, a
// consumer's failures stop that consumer first.
//
// The package sits below the proxy, which reports how calls end, and below the
// use cases, which show until when calls through a credential are on hold.
// Both share one Registry, so neither needs to hold the other.
package breaker

// Package web serves everything over HTTP: the JSON API, the page, the embedded
// files, and calls to Paycor.
//
// Every request passes one middleware chain (middleware.go): it gets an id and a
// trace, is logged and measured, survives panics, and must name one of our
// hosts. Then the router (router.go) finds its route in the table (routes.go).
// Calls to Paycor are recognized before that by their raw request target, and
// go to the proxy (call.go).
//
// The package authenticates callers by session cookie, API token or embedded
// session (authenticate.go). It does not authorize them: each route binds the
// use cases, an api.Service, to the caller with the rights of the route's policy
// (policy.go), and the use cases decide. The only exception is the event stream,
// which has no use case.
//
// Handlers are grouped by noun, one file per resource. Use cases, sessions and
// the page's HTML come in by Config, so the package depends neither on the store
// nor on the page's components. It keeps no state except counters of open streams
// and invalid logout tokens, so any number of replicas can run side by side.
package web

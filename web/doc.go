// Package web is the door: everything that enters or leaves the server over
// HTTP passes through it. It knows who calls (session cookie or API token),
// refuses what does not belong here (foreign hosts, foreign origins, bodies
// that are no clean JSON), turns requests into calls of a api.Service and
// answers into JSON, and serves the page and the embedded files.
//
// The door decides who somebody is; what a caller may do is decided in the
// Service. The one exception is the stream of events, which no Service stands
// behind. It holds no state of its own but the count of open
// streams, so any number of replicas can stand side by side.
//
// It may import paycor and the standard library. The page's HTML, the service
// and the sessions come in by Config, so that it depends neither on the page's
// components nor on the store.
package web

// Package proxy forwards calls to Paycor through a credential. It adds the
// access token and the subscription key, which the caller never sees, and
// returns Paycor's response as it is.
//
// It is careful as well as fast:
//
//   - Requests are written header by header from what net/http has parsed.
//     Nothing a caller sends can act as framing, as another header or as another
//     host. Path and query go out byte for byte, after those that could lead
//     elsewhere were rejected (target.go).
//   - Nothing is sent twice except as retry.go says. That is why the package has
//     an HTTP client of its own, h1, instead of http.Transport.
//   - Part of a response never passes for the whole: if Paycor's response breaks
//     off, so does the caller's.
//   - Everything is bounded: calls at once, calls at once through one credential,
//     calls per minute with one subscription key, and how long a call may stall.
//
// Rights are not decided here. CredentialSource decides them, and gives what to
// send. Connections, rate limit and circuit breaker belong to an upstream: one
// environment with one subscription key. So a failing application of one
// customer does not affect other customers.
package proxy

// Package h1 is an HTTP/1.1 client for the proxy. It sends one request on one
// connection, once, and gives the caller control over when that connection is
// used again.
//
// It exists because http.Transport does two things that a proxy for payroll
// data cannot accept:
//
//   - It sends a request again by itself if a kept connection turns out to be
//     closed, even a POST if it has an Idempotency-Key header. Here nothing is
//     sent twice; the proxy decides about retries.
//   - It hands each request to two goroutines and back, which costs more than
//     everything the proxy does for a call.
//
// What goes out is written field by field from values that net/http has
// validated, so nothing that a caller sends can act as framing. Responses are
// parsed by http.ReadResponse, so their syntax and framing are net/http's.
//
// Connections are kept in a Pool and are checked before each use: one that was
// closed, or on which bytes arrived that belong to no request, is discarded. A
// response that ends early always ends with an error, never like a complete one.
//
// The package knows nothing of credentials, rights or retries. It imports no
// other package of this module.
package h1

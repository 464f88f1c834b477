// Package proxy passes calls on to Paycor through a credential: it adds the
// access token and the subscription key that the caller never sees, and passes
// Paycor's answer back as it is.
//
// It is as careful as it is fast:
//
//   - What goes out is written anew, header by header, from what net/http has
//     understood of the request; nothing a caller sends can end up as framing,
//     as another header or as another host. The path and the query are passed
//     on byte for byte, after the few that could lead elsewhere were refused.
//   - It keeps connections of its own instead of an http.Transport, and reads
//     answers with net/http's own reader. A Transport repeats requests by
//     itself on connections that went stale, and hands each request to two
//     goroutines and back, which costs more than everything this package does.
//     Here nothing is sent again unless send.go says so.
//   - A part of an answer never passes as the whole: whatever breaks off
//     upstream breaks off downstream.
//   - Everything is bounded: calls at once, calls of one credential, calls per
//     minute of one subscription key, and the time in which nothing moves.
//
// It decides nothing about rights: Source does, and says what to send. It may
// import paycor and oauth of ours; it needs no more than paycor.
package proxy

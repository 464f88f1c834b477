// Package paycor holds the words that the page and the server share: the
// credential and its fields, the rules a field has to keep, the secret that
// never prints itself, what Paycor's answer means, and the Service that both
// sides implement.
//
// The package is pure. It does no I/O, knows no HTTP, and imports only the
// standard library, because it is compiled into the page's WebAssembly as
// well as into the server: whatever is checked here is checked by the same
// code on both sides. Every package beneath it is for the server only.
package paycor

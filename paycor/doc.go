// Package paycor is the domain that page and server share: the credential and the
// table of its fields, the check that both sides run, callers and their rights,
// errors, environments, and the secret that never prints itself.
//
// The package is pure. It does no I/O, knows no HTTP and imports only the standard
// library and the shared packages beneath it, because it is compiled into the
// page's WebAssembly as well as into the server. Which packages are shared is listed
// in arrows_test.go; the others beneath it are for the server only.
package paycor

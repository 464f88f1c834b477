// Package trace reads and writes the W3C trace context of a request, so that a call
// can be followed from the program through this server to Paycor.
package trace

// Package notification describes what a workspace is told about and where, for the page
// and the server: kinds of events, channels and their filters, messages and deliveries.
// Package channels manages the channels, package delivery delivers to them.
package notification

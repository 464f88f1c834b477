// Package fields names the fields of a credential and what can be wrong with one. It
// is the lowest of the packages that page and server share. The table of what is known
// about each field is in package paycor.
package fields

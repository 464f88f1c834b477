// Package fields names the fields of a credential and the problems a field can
// have. It is the lowest of the packages that page and server share. The table
// of fields is in package paycor.
package fields

// Package authz holds tests that walk every route of the door, with the real
// manager and a real store behind it: who may take which route, and what
// somebody sees who may not. It has no code of its own.
package authz

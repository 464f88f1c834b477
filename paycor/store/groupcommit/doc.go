// Package groupcommit runs the updates of a store one after another, on the one connection
// of an engine that writes, and lets those that wait at the same time share a transaction.
package groupcommit

// Package postgres is a store.Store in a PostgreSQL database, version 14 or later. Any
// number of processes on any number of machines may have it open.
//
// Updates of all processes run one after another: each transaction begins by changing the
// one row of store_state. Within a process, updates that wait at the same time share a
// transaction, as package groupcommit says. Reads take a snapshot and never wait for
// updates.
//
// Nothing depends on the state of a session, so that a pooler such as pgbouncer may give
// each transaction another connection.
package postgres

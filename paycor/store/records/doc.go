// Package records stores and reads every kind of record, for any SQL engine. An engine
// brings the connection and the transaction, and what its SQL has of its own, as a
// Dialect; this package composes one small type for each kind of record into a store.Tx.
//
// Statements are in the SQL that SQLite and PostgreSQL have in common, apart from a few
// words that Conn describes. So an engine holds what is about its database and not about
// records: opening, migrating, transactions, backups, damage.
//
// It imports no engine.
package records

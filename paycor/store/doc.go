// Package store is the contract of the database: the records it keeps and, for
// each kind of record, one small interface to read it and one to write it. An
// engine implements all of them (package sqlite); the conformance suite in
// storetest holds every engine to the contract.
//
// A Store is transactional. What one Update writes becomes durable together or
// not at all, which is how a change and its audit entry stay together. A use
// case declares the interfaces it needs and narrows the Store to them with
// ScopeOf.
//
// Secrets never reach the disk in clear: the engine encrypts each one
// separately (package seal), so a copy of the database reveals none of them.
//
// The package does no I/O and imports only the domain.
package store

// Package seal encrypts single secret values for storage, so that a copy of
// the database shows none of them.
//
// It works in two layers, known as envelope encryption. A data encryption key
// (DEK) encrypts the values. The DEK is stored beside them, but only wrapped,
// which is to say encrypted itself, under a key encryption key (KEK). The KEK
// never enters the database: it lives in a key file, or in a key management
// service. Whoever steals the database has neither key; to change the KEK,
// only the small DEK has to be wrapped again and not every value; and the DEK
// can be replaced while old values still open, because it is a keyset: one
// primary key that seals, and older keys that only open.
//
// A Sealer holds the unwrapped DEK. Every value is sealed for one Place
// (workspace, credential, field, schema version) and opens in that place only:
// whoever can write to the database still cannot move a sealed value to where
// they might read it. A Sealer also makes fingerprints, keyed digests that
// allow comparing without storing, under a key of its own.
//
// The package knows files, for the key file, and nothing of databases. It
// imports Tink and paycor, nothing else of ours.
package seal

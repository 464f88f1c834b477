// Package seal encrypts single secret values for storage, so that a copy of the
// database reveals none of them.
//
// It uses two layers of keys, which is called envelope encryption:
//
//   - A data encryption key (DEK) encrypts the values. It is stored beside them,
//     but itself encrypted, which is called wrapping.
//   - A key encryption key (KEK) wraps the DEK. It is never in the database: it is
//     in a key file or in a key management service (KMS).
//
// So a stolen database contains no usable key. Changing the KEK means wrapping the
// small DEK again and leaves the values as they are. The DEK can be replaced too,
// because it is a keyset: a primary key encrypts new values, older keys only decrypt.
//
// A Sealer holds the unwrapped DEK. It binds every value to its associated data
// (AAD): workspace, credential, field and schema version. Associated data is not
// stored with the value; decryption needs the same associated data again. A value
// that was moved to another row or field therefore cannot be decrypted there.
//
// A Sealer also makes fingerprints under a key of their own. They are keyed digests,
// which allow comparing data without storing it.
//
// The package reads and writes key files and does not know the database.
package seal

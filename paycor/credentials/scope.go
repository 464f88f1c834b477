package credentials

import "paycorcred/paycor/store"

// Reader is what this package reads.
type Reader interface {
	store.CredentialReader
	store.ApplicationReader
	store.SecretReader
	store.SharingReader
	store.TokenStateReader
	store.ActivationReader
	store.ActivationLinkReader
	store.IdempotencyReader
	store.RotationReader
	store.UsageReader
	store.AuditReader
	store.EnvironmentReader
}

// Tx is what this package reads and writes.
type Tx interface {
	Reader
	store.CredentialWriter
	store.SecretWriter
	store.SharingWriter
	store.TokenStateWriter
	store.ActivationWriter
	store.ScheduleWriter
	store.ActivationLinkWriter
	store.IdempotencyWriter
	store.AuditWriter
	store.EnvironmentWriter
}

package store

import "time"

// IdempotencyRecord remembers the result of a create by its Idempotency-Key.
type IdempotencyRecord struct {
	Workspace  string
	Caller     string
	Key        string
	Request    []byte // fingerprint of the request body
	Credential string // id of the created credential
	ExpiresAt  time.Time
}

// IdempotencyReader finds results of earlier creates.
type IdempotencyReader interface {
	// IdempotencyRecord returns the record of a caller's key.
	IdempotencyRecord(workspace, caller, key string) (IdempotencyRecord, error)
}

// IdempotencyWriter remembers results of creates.
type IdempotencyWriter interface {
	// InsertIdempotencyRecord returns ErrExists if the key is taken.
	InsertIdempotencyRecord(IdempotencyRecord) error
}

package store

import (
	"paycorcred/paycor"
	"paycorcred/paycor/fields"
)

// Secrets holds the secrets of one credential by field, including access and
// refresh tokens.
type Secrets map[fields.Field]paycor.Secret

// SecretReader decrypts secrets.
type SecretReader interface {
	// Secrets decrypts all secrets of one credential.
	Secrets(workspace, id string) (Secrets, error)
}

// SecretWriter deletes secrets. InsertCredential, UpdateCredential and
// PutTokenState store them.
type SecretWriter interface {
	// DeleteSecrets deletes the pending or previous secrets of a rotation.
	// A missing secret is not an error; a current one is.
	DeleteSecrets(workspace, id string, names ...fields.Field) error
}

package store

import (
	"errors"
	"fmt"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Secrets holds the secrets of one credential's application by field, including access and
// refresh tokens.
type Secrets map[fields.Field]paycor.Secret

// UnreadableError means that secrets of a credential cannot be decrypted: the file is
// damaged, or they were moved or changed. For callers it is a *paycor.Error.
type UnreadableError struct {
	Credential string // id
	Fields     []fields.Field
	Cause      error
}

// Error returns the fields and the cause, for logs.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("the secrets %v of credential %s are unreadable: %v", e.Fields, e.Credential, e.Cause)
}

// Unwrap returns the cause.
func (e *UnreadableError) Unwrap() error { return e.Cause }

// As sets a *paycor.Error to the error for callers of the API.
func (e *UnreadableError) As(target any) bool {
	public, ok := target.(**paycor.Error)
	if ok {
		*public = &paycor.Error{Kind: paycor.KindConflict, Message: message.New("error.secrets-unreadable"), Err: errors.New(e.Error())}
	}
	return ok
}

// SecretReader decrypts secrets.
type SecretReader interface {
	// Secrets decrypts all secrets of a credential's application. If some cannot be decrypted,
	// it returns the others with an *UnreadableError.
	Secrets(workspace, id string) (Secrets, error)
}

// SecretWriter deletes secrets. InsertCredential, UpdateCredential and
// PutTokenState store them.
type SecretWriter interface {
	// DeleteSecrets deletes the pending or previous secrets of a rotation.
	// A missing secret is not an error; a current one is.
	DeleteSecrets(workspace, id string, names ...fields.Field) error
}

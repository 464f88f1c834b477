package store

import (
	"paycorcred/paycor"
	"paycorcred/paycor/listing"
)

// CredentialReader reads credentials, without their secrets.
type CredentialReader interface {
	// Credentials lists by the query's sort, then by name, ignoring case, then by id;
	// in the other direction all three are reversed. If only is not empty, it
	// restricts the list to these ids. A cursor that a list with this sort and
	// direction did not return is a paycor.Error of KindMalformed.
	Credentials(workspace string, query paycor.Query, only []string) (paycor.CredentialPage, error)

	// CredentialCounts counts the credentials that the query's viewer sees on its day,
	// only those in only if that is not empty. It ignores search and filter.
	CredentialCounts(workspace string, query paycor.Query, only []string) (listing.Counts, error)

	// Credential returns one credential.
	Credential(workspace, id string) (paycor.Credential, error)

	// Duplicates finds a few credentials with the same environment, Client ID
	// and Legal Entity ID, and a few with the same name, ignoring case. It leaves
	// out the credential itself and does not compare empty values. If only is
	// not empty, it restricts the search to these ids.
	Duplicates(workspace string, of paycor.Credential, only []string) ([]paycor.Duplicate, error)

	// UsedEnvironments counts the credentials of all workspaces by environment.
	UsedEnvironments() (map[string]int, error)
}

// CredentialWriter writes credentials.
type CredentialWriter interface {
	// InsertCredential stores a new credential. The caller sets id, times and version.
	// If the application that it names exists, the credential uses that one: what the
	// credential says about it is ignored, and there must be no secrets. Otherwise the
	// application is stored, too, with the secrets.
	InsertCredential(workspace string, credential paycor.Credential, secrets Secrets) error

	// UpdateCredential stores a changed credential, or returns ErrStale if the
	// stored one is not at version. It keeps secrets that are absent; an empty
	// secret is an error. It stores the time each given secret was saved and
	// keeps the times of the others.
	//
	// What the credential says about its application, and the secrets, are stored for
	// all credentials of the application. If that is a change and the credential's
	// version increases, the versions of the others increase by 1. A credential that
	// names another application moves to it, as in InsertCredential; an empty
	// ApplicationID keeps the application.
	UpdateCredential(workspace string, credential paycor.Credential, version int64, secrets Secrets) error

	// DeleteCredential deletes a credential, or returns ErrStale if it is not at
	// version. The last credential of an application takes the application and its
	// secrets with it.
	DeleteCredential(workspace, id string, version int64) error
}

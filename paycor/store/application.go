package store

import "paycorcred/paycor"

// ApplicationCredential is a credential of an application.
type ApplicationCredential struct {
	ID            string
	LegalEntityID int32
}

// ApplicationFilter says which applications to list.
type ApplicationFilter struct {
	Environment, ClientID string         // empty means all
	After                 string         // ID; empty starts at the first
	Limit                 int            // at least 1
	Viewer                *paycor.Viewer // who has to see one of their credentials; nil sees all
	Only                  []string       // IDs of credentials, one of which they have to have; empty means all
}

// ApplicationReader finds applications. CredentialWriter and TokenStateWriter write them
// through one of their credentials.
type ApplicationReader interface {
	// ApplicationCredentials lists the credentials of an application by ID, or returns
	// ErrNotFound.
	ApplicationCredentials(workspace, application string) ([]ApplicationCredential, error)

	// Applications lists the IDs of applications, sorted.
	Applications(workspace string, filter ApplicationFilter) ([]string, error)

	// ApplicationsOf returns the IDs of the applications of a Client ID, a few at most.
	// There are several if their secrets differ.
	ApplicationsOf(workspace, environment, clientID string) ([]string, error)
}

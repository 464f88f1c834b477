package store

// ApplicationCredential is a credential of an application.
type ApplicationCredential struct {
	ID            string
	LegalEntityID int32
}

// ApplicationReader finds applications. CredentialWriter and TokenStateWriter write them
// through one of their credentials.
type ApplicationReader interface {
	// ApplicationCredentials lists the credentials of an application by ID, or returns
	// ErrNotFound.
	ApplicationCredentials(workspace, application string) ([]ApplicationCredential, error)

	// ApplicationsOf returns the IDs of the applications of a Client ID, a few at most.
	// There are several if their secrets differ.
	ApplicationsOf(workspace, environment, clientID string) ([]string, error)
}

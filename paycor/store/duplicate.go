package store

import "paycorcred/paycor"

// DuplicateReader finds what is saved already.
type DuplicateReader interface {
	// Duplicates finds credentials with the environment, Client ID and Legal
	// Entity ID of this one, and such with its name, without regard to case; a
	// few of each, without this one itself. only restricts it to these ids
	// unless it is empty. Values that are empty are not looked for.
	Duplicates(workspace string, of paycor.Credential, only []string) ([]paycor.Duplicate, error)
}

package store

// EnvironmentReader finds the environments that credentials name.
type EnvironmentReader interface {
	// UsedEnvironments counts the credentials of all workspaces by the name of
	// their environment.
	UsedEnvironments() (map[string]int, error)
}

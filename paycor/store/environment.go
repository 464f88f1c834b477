package store

import "time"

// EnvironmentAddress is where the secrets of an environment may be sent.
type EnvironmentAddress struct {
	Name         string
	APIURL       string
	AuthorizeURL string
	ConfirmedAt  time.Time
}

// EnvironmentReader reads the addresses of environments.
type EnvironmentReader interface {
	// EnvironmentAddresses returns the confirmed addresses by environment.
	EnvironmentAddresses() (map[string]EnvironmentAddress, error)
}

// EnvironmentWriter stores the addresses of environments.
type EnvironmentWriter interface {
	// PutEnvironmentAddress stores the address of an environment, and replaces an
	// earlier one.
	PutEnvironmentAddress(EnvironmentAddress) error
}

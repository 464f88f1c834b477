package fields

// The fields of a host, as they are named in problems.
const (
	HostID      Field = "id"
	HostName    Field = "name"
	HostOrigins Field = "origins"
	HostRights  Field = "rights"
	HostKeys    Field = "keys"
	HostKeysURL Field = "keys_url"
)

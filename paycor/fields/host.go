package fields

// The fields of an embedding site.
const (
	HostID      Field = "id"
	HostName    Field = "name"
	HostOrigins Field = "origins"
	HostRights  Field = "rights"
	HostKeys    Field = "keys"
	HostKeysURL Field = "keys_url"
)

package fields

// The fields of a tenant of an embedding site, beside HostRights.
const (
	TenantID        Field = "tenant"
	TenantWorkspace Field = "workspace"
)

package fields

// The fields of a one-time token of an embedding site.
const (
	EmbedTokenHost        Field = "host"
	EmbedTokenOrigin      Field = "origin"
	EmbedTokenTenant      Field = "tenant"
	EmbedTokenSubject     Field = "subject"
	EmbedTokenName        Field = "name"
	EmbedTokenEmail       Field = "email"
	EmbedTokenGroups      Field = "groups"
	EmbedTokenRights      Field = "rights"
	EmbedTokenCredentials Field = "credentials"
)

package audit

// Actions on and by embedding sites.
const (
	ActionHosts      Action = "host.list"
	ActionHostAdd    Action = "host.add"
	ActionHostUpdate Action = "host.update"
	ActionHostRemove Action = "host.remove"
	ActionEmbed      Action = "access.embed" // an embedding site's token was exchanged for a session
)

package audit

// Actions on and by embedding sites.
const (
	ActionHosts      Action = "host.list"
	ActionHostAdd    Action = "host.add"
	ActionHostUpdate Action = "host.update"
	ActionHostRemove Action = "host.remove"
	ActionEmbedToken Action = "access.embed_token" // a one-time token was created for a person on an embedding site
	ActionEmbed      Action = "access.embed"       // an embedding site's token was exchanged for a session
)

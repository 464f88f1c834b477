package audit

// What is done with hosts, and by them.
const (
	ActionHosts      Action = "host.list"
	ActionHostAdd    Action = "host.add"
	ActionHostUpdate Action = "host.update"
	ActionHostRemove Action = "host.remove"
	ActionEmbed      Action = "access.embed" // a host's token was traded for a session
)

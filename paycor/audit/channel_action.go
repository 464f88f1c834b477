package audit

// Actions on notification channels.
const (
	ActionChannels      Action = "channel.list" // only if denied
	ActionChannelAdd    Action = "channel.add"
	ActionChannelUpdate Action = "channel.update"
	ActionChannelRemove Action = "channel.remove"
	ActionChannelSecret Action = "channel.secret" // its signing secret was replaced
	ActionChannelTest   Action = "channel.test"   // a test was sent; see Outcome
	ActionChannelReplay Action = "channel.replay" // a message is sent once more
)

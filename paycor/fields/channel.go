package fields

// The fields of a notification channel.
const (
	ChannelType        Field = "type"
	ChannelName        Field = "name"
	ChannelAddress     Field = "address"
	ChannelLanguage    Field = "language"
	ChannelKinds       Field = "kinds"
	ChannelTags        Field = "tags"
	ChannelCredentials Field = "credentials"
	ChannelEnabled     Field = "enabled"
)

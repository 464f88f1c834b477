package fields

// The fields of a ConsumerDraft.
const (
	ConsumerName        = Name
	ConsumerRights      = Field("rights")
	ConsumerCredentials = Field("credentials")
	ConsumerExpires     = Field("expires_at")
)

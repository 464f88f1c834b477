package fields

// The secrets of a rotation. Each is sealed under a name of its own, so that it
// cannot be mistaken for the one in use.
const (
	ClientSecretPrevious    Field = "client_secret_previous"
	SubscriptionKeyPrevious Field = "subscription_key_previous"
	ClientSecretPending     Field = "client_secret_pending"
	SubscriptionKeyPending  Field = "subscription_key_pending"
)

// Fields of a rotation only.
const (
	Keep        Field = "keep"
	KeepPending Field = "keep_pending"
)

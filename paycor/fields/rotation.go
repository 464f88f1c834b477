package fields

// Where the secrets of a rotation are sealed: each in a place of its own, so
// that none can be taken for the one in use.
const (
	ClientSecretPrevious    Field = "client_secret_previous"
	SubscriptionKeyPrevious Field = "subscription_key_previous"
	ClientSecretPending     Field = "client_secret_pending"
	SubscriptionKeyPending  Field = "subscription_key_pending"
)

// Fields of a rotation that are no credential's.
const (
	Keep        Field = "keep"
	KeepPending Field = "keep_pending"
)

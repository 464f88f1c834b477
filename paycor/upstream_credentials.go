package paycor

// UpstreamCredentials are what a call to Paycor needs: where to send it, and
// the key and token to send. They are immutable; a new token comes in a new
// value, so callers may compare pointers.
type UpstreamCredentials struct {
	Environment     Environment
	SubscriptionKey Secret
	Token           Secret
}

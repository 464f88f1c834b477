package paycor

// Passage is what it takes to call Paycor through a credential. It is never
// changed once it was handed out: another token is another Passage.
type Passage struct {
	Environment     Environment
	SubscriptionKey Secret
	Token           Secret
}

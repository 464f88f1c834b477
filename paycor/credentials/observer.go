package credentials

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/tokens"
)

// Observer learns what the use of a credential reveals about its state.
// schedule.Queue implements it and has the contract of each method. The methods
// are called for every call to Paycor and must not block.
type Observer interface {
	CredentialRead(key tokens.Key, c paycor.Credential)
	TokenIssued(key tokens.Key, c paycor.Credential)
	ExchangeRejected(key tokens.Key, at time.Time)
	Forget(key tokens.Key)
}

// noObserver ignores everything.
type noObserver struct{}

func (noObserver) CredentialRead(tokens.Key, paycor.Credential) {}
func (noObserver) TokenIssued(tokens.Key, paycor.Credential)    {}
func (noObserver) ExchangeRejected(tokens.Key, time.Time)       {}
func (noObserver) Forget(tokens.Key)                            {}

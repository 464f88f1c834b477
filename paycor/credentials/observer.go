package credentials

import (
	"time"

	"paycorcred/paycor"
)

// Observer learns what the use of a credential reveals about its state.
// schedule.Queue implements it and has the contract of each method. The methods
// are called for every call to Paycor and must not block.
type Observer interface {
	CredentialRead(key paycor.CredentialKey, c paycor.Credential)
	TokenIssued(key paycor.CredentialKey, c paycor.Credential)
	ExchangeRejected(key paycor.CredentialKey, at time.Time)
	Forget(key paycor.CredentialKey)
}

// noObserver ignores everything.
type noObserver struct{}

func (noObserver) CredentialRead(paycor.CredentialKey, paycor.Credential) {}
func (noObserver) TokenIssued(paycor.CredentialKey, paycor.Credential)    {}
func (noObserver) ExchangeRejected(paycor.CredentialKey, time.Time)       {}
func (noObserver) Forget(paycor.CredentialKey)                            {}

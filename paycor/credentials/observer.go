package credentials

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// Observer learns what the use of a credential reveals about its state.
// schedule.Queue implements it and has the contract of each method. The methods
// are called for every call to Paycor and must not block.
type Observer interface {
	CredentialRead(key paycor.CredentialKey, verdict *verdicts.Verdict)
	TokenIssued(key paycor.CredentialKey, verdict *verdicts.Verdict)
	ExchangeRejected(key paycor.CredentialKey, at time.Time)
	Forget(key paycor.CredentialKey)
}

// noObserver ignores everything.
type noObserver struct{}

func (noObserver) CredentialRead(paycor.CredentialKey, *verdicts.Verdict) {}
func (noObserver) TokenIssued(paycor.CredentialKey, *verdicts.Verdict)    {}
func (noObserver) ExchangeRejected(paycor.CredentialKey, time.Time)       {}
func (noObserver) Forget(paycor.CredentialKey)                            {}

package store

import (
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// TokenState describes the Paycor tokens of a credential's application and the lease
// to exchange them. The tokens themselves are among the credential's Secrets, as
// fields.AccessToken and fields.RefreshToken.
type TokenState struct {
	SavedAt           time.Time     // when the given tokens were saved; PutTokenState only
	Epoch             int64         // increases when the access token is discarded because the application changed
	ExpiresAt         time.Time     // when the access token expires
	RenewAt           time.Time     // when to replace the access token
	RejectedAt        time.Time     // when the API last rejected an access token
	RefreshTokenError verdicts.Code // why the refresh token is unusable; empty while it works

	LeaseOwner        string    // process that may exchange tokens; empty without a lease
	LeaseEndsAt       time.Time // a lease that is not released expires then
	ExchangeStartedAt time.Time // set while the result of an exchange with the refresh token is unknown
}

// CallAccess is what a call through a credential needs, and who may make one.
type CallAccess struct {
	CredentialSharing
	ApplicationID   string
	Environment     string
	SubscriptionKey paycor.Secret
	AccessToken     paycor.Secret // empty if there is none
	ExpiresAt       time.Time     // of the access token
	RenewAt         time.Time
	Verdict         *verdicts.Verdict // the latest
}

// TokenStateReader reads the token states of applications, by one of their credentials.
type TokenStateReader interface {
	// CallAccess returns what a call needs. It reads much less than Credential,
	// Secrets and TokenState do, because every call through a credential that is
	// not in memory waits for it.
	CallAccess(workspace, id string) (CallAccess, error)

	// TokenState returns the zero state for a credential without tokens, and
	// ErrNotFound without a credential.
	TokenState(workspace, id string) (TokenState, error)
}

// TokenStateWriter stores the token states of applications, by one of their credentials.
type TokenStateWriter interface {
	// PutTokenState stores a state without changing the credential's version. It
	// replaces the given tokens, deletes empty ones and keeps absent ones. Any
	// other secret is an error.
	PutTokenState(workspace, id string, state TokenState, tokens Secrets) error
}

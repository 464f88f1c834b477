package store

import (
	"paycorcred/paycor/verdicts"
	"time"
)

// TokenState is what a credential holds from Paycor besides the tokens, which
// are among its Secrets (FieldAccessToken, FieldRefreshToken), and who may
// exchange them now.
type TokenState struct {
	SavedAt           time.Time     // of what PutTokenState stores; not kept by itself
	Epoch             int64         // grows when the access token is dropped for a change of values
	ExpiresAt         time.Time     // of the access token
	RenewAt           time.Time     // from when on another one is asked for
	RejectedAt        time.Time     // when the API last refused an access token
	RefreshTokenError verdicts.Code // why the refresh token is of no more use; empty while it is

	LeaseOwner        string    // who may exchange; empty where nobody has the lease
	LeaseEndsAt       time.Time // a lease not given back ends by itself
	ExchangeStartedAt time.Time // an exchange with the refresh token began, and no answer is known
}

package tokens

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
)

// ErrLeaseLost means that Commit stored nothing: the application changed during
// the exchange, or another process holds the lease now.
var ErrLeaseLost = errors.New("the application was changed, or taken over by another process, during the exchange")

// Key identifies an application, and the credential that needs its token. All credentials
// of an application share its tokens.
type Key struct {
	Workspace   string
	Application string // id
	Credential  string // id; for the audit trail
}

// application is the part of the key that identifies the application.
func (k Key) application() Key { return Key{Workspace: k.Workspace, Application: k.Application} }

// State is the stored token state of one application: what an exchange needs,
// and the tokens it has.
type State struct {
	Application Application
	Grant       paycor.Grant

	Access    paycor.Secret // empty if there is none
	ExpiresAt time.Time     // of Access
	RenewAt   time.Time     // when to replace Access

	Refresh           paycor.Secret // empty if there is none
	Unresolved        bool          // an earlier exchange with this refresh token started, and its response never arrived
	RefreshTokenError verdicts.Code // why Refresh is no longer valid; empty if it is

	Epoch int64 // changes whenever the stored access token stops matching the stored values
}

// current reports whether the access token needs no renewal.
func (s State) current(now time.Time) bool { return !s.Access.IsZero() && now.Before(s.RenewAt) }

// usable reports whether the access token still works, even if it is due for
// renewal.
func (s State) usable(now time.Time) bool {
	return !s.Access.IsZero() && now.Add(minRemainingLife).Before(s.ExpiresAt)
}

// unrenewable returns why an exchange would be pointless: Paycor would repeat
// its last response. It returns nil if an exchange can succeed.
func (s State) unrenewable() error {
	switch {
	case s.Grant != paycor.GrantAuthorizationCode:
		return nil
	case s.RefreshTokenError != "":
		return newFailure(s.RefreshTokenError)
	case s.Refresh.IsZero():
		return newFailure(verdicts.CodeActivationNeeded)
	}
	return nil
}

func (s State) token() Token { return Token{Access: s.Access, ExpiresAt: s.ExpiresAt} }

// LeaseResult is the result of AcquireLease.
type LeaseResult string

// The results.
const (
	LeaseAcquired  LeaseResult = "acquired"   // exchange, then Commit
	LeaseNotNeeded LeaseResult = "not needed" // the stored state suffices; no lease was taken
	LeaseBusy      LeaseResult = "busy"       // another owner holds the lease
)

// Result is the result of an exchange, to be committed.
type Result struct {
	Owner              string             // the lease's owner
	SentRefreshToken   paycor.Secret      // empty if none was sent
	Epoch              int64              // of the state the exchange used
	Token              Token              // empty if the exchange failed
	RenewAt            time.Time          // when to replace Token
	RefreshTokenStatus RefreshTokenStatus // of SentRefreshToken, if the exchange failed
	RefreshTokenError  verdicts.Code      // why SentRefreshToken is invalid, if it is
	Code               verdicts.Code      // CodeVerified for a token, else the failure's
}

// Store persists tokens and leases the right to exchange among processes. Each
// method is one transaction; none is open during an exchange.
type Store interface {
	// Load returns the stored state.
	Load(ctx context.Context, key Key) (State, error)

	// AcquireLease takes the lease for a duration, unless enough reports that
	// the current state suffices, or another owner holds the lease. The lease,
	// and the mark that an exchange with the refresh token has started, are
	// durable when it returns. State.Unresolved refers to the exchange before
	// this one.
	AcquireLease(ctx context.Context, key Key, owner string, lease time.Duration, enough func(State) bool) (State, LeaseResult, error)

	// Commit stores a result and releases the lease. It returns ErrLeaseLost if
	// another owner holds the lease. One result is stored even then: the
	// successor of the refresh token that is still stored, because nobody else
	// can have it.
	Commit(ctx context.Context, key Key, result Result) error

	// RejectAccessToken removes an access token that the API rejected, if it is
	// still the stored one. It reports whether another token is worth
	// requesting: not if the previous one was rejected moments ago, too.
	RejectAccessToken(ctx context.Context, key Key, access paycor.Secret) (bool, error)
}

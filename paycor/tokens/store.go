package tokens

import (
	"context"
	"errors"
	"paycorcred/paycor"
	"paycorcred/paycor/verdicts"
	"time"
)

// Key names a credential within its workspace.
type Key struct{ Workspace, Credential string }

// ErrLeaseLost is what Commit says to somebody who no longer holds the lease:
// nothing was stored.
var ErrLeaseLost = errors.New("the credential was changed, or taken over by another process, during the exchange")

// State is what is held for one credential: what a token is asked for with,
// and the tokens that are there already.
type State struct {
	Application Application
	Grant       paycor.Grant

	Access    paycor.Secret // empty where there is none
	ExpiresAt time.Time     // of Access
	RenewAt   time.Time     // from when on another one is asked for

	Refresh           paycor.Secret // empty where there is none
	Unresolved        bool          // an exchange with this refresh token had begun before, and its answer never came
	RefreshTokenError verdicts.Code // why Refresh is of no more use; empty while it is

	Epoch int64 // changes when the stored access token is no longer of the stored values
}

// current reports whether the access token can be handed out without asking for
// another one.
func (h State) current(now time.Time) bool { return !h.Access.IsZero() && now.Before(h.RenewAt) }

// usable reports whether the access token still works, though its time for
// renewal has come.
func (h State) usable(now time.Time) bool {
	return !h.Access.IsZero() && now.Add(shortestUse).Before(h.ExpiresAt)
}

func (h State) token() Token { return Token{Access: h.Access, ExpiresAt: h.ExpiresAt} }

// LeaseResult is what came of asking for the lease.
type LeaseResult string

// What can come of it.
const (
	LeaseAcquired  LeaseResult = "taken"  // the lease is ours: exchange, then Commit
	LeaseNotNeeded LeaseResult = "enough" // what is held will do; nothing was taken
	LeaseBusy      LeaseResult = "busy"   // somebody else has the lease
)

// Result is what came of an exchange.
type Result struct {
	Owner              string             // who took the lease
	SentRefreshToken   paycor.Secret      // the refresh token that was sent; empty where none was
	Epoch              int64              // of what was sent
	Token              Token              // empty where there is none
	RenewAt            time.Time          // of Token
	RefreshTokenStatus RefreshTokenStatus // of Parent, where there is no Token
	RefreshTokenError  verdicts.Code      // why Parent is dead, where it is
	Code               verdicts.Code      // what came of it: CodeVerified for a token
}

// Store keeps tokens where they outlive the process, and leases the right to
// exchange: several processes may share one. Every method is one transaction;
// none is open during an exchange.
type Store interface {
	// Load returns what is held.
	Load(ctx context.Context, key Key) (State, error)

	// AcquireLease takes the lease for a time, unless enough says of what is held at
	// that moment that it will do, or somebody else has it. A taken lease and,
	// where there is a refresh token, the note that an exchange with it has
	// begun, are durable when Begin returns. Held.Uncertain tells of the
	// exchange before this one.
	AcquireLease(ctx context.Context, key Key, owner string, lease time.Duration, enough func(State) bool) (State, LeaseResult, error)

	// Commit stores a result and ends the lease; ErrFenced where the lease is
	// somebody else's by now. One result is taken even then: the successor of
	// the refresh token that is still stored, for nobody else can have it.
	Commit(ctx context.Context, key Key, result Result) error

	// RejectAccessToken drops an access token that the API has refused, if it is still the
	// one that is held. It reports whether it is worth asking for another one:
	// not where the one before was refused a moment ago, too.
	RejectAccessToken(ctx context.Context, key Key, access paycor.Secret) (bool, error)
}

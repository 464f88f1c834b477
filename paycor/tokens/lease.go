package tokens

import (
	"context"
	"paycorcred/paycor/verdicts"

	crand "crypto/rand"
	"errors"
	"math/rand/v2"
	"paycorcred/paycor"
	"paycorcred/paycor/upstream"
	"time"
)

// How often the vault is looked at while somebody else has the lease.
const (
	firstLook = 10 * time.Millisecond
	lastLook  = 300 * time.Millisecond
)

// resolution is a token, and why it is not a newer one.
type resolution struct {
	token   Token
	renewAt time.Time
	failure error
	asked   bool // the token endpoint was
}

// resolve finds a token in the vault or at the token endpoint.
func (t *Source) resolve(ctx context.Context, key Key, fresh bool) (resolution, error) {
	if !fresh { // reading costs less than taking the lease
		held, err := t.config.Store.Load(ctx, key)
		if err != nil {
			return resolution{}, err
		}
		if held.current(t.config.Clock()) {
			return resolution{held.token(), held.RenewAt, nil, false}, nil
		}
		if err := unrenewable(held); err != nil {
			return t.fallBack(held, err, fresh, false)
		}
	}
	got, err := t.exchangeUnderLease(ctx, key, fresh, nil)
	if errors.Is(err, ErrLeaseLost) { // once more, with what is stored now
		got, err = t.exchangeUnderLease(ctx, key, fresh, nil)
	}
	return got, err
}

// unrenewable returns why an exchange need not be tried: Paycor would only be
// asked again what it has answered.
func unrenewable(held State) error {
	switch {
	case held.Grant != paycor.GrantAuthorizationCode:
		return nil
	case held.RefreshTokenError != "":
		return &upstream.Failure{Code: held.RefreshTokenError}
	case held.Refresh.IsZero():
		return &upstream.Failure{Code: verdicts.CodeActivationNeeded}
	}
	return nil
}

// fallBack falls back on a token that still works although it could not be renewed.
func (t *Source) fallBack(held State, failure error, fresh, asked bool) (resolution, error) {
	if fresh || !held.usable(t.config.Clock()) {
		return resolution{asked: asked}, failure
	}
	return resolution{held.token(), held.RenewAt, failure, asked}, nil
}

// exchangeUnderLease waits for the right to exchange, or for whoever has it to be done. The
// exchange is made with other values than the stored ones, where there are.
func (t *Source) exchangeUnderLease(ctx context.Context, key Key, fresh bool, with *Application) (resolution, error) {
	enough := func(held State) bool {
		return unrenewable(held) != nil || !fresh && held.current(t.config.Clock())
	}
	owner := crand.Text()
	for look := firstLook; ; look = min(2*look, lastLook) {
		held, turn, err := t.config.Store.AcquireLease(ctx, key, owner, t.config.Lease, enough)
		switch {
		case err != nil:
			return resolution{}, err
		case turn == LeaseAcquired:
			if with != nil {
				held.Application = *with
			}
			return t.exchange(ctx, key, owner, held, fresh)
		case turn == LeaseNotNeeded:
			if err := unrenewable(held); err != nil && !held.current(t.config.Clock()) {
				return t.fallBack(held, err, fresh, false)
			}
			return resolution{held.token(), held.RenewAt, nil, false}, nil
		}
		timer := time.NewTimer(look/2 + rand.N(look))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return resolution{}, errBusy
		}
	}
}

// exchange asks the token endpoint and commits what came of it, before
// anybody hears of it.
func (t *Source) exchange(ctx context.Context, key Key, owner string, held State, fresh bool) (resolution, error) {
	// Never longer than the lease, whatever the caller's time is: from the end
	// of the lease on somebody else may send the same refresh token.
	limited, cancel := context.WithTimeout(ctx, t.config.Timeout)
	defer cancel()
	result := Result{Owner: owner, Epoch: held.Epoch, Code: verdicts.CodeVerified}
	var err error
	if held.Grant == paycor.GrantAuthorizationCode {
		result.SentRefreshToken = held.Refresh
		result.Token, err = t.config.Client.Refresh(limited, held.Application, held.Refresh)
	} else {
		result.Token, err = t.config.Client.Exchange(limited, held.Application)
	}
	if err == nil {
		result.RenewAt = RenewAt(t.config.Clock(), result.Token.ExpiresAt)
	} else {
		err = result.fail(err, held)
	}
	if commitErr := t.commit(ctx, key, result); commitErr != nil {
		if err == nil || !errors.Is(commitErr, ErrLeaseLost) {
			return resolution{}, commitErr
		}
	}
	if err != nil {
		return t.fallBack(held, err, fresh, true)
	}
	return resolution{result.Token, result.RenewAt, nil, true}, nil
}

// fail notes a failed exchange and returns the error to tell. What Paycor
// takes no longer, after an exchange whose answer never came, was used up by
// that one.
func (r *Result) fail(err error, held State) error {
	failure, ok := upstream.AsFailure(err)
	if !ok { // only our own time limit ends it
		failure = &upstream.Failure{Code: verdicts.CodeTimeout}
	}
	r.RefreshTokenStatus = RefreshTokenUnused
	if !r.SentRefreshToken.IsZero() {
		r.RefreshTokenStatus = RefreshTokenStatusOf(failure)
		unexplained := failure.Code == verdicts.CodeRefreshRefused
		if held.Unresolved && (r.RefreshTokenStatus == RefreshTokenInvalid || unexplained) {
			lost := *failure
			lost.Code = verdicts.CodeRefreshLost
			failure, r.RefreshTokenStatus = &lost, RefreshTokenInvalid
		}
		if r.RefreshTokenStatus == RefreshTokenUnused && held.Unresolved {
			r.RefreshTokenStatus = RefreshTokenUnknown // of the exchange before, still
		}
	}
	if r.RefreshTokenStatus == RefreshTokenInvalid {
		r.RefreshTokenError = failure.Code
	}
	r.Code = failure.Code
	return failure
}

// commit stores a result. A new refresh token exists nowhere else, so the
// vault is asked more than once before it is given up.
func (t *Source) commit(ctx context.Context, key Key, result Result) error {
	const tries, patience, pause = 3, 15 * time.Second, 100 * time.Millisecond
	var err error
	for try := range tries {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		err = t.config.Store.Commit(limited, key, result)
		cancel()
		if err == nil || errors.Is(err, ErrLeaseLost) {
			return err
		}
		time.Sleep(pause << try)
	}
	return err
}

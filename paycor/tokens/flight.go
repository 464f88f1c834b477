package tokens

import (
	"context"
	crand "crypto/rand"
	"errors"
	"math/rand/v2"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/upstream"
)

// How often the vault is looked at while somebody else has the lease.
const (
	firstLook = 10 * time.Millisecond
	lastLook  = 300 * time.Millisecond
)

// found is a token, and why it is not a newer one.
type found struct {
	token   Token
	renewAt time.Time
	failure error
	asked   bool // the token endpoint was
}

// get finds a token in the vault or at the token endpoint.
func (t *Tokens) get(ctx context.Context, key Key, fresh bool) (found, error) {
	if !fresh { // reading costs less than taking the lease
		held, err := t.config.Vault.Load(ctx, key)
		if err != nil {
			return found{}, err
		}
		if held.good(t.config.Clock()) {
			return found{held.token(), held.RenewAt, nil, false}, nil
		}
		if err := hopeless(held); err != nil {
			return t.old(held, err, fresh, false)
		}
	}
	got, err := t.lease(ctx, key, fresh, nil)
	if errors.Is(err, ErrFenced) { // once more, with what is stored now
		got, err = t.lease(ctx, key, fresh, nil)
	}
	return got, err
}

// hopeless returns why an exchange need not be tried: Paycor would only be
// asked again what it has answered.
func hopeless(held Held) error {
	switch {
	case held.Grant != paycor.GrantAuthorizationCode:
		return nil
	case held.Ended != "":
		return &upstream.Failure{Code: held.Ended}
	case held.Refresh.IsZero():
		return &upstream.Failure{Code: paycor.CodeActivationNeeded}
	}
	return nil
}

// old falls back on a token that still works although it could not be renewed.
func (t *Tokens) old(held Held, failure error, fresh, asked bool) (found, error) {
	if fresh || !held.lasting(t.config.Clock()) {
		return found{asked: asked}, failure
	}
	return found{held.token(), held.RenewAt, failure, asked}, nil
}

// lease waits for the right to exchange, or for whoever has it to be done. The
// exchange is made with other values than the stored ones, where there are.
func (t *Tokens) lease(ctx context.Context, key Key, fresh bool, with *Application) (found, error) {
	enough := func(held Held) bool {
		return hopeless(held) != nil || !fresh && held.good(t.config.Clock())
	}
	owner := crand.Text()
	for look := firstLook; ; look = min(2*look, lastLook) {
		held, turn, err := t.config.Vault.Begin(ctx, key, owner, t.config.Lease, enough)
		switch {
		case err != nil:
			return found{}, err
		case turn == TurnTaken:
			if with != nil {
				held.Application = *with
			}
			return t.exchange(ctx, key, owner, held, fresh)
		case turn == TurnEnough:
			if err := hopeless(held); err != nil && !held.good(t.config.Clock()) {
				return t.old(held, err, fresh, false)
			}
			return found{held.token(), held.RenewAt, nil, false}, nil
		}
		timer := time.NewTimer(look/2 + rand.N(look))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return found{}, errBusy
		}
	}
}

// exchange asks the token endpoint and commits what came of it, before
// anybody hears of it.
func (t *Tokens) exchange(ctx context.Context, key Key, owner string, held Held, fresh bool) (found, error) {
	// Never longer than the lease, whatever the caller's time is: from the end
	// of the lease on somebody else may send the same refresh token.
	limited, cancel := context.WithTimeout(ctx, t.config.Timeout)
	defer cancel()
	result := Result{Owner: owner, Epoch: held.Epoch, Code: paycor.CodeVerified}
	var err error
	if held.Grant == paycor.GrantAuthorizationCode {
		result.Parent = held.Refresh
		result.Token, err = t.config.Client.Refresh(limited, held.Application, held.Refresh)
	} else {
		result.Token, err = t.config.Client.Exchange(limited, held.Application)
	}
	if err == nil {
		result.RenewAt = Renewal(t.config.Clock(), result.Token.ExpiresAt)
	} else {
		err = result.fail(err, held)
	}
	if commitErr := t.commit(ctx, key, result); commitErr != nil {
		if err == nil || !errors.Is(commitErr, ErrFenced) {
			return found{}, commitErr
		}
	}
	if err != nil {
		return t.old(held, err, fresh, true)
	}
	return found{result.Token, result.RenewAt, nil, true}, nil
}

// fail notes a failed exchange and returns the error to tell. What Paycor
// takes no longer, after an exchange whose answer never came, was used up by
// that one.
func (r *Result) fail(err error, held Held) error {
	failure, ok := upstream.AsFailure(err)
	if !ok { // only our own time limit ends it
		failure = &upstream.Failure{Code: paycor.CodeTimeout}
	}
	r.Fate = Untouched
	if !r.Parent.IsZero() {
		r.Fate = FateOf(failure)
		unexplained := failure.Code == paycor.CodeRefreshRefused
		if held.Uncertain && (r.Fate == Dead || unexplained) {
			lost := *failure
			lost.Code = paycor.CodeRefreshLost
			failure, r.Fate = &lost, Dead
		}
		if r.Fate == Untouched && held.Uncertain {
			r.Fate = Unknown // of the exchange before, still
		}
	}
	if r.Fate == Dead {
		r.Ended = failure.Code
	}
	r.Code = failure.Code
	return failure
}

// commit stores a result. A new refresh token exists nowhere else, so the
// vault is asked more than once before it is given up.
func (t *Tokens) commit(ctx context.Context, key Key, result Result) error {
	const tries, patience, pause = 3, 15 * time.Second, 100 * time.Millisecond
	var err error
	for try := range tries {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		err = t.config.Vault.Commit(limited, key, result)
		cancel()
		if err == nil || errors.Is(err, ErrFenced) {
			return err
		}
		time.Sleep(pause << try)
	}
	return err
}

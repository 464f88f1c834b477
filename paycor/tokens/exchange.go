package tokens

import (
	"context"
	"errors"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// How often, and for how long, a commit is retried.
const (
	commitAttempts = 3
	commitTimeout  = 15 * time.Second
	commitBackoff  = 100 * time.Millisecond // doubles with each attempt
)

// promptExchanges is how often a token is requested at once while the endpoint fails, if
// the request may be repeated. After that, the cooldown begins.
const promptExchanges = 3

// exchange asks the token endpoint and commits the result before any caller
// sees it.
func (s *Source) exchange(ctx context.Context, key Key, owner string, state State, fresh bool) (resolution, error) {
	// The request must end before the lease does, whatever the caller's deadline:
	// afterward another process may send the same refresh token.
	limited, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	result := Result{Owner: owner, Epoch: state.Epoch, Code: verdicts.CodeVerified}
	var err error
	if state.Grant == paycor.GrantAuthorizationCode {
		result.SentRefreshToken = state.Refresh
		result.Token, err = s.config.Client.Refresh(limited, state.Application, state.Refresh)
	} else {
		result.Token, err = s.clientCredentials(limited, state.Application)
	}
	if err == nil {
		result.RenewAt = RenewAt(s.config.Clock(), result.Token.ExpiresAt)
	} else {
		err = result.fail(err, state)
	}
	if commitErr := s.commit(ctx, key, result); commitErr != nil {
		if err == nil || !errors.Is(commitErr, ErrLeaseLost) {
			return resolution{}, commitErr
		}
	}
	if err != nil {
		return s.fallBack(state, err, fresh, true)
	}
	return resolution{result.Token, result.RenewAt, nil, true}, nil
}

// clientCredentials requests a token, and again if the endpoint had a fault of its own.
func (s *Source) clientCredentials(ctx context.Context, application Application) (Token, error) {
	for attempt := 1; ; attempt++ {
		token, err := s.config.Client.Exchange(ctx, application)
		failure, failed := upstream.AsFailure(err)
		if !failed || !failure.Transient() || attempt == promptExchanges || ctx.Err() != nil {
			return token, err
		}
	}
}

// fail records a failed exchange and returns the error for the callers. If the
// response to an earlier exchange was lost and Paycor rejects the refresh token
// now, the earlier exchange used it.
func (r *Result) fail(err error, state State) error {
	failure, ok := upstream.AsFailure(err)
	if !ok { // only our own timeout ends an exchange without a failure
		failure = newFailure(verdicts.CodeTimeout)
	}
	r.RefreshTokenStatus = RefreshTokenUnused
	if !r.SentRefreshToken.IsZero() {
		r.RefreshTokenStatus = RefreshTokenStatusOf(failure)
		rejected := r.RefreshTokenStatus == RefreshTokenInvalid || failure.Code == verdicts.CodeRefreshRefused
		if state.Unresolved && rejected {
			lost := *failure
			lost.Code = verdicts.CodeRefreshLost
			failure, r.RefreshTokenStatus = &lost, RefreshTokenInvalid
		}
		if state.Unresolved && r.RefreshTokenStatus == RefreshTokenUnused {
			r.RefreshTokenStatus = RefreshTokenUnknown // the earlier exchange is still unresolved
		}
	}
	if r.RefreshTokenStatus == RefreshTokenInvalid {
		r.RefreshTokenError = failure.Code
	}
	r.Code = failure.Code
	return failure
}

// commit stores a result. It retries, because a new refresh token exists
// nowhere else.
func (s *Source) commit(ctx context.Context, key Key, result Result) error {
	for attempt := 1; ; attempt++ {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
		err := s.config.Store.Commit(limited, key, result)
		cancel()
		if err == nil || errors.Is(err, ErrLeaseLost) || attempt == commitAttempts {
			return err
		}
		time.Sleep(commitBackoff << (attempt - 1))
	}
}

func newFailure(code verdicts.Code) *upstream.Failure { return &upstream.Failure{Code: code} }

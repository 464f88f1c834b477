package tokens

import (
	"context"
	crand "crypto/rand"
	"errors"
	"math/rand/v2"
	"time"
)

// Polling intervals while another owner holds the lease.
const (
	minPollInterval = 10 * time.Millisecond
	maxPollInterval = 300 * time.Millisecond
)

// resolution is a token, and why it is not a newer one.
type resolution struct {
	token     Token
	renewAt   time.Time
	failure   error
	requested bool // the token endpoint was called
}

func storedToken(state State) resolution {
	return resolution{token: state.token(), renewAt: state.RenewAt}
}

// resolve finds a token in the store or gets one from the token endpoint.
func (s *Source) resolve(ctx context.Context, key Key, fresh bool) (resolution, error) {
	if !fresh { // reading costs less than taking the lease
		state, err := s.config.Store.Load(ctx, key)
		if err != nil {
			return resolution{}, err
		}
		if state.current(s.config.Clock()) {
			return storedToken(state), nil
		}
		if err := state.unrenewable(); err != nil {
			return s.fallBack(state, err, fresh, false)
		}
	}
	found, err := s.exchangeUnderLease(ctx, key, fresh, nil)
	if errors.Is(err, ErrLeaseLost) { // once more, with the values that are stored now
		found, err = s.exchangeUnderLease(ctx, key, fresh, nil)
	}
	return found, err
}

// fallBack returns the stored token if it still works although it could not be
// renewed, else failure.
func (s *Source) fallBack(state State, failure error, fresh, requested bool) (resolution, error) {
	if fresh || !state.usable(s.config.Clock()) {
		return resolution{requested: requested}, failure
	}
	return resolution{state.token(), state.RenewAt, failure, requested}, nil
}

// exchangeUnderLease waits for the lease, or for its owner to store a token, and
// then exchanges. If with is not nil, it replaces the stored values.
func (s *Source) exchangeUnderLease(ctx context.Context, key Key, fresh bool, with *Application) (resolution, error) {
	enough := func(state State) bool {
		return state.unrenewable() != nil || !fresh && state.current(s.config.Clock())
	}
	owner := crand.Text()
	for interval := minPollInterval; ; interval = min(2*interval, maxPollInterval) {
		state, result, err := s.config.Store.AcquireLease(ctx, key, owner, s.config.Lease, enough)
		switch {
		case err != nil:
			return resolution{}, err
		case result == LeaseAcquired:
			if with != nil {
				state.Application = *with
			}
			return s.exchange(ctx, key, owner, state, fresh)
		case result == LeaseNotNeeded:
			if err := state.unrenewable(); err != nil && !state.current(s.config.Clock()) {
				return s.fallBack(state, err, fresh, false)
			}
			return storedToken(state), nil
		}
		timer := time.NewTimer(interval/2 + rand.N(interval))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return resolution{}, errBusy
		}
	}
}

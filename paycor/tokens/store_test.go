package tokens_test

import (
	"context"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/tokens"
)

// memory is a vault of one credential. The manager's, over a real store, has
// the same tests in its own package.
type memory struct {
	mu       sync.Mutex
	held     tokens.State
	owner    string
	ends     time.Time
	began    bool
	commits  []tokens.Result
	failures int // commits that fail before one succeeds
	order    []string
}

func (m *memory) lock() func() { m.mu.Lock(); return m.mu.Unlock }

func (m *memory) Load(context.Context, tokens.Key) (tokens.State, error) {
	defer m.lock()()
	return m.held, nil
}

func (m *memory) AcquireLease(_ context.Context, _ tokens.Key, owner string, lease time.Duration, enough func(tokens.State) bool) (tokens.State, tokens.LeaseResult, error) {
	defer m.lock()()
	held := m.held
	held.Unresolved = m.began
	switch {
	case enough(held):
		return held, tokens.LeaseNotNeeded, nil
	case m.owner != "" && m.owner != owner && time.Now().Before(m.ends):
		return held, tokens.LeaseBusy, nil
	}
	m.owner, m.ends = owner, time.Now().Add(lease)
	m.began = m.began || held.Grant == paycor.GrantAuthorizationCode
	return held, tokens.LeaseAcquired, nil
}

func (m *memory) Commit(_ context.Context, _ tokens.Key, result tokens.Result) error {
	defer m.lock()()
	if m.failures > 0 {
		m.failures--
		return context.DeadlineExceeded
	}
	if m.owner != result.Owner {
		return tokens.ErrLeaseLost
	}
	m.owner = ""
	m.commits, m.order = append(m.commits, result), append(m.order, "commit")
	switch {
	case !result.Token.Access.IsZero():
		m.held.Access, m.held.ExpiresAt, m.held.RenewAt = result.Token.Access, result.Token.ExpiresAt, result.RenewAt
		m.began = false
		if !result.Token.Refresh.IsZero() {
			m.held.Refresh = result.Token.Refresh
		}
	case result.RefreshTokenStatus == tokens.RefreshTokenInvalid:
		m.held.RefreshTokenError, m.began = result.RefreshTokenError, false
	case result.RefreshTokenStatus == tokens.RefreshTokenUnused:
		m.began = false
	}
	return nil
}

func (m *memory) RejectAccessToken(_ context.Context, _ tokens.Key, access paycor.Secret) (bool, error) {
	defer m.lock()()
	if m.held.Access == access {
		m.held.Access = paycor.Secret{}
	}
	return true, nil
}

func (m *memory) results() []tokens.Result {
	defer m.lock()()
	return m.commits
}

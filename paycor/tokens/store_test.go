package tokens_test

import (
	"context"
	"sync"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/tokens"
)

// memoryStore stores the state of one credential. Package credentials runs the
// same scenarios against the database.
type memoryStore struct {
	mu       sync.Mutex
	state    tokens.State
	owner    string
	expires  time.Time
	started  bool
	commits  []tokens.Result
	failures int // commits to fail before one succeeds

	onLoad    func() // called before each reading
	loadErr   error  // of each reading
	rejectErr error  // of RejectAccessToken
}

func (m *memoryStore) lock() func() { m.mu.Lock(); return m.mu.Unlock }

func (m *memoryStore) Load(context.Context, tokens.Key) (tokens.State, error) {
	if m.onLoad != nil {
		m.onLoad()
	}
	defer m.lock()()
	return m.state, m.loadErr
}

func (m *memoryStore) AcquireLease(_ context.Context, _ tokens.Key, owner string, lease time.Duration, enough func(tokens.State) bool) (tokens.State, tokens.LeaseResult, error) {
	defer m.lock()()
	state := m.state
	state.Unresolved = m.started
	switch {
	case enough(state):
		return state, tokens.LeaseNotNeeded, nil
	case m.owner != "" && m.owner != owner && time.Now().Before(m.expires):
		return state, tokens.LeaseBusy, nil
	}
	m.owner, m.expires = owner, time.Now().Add(lease)
	m.started = m.started || state.Grant == paycor.GrantAuthorizationCode
	return state, tokens.LeaseAcquired, nil
}

func (m *memoryStore) Commit(_ context.Context, _ tokens.Key, result tokens.Result) error {
	defer m.lock()()
	if m.failures > 0 {
		m.failures--
		return context.DeadlineExceeded
	}
	if m.owner != result.Owner {
		return tokens.ErrLeaseLost
	}
	m.owner = ""
	m.commits = append(m.commits, result)
	switch {
	case !result.Token.Access.IsZero():
		m.state.Access, m.state.ExpiresAt, m.state.RenewAt = result.Token.Access, result.Token.ExpiresAt, result.RenewAt
		m.started = false
		if !result.Token.Refresh.IsZero() {
			m.state.Refresh = result.Token.Refresh
		}
	case result.RefreshTokenStatus == tokens.RefreshTokenInvalid:
		m.state.RefreshTokenError, m.started = result.RefreshTokenError, false
	case result.RefreshTokenStatus == tokens.RefreshTokenUnused:
		m.started = false
	}
	return nil
}

func (m *memoryStore) RejectAccessToken(_ context.Context, _ tokens.Key, access paycor.Secret) (bool, error) {
	defer m.lock()()
	if m.state.Access == access {
		m.state.Access = paycor.Secret{}
	}
	return true, m.rejectErr
}

func (m *memoryStore) results() []tokens.Result {
	defer m.lock()()
	return m.commits
}

package tokens

import (
	"context"
	"time"

	"paycorcred/paycor"
)

// Access is what a call through a credential needs. All values come from one snapshot of
// the store, so the environment, the key and the token belong together.
type Access struct {
	Application     string // id
	Environment     paycor.Environment
	SubscriptionKey paycor.Secret
	Token           paycor.Secret // the access token
	ExpiresAt       time.Time     // of the token
}

// maxAccessAttempts limits how often Access starts over because the values
// changed.
const maxAccessAttempts = 5

// Access returns what a call needs, and gets a token if there is none. stored is what was
// just read from the store, and renewAt when to renew its token: a rotation or an edit may
// have happened since earlier calls, and RejectToken.
//
// Token is asked only if the stored one is due for renewal: it answers from memory, which
// may lag behind the store, so Access accepts the values only with the token that Token
// returned.
func (s *Source) Access(ctx context.Context, credential paycor.CredentialKey, stored Access, renewAt time.Time) (Access, error) {
	if !stored.Token.IsZero() && s.config.Clock().Before(renewAt) {
		return stored, nil
	}
	key := Key{credential.Workspace, stored.Application, credential.Credential}
	for attempt := 1; ; attempt++ {
		token, err := s.Token(ctx, key)
		if err != nil {
			return Access{}, err
		}
		state, err := s.config.Store.Load(ctx, key)
		if err != nil {
			return Access{}, err
		}
		last := attempt == maxAccessAttempts
		if state.Access == token.Access || last && state.usable(s.config.Clock()) {
			return state.access(stored.Application), nil
		}
		if last {
			return Access{}, errUnstable
		}
		s.dropStale(key, token.Access)
	}
}

func (s State) access(application string) Access {
	return Access{
		Application: application, Environment: s.Application.Environment, SubscriptionKey: s.Application.SubscriptionKey, Token: s.Access, ExpiresAt: s.ExpiresAt,
	}
}

// dropStale removes a token from memory that is no longer the stored one.
func (s *Source) dropStale(key Key, access paycor.Secret) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[key.application()]; e != nil && e.token.Access == access {
		e.token, e.failure = Token{}, nil
	}
}
